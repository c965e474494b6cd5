"""Connectors over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.access import Level
from apps.accounts.services.permissions import grant
from apps.connectors.models import Connector

PATH = "/api/v1/connectors"


def made(client: Any, connector_type: str, config: Any, name: str = "Harbour data") -> dict[str, Any]:
    answer = client.post(PATH, {"name": name, "connector_type": connector_type, "config": config})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_secret_is_sealed_and_comes_back_as_set(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config | {"password": "blue heron 7"})
    assert body["config"]["password"] == {"set": True}
    row = Connector.objects.get(pk=body["id"])
    assert "blue heron 7" not in str(row.config) + str(row.secrets)
    assert list(row.secrets) == ["password"]
    read = api(owner).get(f"{PATH}/{body['id']}").json()
    assert read["config"]["password"] == {"set": True}
    assert "blue heron 7" not in api(owner).get(PATH).content.decode()


def test_a_header_of_an_api_is_a_secret(owner: Any, api: Any) -> None:
    config = {"base_url": "https://api.example", "headers": {"Authorization": "Bearer heron"}}
    body = made(api(owner), "http", config)
    assert body["config"]["headers"] == {"Authorization": {"set": True}}


def test_testing_a_connector_tells_what_it_found(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    answer = api(owner).post(f"{PATH}/{body['id']}/test")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert answer.json()["code"] == "ok"
    assert answer.json()["latency_ms"] > 0


@pytest.mark.parametrize(
    ("change", "code"),
    [({"database": "no_such_database"}, "unknown_database"), ({"host": "10.1.2.3"}, "egress_blocked"),
     ({"host": "169.254.169.254"}, "egress_blocked"), ({"port": 1}, "egress_blocked")],
)  # fmt: skip
def test_an_unsaved_connector_can_be_tried(
    owner: Any, api: Any, postgresql_config: Any, change: dict[str, Any], code: str
) -> None:
    answer = api(owner).post(f"{PATH}/test", {"connector_type": "postgresql", "config": postgresql_config | change})
    assert answer.status_code == 200, answer.content
    assert answer.json()["ok"] is False
    assert answer.json()["code"] == code
    assert postgresql_config["password"] not in answer.content.decode()


def test_unknown_settings_are_refused(owner: Any, api: Any, postgresql_config: Any) -> None:
    answer = api(owner).post(
        PATH, {"name": "x", "connector_type": "postgresql", "config": postgresql_config | {"options": "-c x"}}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"] == [
        {"field": "config.options", "code": "unknown_config_key", "message": "there is no such setting"}
    ]


def test_a_patch_merges_and_keeps_the_secret(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    path = f"{PATH}/{body['id']}"
    answer = api(owner).patch(path, {"config": {"username": "somebody", "password": {"set": True}}})
    assert answer.status_code == 200, answer.content
    assert answer.json()["config"]["username"] == "somebody"
    assert answer.json()["config"]["database"] == postgresql_config["database"]
    assert answer.json()["config"]["password"] == {"set": True}
    api(owner).patch(path, {"config": {"username": postgresql_config["username"]}})
    assert api(owner).post(f"{path}/test").json()["ok"] is True


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"port": 5433}])
@pytest.mark.parametrize("password", [None, {"set": True}])
def test_t24_a_secret_does_not_follow_a_change_of_host(
    owner: Any, api: Any, postgresql_config: Any, change: dict[str, Any], password: Any
) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    patch = change | ({"password": password} if password else {})
    answer = api(owner).patch(f"{PATH}/{body['id']}", {"config": patch})
    assert answer.status_code == 422
    assert answer.json()["code"] == "secret_required"
    again = api(owner).patch(f"{PATH}/{body['id']}", {"config": change | {"password": "given again"}})
    assert again.status_code == 200


def test_t24_a_header_does_not_follow_a_change_of_url(owner: Any, api: Any) -> None:
    body = made(api(owner), "http", {"base_url": "https://api.example", "headers": {"X-Key": "heron"}})
    answer = api(owner).patch(f"{PATH}/{body['id']}", {"config": {"base_url": "https://evil.example"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "secret_required")
    added = {"base_url": "https://evil.example", "headers": {"X-Other": "mine"}}
    answer = api(owner).patch(f"{PATH}/{body['id']}", {"config": added})
    assert (answer.status_code, answer.json()["code"]) == (422, "secret_required")
    given = {"base_url": "https://other.example", "headers": {"X-Key": "new"}}
    assert api(owner).patch(f"{PATH}/{body['id']}", {"config": given}).status_code == 200


def test_tables_are_discovered_and_kept(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    path = f"{PATH}/{body['id']}/schema"
    assert api(owner).get(path).json()["tables"] == []
    answer = api(owner).post(path, {"table": "public.tenants_domain"})
    assert answer.status_code == 200, answer.content
    table = answer.json()["tables"][0]
    assert table["name"] == "public.tenants_domain"
    assert {"name": "domain", "type": "string", "nullable": False} in table["columns"]
    assert api(owner).get(path).json() == answer.json()


def test_a_preview_shows_rows_of_a_query(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    asked = {
        "query": "SELECT n, n * 1.5 AS half FROM generate_series(1, 500) AS n WHERE n > :least",
        "parameters": {"least": 3},
    }
    answer = api(owner).post(f"{PATH}/{body['id']}/preview", asked | {"limit": 2})
    assert answer.status_code == 200, answer.content
    assert answer.json()["rows"] == [[4, "6.000000000"], [5, "7.500000000"]]
    assert answer.json()["columns"][0] == {"name": "n", "type": "int32"}


@pytest.mark.parametrize(
    ("query", "code"),
    [("DELETE FROM public.tenants_domain", "write_not_allowed"), ("SELECT 1; SELECT 2", "invalid_query"),
     ("SELECT nothing FROM nowhere", "unknown_table")],
)  # fmt: skip
def test_t40_a_preview_has_no_effect(owner: Any, api: Any, postgresql_config: Any, query: str, code: str) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    answer = api(owner).post(f"{PATH}/{body['id']}/preview", {"query": query})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def upload(client: Any, connector: str, name: str, content: bytes) -> Any:
    # SimpleUploadedFile would take folders off the name; the body is written by hand.
    boundary = "heron"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return client.generic(
        "POST", f"{PATH}/{connector}/files", head + content + f"\r\n--{boundary}--\r\n".encode(),
        content_type=f"multipart/form-data; boundary={boundary}",
    )  # fmt: skip


def test_files_are_uploaded_listed_previewed_and_deleted(owner: Any, api: Any) -> None:
    client = api(owner)
    files = made(client, "files", {})
    answer = upload(client, files["id"], "ships of 2024.csv", b"id,name\n1,Mary\n2,Rose\n")
    assert answer.status_code == 201, answer.content
    assert answer.json()["columns"] == [
        {"name": "id", "type": "int64", "nullable": True},
        {"name": "name", "type": "string", "nullable": True},
    ]
    assert answer.json()["size"] == 22
    listed = client.get(f"{PATH}/{files['id']}/files").json()
    assert [file["name"] for file in listed["results"]] == ["ships of 2024.csv"]
    one = client.get(f"{PATH}/{files['id']}/files/ships of 2024.csv").json()
    assert one["sha256"] == answer.json()["sha256"]
    assert one["columns"] == answer.json()["columns"]
    content = client.get(f"{PATH}/{files['id']}/files/ships of 2024.csv?download=true")
    assert b"".join(content.streaming_content) == b"id,name\n1,Mary\n2,Rose\n"
    rows = client.get(f"{PATH}/{files['id']}/preview?table=ships of 2024.csv").json()
    assert rows["rows"] == [[1, "Mary"], [2, "Rose"]]
    assert client.delete(f"{PATH}/{files['id']}/files/ships of 2024.csv").status_code == 204
    assert client.get(f"{PATH}/{files['id']}/files/ships of 2024.csv").status_code == 404


def test_uploading_again_refreshes_what_is_known(owner: Any, api: Any) -> None:
    client = api(owner)
    files = made(client, "files", {})
    upload(client, files["id"], "a.csv", b"id\n1\n")
    upload(client, files["id"], "a.csv", b"name,born\nMary,2001-02-03\n")
    tables = client.get(f"{PATH}/{files['id']}/schema").json()["tables"]
    assert [(column["name"], column["type"]) for column in tables[0]["columns"]] == [
        ("name", "string"),
        ("born", "date"),
    ]


def test_files_are_searched_and_ordered(owner: Any, api: Any) -> None:
    client = api(owner)
    files = made(client, "files", {})
    for name, content in (("log of May.csv", b"a\n1\n"), ("log of June.csv", b"a\n1\n2\n"), ("crew.csv", b"a\n")):
        upload(client, files["id"], name, content)

    def names(query: str) -> list[str]:
        return [each["name"] for each in client.get(f"{PATH}/{files['id']}/files?{query}").json()["results"]]

    assert names("search=may%20LOG") == ["log of May.csv"]
    assert names("ordering=-size") == ["log of June.csv", "log of May.csv", "crew.csv"]
    assert client.get(f"{PATH}/{files['id']}/files?ordering=id").json()["code"] == "unknown_filter"


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b.csv", "a\\b.csv", "...", "x" * 201, "a:b.csv", ""])
def test_t42_names_with_folders_are_refused(owner: Any, api: Any, name: str) -> None:
    client = api(owner)
    files = made(client, "files", {})
    answer = upload(client, files["id"], name, b"a\n1\n")
    assert answer.status_code == 400
    if name:
        assert answer.json()["code"] == "invalid_name"
    assert client.get(f"{PATH}/{files['id']}/files").json()["count"] == 0


def test_a_file_beyond_the_limit_is_413_and_leaves_nothing(owner: Any, api: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    client = api(owner)
    files = made(client, "files", {})
    answer = upload(client, files["id"], "a.csv", b"a\n" + b"1\n" * 100)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert client.get(f"{PATH}/{files['id']}/files").json()["count"] == 0


def test_a_file_that_is_no_table_is_stored_and_says_why(owner: Any, api: Any) -> None:
    client = api(owner)
    files = made(client, "files", {})
    answer = upload(client, files["id"], "broken.parquet", b"PAR1 but not really")
    assert answer.status_code == 201
    assert answer.json()["columns"] is None
    assert answer.json()["problem"]["code"] == "invalid_file"


def test_t11_another_users_connector_is_not_found(owner: Any, viewer: Any, api: Any) -> None:
    files = made(api(owner), "files", {})
    for method, path in (
        ("get", ""), ("patch", ""), ("delete", ""), ("post", "/test"), ("get", "/schema"), ("post", "/schema"),
        ("get", "/preview"), ("post", "/preview"), ("get", "/files"), ("post", "/files"), ("get", "/files/a.csv"),
        ("delete", "/files/a.csv"),
    ):  # fmt: skip
        answer = getattr(api(viewer), method)(f"{PATH}/{files['id']}{path}")
        assert answer.status_code == 404, (method, path)
        assert getattr(api(), method)(f"{PATH}/{files['id']}{path}").status_code == 401
    assert api(viewer).get(PATH).json()["count"] == 0


def test_t5_another_tenants_connector_is_not_found(owner: Any, rival_owner: Any, rival: Any, api: Any) -> None:
    files = made(api(owner), "files", {})
    stranger = api(rival_owner, host="rival.example", tenant=rival)
    assert stranger.get(f"{PATH}/{files['id']}").status_code == 404
    assert stranger.get(f"{PATH}/{files['id']}/files").status_code == 404
    assert stranger.get(PATH).json()["count"] == 0


def test_who_may_read_may_not_change_or_use(owner: Any, viewer: Any, api: Any) -> None:
    files = made(api(owner), "files", {})
    grant(obj=Connector.objects.get(pk=files["id"]), to=viewer, level=Level.READ)
    client = api(viewer)
    assert client.get(f"{PATH}/{files['id']}").status_code == 200
    assert client.get(f"{PATH}/{files['id']}/schema").status_code == 200
    assert client.patch(f"{PATH}/{files['id']}", {"name": "Mine"}).status_code == 403
    assert client.post(f"{PATH}/{files['id']}/test").status_code == 403
    assert client.get(f"{PATH}/{files['id']}/preview?table=a.csv").status_code == 403
    assert client.delete(f"{PATH}/{files['id']}").status_code == 403


def test_editors_make_connectors_and_hold_them(editor: Any, viewer: Any, owner: Any, api: Any) -> None:
    assert api(viewer).post(PATH, {"name": "x", "connector_type": "files", "config": {}}).status_code == 403
    body = made(api(editor), "files", {})
    assert api(editor).patch(f"{PATH}/{body['id']}", {"name": "Renamed"}).json()["name"] == "Renamed"
    assert api(editor).delete(f"{PATH}/{body['id']}?hard=true").status_code == 204
    assert not Connector.objects.filter(pk=body["id"]).exists()


def test_deleting_is_soft(owner: Any, api: Any) -> None:
    body = made(api(owner), "files", {})
    assert api(owner).delete(f"{PATH}/{body['id']}").status_code == 204
    assert api(owner).get(f"{PATH}/{body['id']}").status_code == 404
    assert Connector.objects.get(pk=body["id"]).deleted_at is not None


def test_types_tell_their_forms(owner: Any, api: Any) -> None:
    listed = api(owner).get("/api/v1/connector-types").json()
    assert [kind["type"] for kind in listed["results"]] == ["duckdb", "files", "http", "postgresql", "sqlite"]
    one = api(owner).get("/api/v1/connector-types/postgresql").json()
    assert one["secret_fields"] == ["password"]
    assert one["config_schema"]["properties"]["password"]["writeOnly"] is True
    assert "upsert" in one["capabilities"]["write_modes"]
    assert api(owner).get("/api/v1/connector-types/telegraph").status_code == 404


def test_an_sqlite_file_is_uploaded_to_its_connector(owner: Any, api: Any, tmp_path: Any) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "made.db") as database:
        database.execute("CREATE TABLE ships (id INTEGER, name TEXT)")
        database.execute("INSERT INTO ships VALUES (1, 'Mary')")
    database.close()
    client = api(owner)
    body = made(client, "sqlite", {"file": "ships.db"})
    assert client.post(f"{PATH}/{body['id']}/test").json()["code"] == "unknown_database"
    assert upload(client, body["id"], "ships.db", (tmp_path / "made.db").read_bytes()).status_code == 201
    assert client.get(f"{PATH}/{body['id']}/preview?table=ships").json()["rows"] == [[1, "Mary"]]


def test_an_sqlite_file_may_lie_among_files_that_one_may_use(owner: Any, editor: Any, api: Any, tmp_path: Any) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "made.db") as database:
        database.execute("CREATE TABLE ships (id INTEGER)")
    database.close()
    files = made(api(owner), "files", {})
    upload(api(owner), files["id"], "ships.db", (tmp_path / "made.db").read_bytes())
    mine = made(api(owner), "sqlite", {"file": "ships.db"})
    assert api(owner).post(f"{PATH}/{mine['id']}/test").json()["ok"] is True
    # The editor may not use the owner's files, so the name finds nothing.
    theirs = made(api(editor), "sqlite", {"file": "ships.db"})
    assert api(editor).post(f"{PATH}/{theirs['id']}/test").json()["code"] == "unknown_database"


def test_uploads_go_to_types_that_keep_files_only(owner: Any, api: Any, postgresql_config: Any) -> None:
    body = made(api(owner), "postgresql", postgresql_config)
    assert upload(api(owner), body["id"], "a.csv", b"a\n").status_code == 422
