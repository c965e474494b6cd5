"""Files of the run store, in a folder and in a bucket alike: whole under their name, or not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from apps.executions.core.objects import FolderObjects, Objects
from apps.executions.core.s3_objects import Bucket, S3Objects
from apps.kernel.errors import TransientNodeError


def put(files: Objects, name: str, *numbers: int) -> None:
    files.scratch.mkdir(parents=True, exist_ok=True)
    written = files.scratch / ".half.part"
    pl.DataFrame({"n": numbers}, schema={"n": pl.Int64}).write_ipc(written)
    files.put(written, name)
    assert not written.exists(), "the written file is gone once it has its name"


def names(files: Objects, prefix: str) -> list[str]:
    return sorted(entry.name for entry in files.entries(prefix))


def test_what_was_put_is_there_with_its_size_and_age(files: Objects) -> None:
    assert not files.has("harbour/ida.arrow")
    put(files, "harbour/ida.arrow", 1, 2, 3)
    assert files.has("harbour/ida.arrow")
    [entry] = files.entries("harbour")
    assert (entry.name, entry.bytes > 0) == ("harbour/ida.arrow", True)
    assert abs(entry.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert files.scan("harbour/ida.arrow").filter(pl.col("n") > 1).collect().to_series().to_list() == [2, 3]
    assert files.scan("harbour/ida.arrow").slice(1, 1).collect().item() == 2


def test_a_name_that_is_put_again_has_the_newer_bytes(files: Objects) -> None:
    put(files, "harbour/ida.arrow", 1)
    put(files, "harbour/ida.arrow", 2, 2)
    assert files.scan("harbour/ida.arrow").collect().to_series().to_list() == [2, 2]


def test_a_copy_outlives_its_source(files: Objects) -> None:
    put(files, "harbour/run-1/ida.arrow", 7)
    files.copy("harbour/run-1/ida.arrow", "harbour/objects/ida.arrow")
    files.copy("harbour/run-1/ida.arrow", "harbour/objects/ida.arrow")
    files.delete(["harbour/run-1/ida.arrow"])
    assert names(files, "harbour") == ["harbour/objects/ida.arrow"]
    assert files.scan("harbour/objects/ida.arrow").collect().item() == 7
    with pytest.raises(FileNotFoundError):
        files.copy("harbour/run-1/ida.arrow", "harbour/objects/other.arrow")
    assert names(files, "harbour") == ["harbour/objects/ida.arrow"]


def test_a_prefix_is_a_folder_and_not_the_beginning_of_a_name(files: Objects) -> None:
    for name in ("sea/run-1/a.arrow", "sea/run-1/loops/b.arrow", "sea/run-10/c.arrow", "seal/run-1/d.arrow"):
        put(files, name, 1)
    assert names(files, "sea/run-1") == ["sea/run-1/a.arrow", "sea/run-1/loops/b.arrow"]
    assert sorted(files.folders("sea")) == ["run-1", "run-10"]
    assert files.folders("nowhere") == []
    files.delete_below("sea/run-1")
    assert names(files, "sea") == ["sea/run-10/c.arrow"]
    assert names(files, "seal") == ["seal/run-1/d.arrow"]


def test_removing_what_is_not_there_is_harmless(files: Objects) -> None:
    put(files, "sea/a.arrow", 1)
    files.delete(["sea/a.arrow", "sea/b.arrow"])
    files.delete([])
    files.delete_below("nowhere")
    assert names(files, "sea") == []


def test_half_written_files_below_a_prefix_go_with_it(files: Objects) -> None:
    half = files.scratch / "sea" / "run-1" / ".x.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    files.delete_below("sea/run-1")
    assert not half.exists()


def test_a_folder_that_has_become_empty_goes(tmp_path: Path) -> None:
    files = FolderObjects(tmp_path)
    put(files, "sea/objects/2026-11-21/a.arrow", 1)
    files.delete(["sea/objects/2026-11-21/a.arrow"])
    assert files.folders("sea/objects") == []


@pytest.mark.parametrize("url", ["s3:/x", "http://bucket/x", "s3://", "s3://key:secret@bucket/x", "bucket"])
def test_an_address_that_names_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        Bucket.parse(url)


def test_an_address_names_bucket_and_prefix() -> None:
    assert Bucket.parse("s3://runs") == Bucket("runs")
    assert Bucket.parse("s3://runs/uzo/prod/", region="eu-west-1") == Bucket("runs", "uzo/prod", region="eu-west-1")


def test_t23_a_bucket_that_refuses_is_told_without_its_secret(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Bucket("no-such-bucket-at-all", "", bucket.endpoint, "us-east-1", "harbour", "s3cret-tide")
    files = S3Objects(gone, tmp_path)
    with pytest.raises(TransientNodeError) as failed:
        put(files, "sea/a.arrow", 1)
    assert (failed.value.code, bool(failed.value.remedy)) == ("run_store_unreachable", True)
    said = f"{failed.value} {failed.value.__cause__} {caplog.text} {gone!r}"
    assert "run store" in caplog.text
    assert "s3cret-tide" not in said
