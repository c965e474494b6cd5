"""Files on disk: ids there, names are data."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from apps.connectors.sdk import ConnectorError, Storage
from apps.connectors.sdk.storage import check_name


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


def test_a_file_comes_back_by_its_name(storage: Storage) -> None:
    stored = storage.put("Ships of 2024.csv", [b"id\n", b"1\n"])
    assert stored.size == 5
    assert storage.path(storage.get("Ships of 2024.csv")).read_bytes() == b"id\n1\n"
    assert [file.name for file in storage.files()] == ["Ships of 2024.csv"]


def test_names_never_reach_the_disk(storage: Storage) -> None:
    storage.put("Ships.csv", [b"x"])
    assert "Ships" not in " ".join(os.listdir(storage.root))
    assert (storage.root / "index.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "...", " ", "../a", "a/b", "a\\b", "a\x00b", "a\n", "a\nb", "x" * 201, "a:b", "a*b", "~root#"],
)
def test_t43_traversal(storage: Storage, name: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        storage.put(name, [b"x"])
    assert refused.value.code == "invalid_name"
    with pytest.raises(ConnectorError):
        storage.get(name)


@pytest.mark.parametrize("name", ["a.csv", "Été 2024.csv", "船.json", "a-b_c.d", "x" * 200, ".hidden"])
def test_ordinary_names_pass(name: str) -> None:
    assert check_name(name) == name


def test_t43_symlinks(storage: Storage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for tenants")
    file = storage.put("a.csv", [b"x"])
    path = storage.path(file)
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(ConnectorError) as refused:
        storage.path(file)
    assert refused.value.code == "unsafe_file"


def test_t43_a_folder_that_is_a_link_takes_no_file(storage: Storage, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    storage.root.parent.mkdir(parents=True, exist_ok=True)
    storage.root.symlink_to(elsewhere)
    with pytest.raises(ConnectorError) as refused:
        storage.put("a.csv", [b"x"])
    assert refused.value.code == "unsafe_file"
    assert list(elsewhere.iterdir()) == []


def test_t43_an_index_that_names_a_path_is_refused(storage: Storage) -> None:
    storage.put("a.csv", [b"x"])
    entries = json.loads((storage.root / "index.json").read_text())
    entries[0]["id"] = "../../etc/passwd"
    (storage.root / "index.json").write_text(json.dumps(entries))
    with pytest.raises(ConnectorError) as refused:
        storage.path(storage.get("a.csv"))
    assert refused.value.code == "unsafe_file"


def test_a_write_that_fails_leaves_the_old_file(storage: Storage) -> None:
    storage.put("a.csv", [b"old"])

    def broken():  # type: ignore[no-untyped-def]
        yield b"new"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        storage.put("a.csv", broken())
    assert storage.path(storage.get("a.csv")).read_bytes() == b"old"
    assert len([name for name in os.listdir(storage.root) if not name.startswith("index")]) == 1


def test_f6_readers_see_the_old_file_or_the_new_one(storage: Storage) -> None:
    storage.put("a.csv", [b"0" * 1000])
    stop, seen = threading.Event(), set()

    def poll() -> None:
        while not stop.is_set():
            content = storage.path(storage.get("a.csv")).read_bytes()
            seen.add((len(content), len(set(content))))

    reader = threading.Thread(target=poll)
    reader.start()
    for digit in b"123456789":
        storage.put("a.csv", (bytes([digit]) * 100 for _ in range(10)))
    stop.set()
    reader.join()
    assert seen == {(1000, 1)}


def test_parallel_uploads_lose_nothing(storage: Storage) -> None:
    threads = [threading.Thread(target=storage.put, args=(f"{n}.csv", [b"x"])) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(storage.files()) == 20


def test_limits_hold(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "files", quota=10)
    storage.put("a.csv", [b"12345"])
    with pytest.raises(ConnectorError) as refused:
        storage.put("b.csv", [b"123456"])
    assert refused.value.code == "file_too_large"
    storage.put("a.csv", [b"1234567890"])
    with pytest.raises(ConnectorError):
        storage.put("a.csv", [b"x"] * 100, limit=9)
    assert storage.get("a.csv").size == 10


def test_facts_go_with_the_content(storage: Storage) -> None:
    first = storage.put("a.csv", [b"1"])
    storage.remember(first, {"rows": 1})
    assert storage.get("a.csv").facts == {"rows": 1}
    storage.put("a.csv", [b"2"])
    storage.remember(first, {"rows": 1})
    assert storage.get("a.csv").facts == {}


def test_deleting_is_final(storage: Storage) -> None:
    path = storage.path(storage.put("a.csv", [b"1"]))
    storage.delete("a.csv")
    assert not path.exists()
    with pytest.raises(ConnectorError):
        storage.delete("a.csv")
