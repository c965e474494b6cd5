"""Connectors in the hands of workflows: whose right, what is known of them, what history keeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from apps.accounts.access import Level
from apps.accounts.services.permissions import grant, revoke
from apps.connectors import services
from apps.connectors.catalog_cache import ConnectorCatalog
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.selectors import KEPT_SECONDS, Connectors, open_connector
from apps.connectors.services import discovery
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.nodes.problems import Problem
from apps.vault import services as vault
from apps.vault.errors import VaultBroken, VaultSealed


@pytest.fixture
def database(owner: Any, postgresql_config: dict[str, Any]) -> Connector:
    return services.create_connector(
        viewer=owner, name="Harbour", connector_type="postgresql", config=postgresql_config
    )


@pytest.fixture
def files(owner: Any) -> Connector:
    row = services.create_connector(viewer=owner, name="Files", connector_type="files", config={})
    services.store_file(viewer=owner, connector=row, name="ships.csv", chunks=[b"id,ship\n1,Mary\n"])
    return row


def test_t16_a_run_uses_what_its_author_may_use(owner: Any, editor: Any, viewer: Any, files: Connector) -> None:
    assert open_connector(owner, str(files.pk)).discover("ships.csv")[0].schema.names == ("id", "ship")
    grant(obj=files, to=viewer, level=Level.READ)
    for person in (editor, viewer, None):
        with pytest.raises(NodeError) as error:
            open_connector(person, str(files.pk))
        assert error.value.code == "missing_connector"
    grant(obj=files, to=viewer, level=Level.EXECUTE)
    open_connector(viewer, files.pk).close()


def test_t16_a_run_looks_its_connectors_up_together_and_again_after_a_few_seconds(
    editor: Any, files: Connector, database: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = grant(obj=files, to=editor, level=Level.EXECUTE)
    grant(obj=database, to=editor, level=Level.EXECUTE)
    named = Connectors(editor, [str(files.pk), str(database.pk)])
    with CaptureQueriesContext(connection) as asked:
        for row in (files, database, files):
            named.open(str(row.pk)).close()
    assert sum('FROM "connectors_connector"' in query["sql"] for query in asked) == 1
    revoke(grant=given)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + KEPT_SECONDS)
    named.open(str(database.pk)).close()
    with pytest.raises(NodeError) as error:
        named.open(str(files.pk))
    assert error.value.code == "missing_connector"


@pytest.mark.parametrize("nonsense", ["", "x", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_an_id_that_is_none_is_missing(owner: Any, nonsense: str) -> None:
    with pytest.raises(NodeError) as error:
        open_connector(owner, nonsense)
    assert error.value.code == "missing_connector"


def test_t11_a_connector_of_another_tenant_is_missing(rival: Any, rival_owner: Any, files: Connector) -> None:
    with tenant_context(rival):
        with pytest.raises(NodeError):
            open_connector(rival_owner, files.pk)
        found = ConnectorCatalog(rival_owner).columns(str(files.pk), {"table": "ships.csv"})
    assert isinstance(found, Problem)
    assert found.code == "missing_connector"


def test_t3_files_of_tenants_lie_apart(
    owner: Any, rival: Any, rival_owner: Any, files: Connector, settings: Any
) -> None:
    with tenant_context(rival):
        theirs = Connector(pk=files.pk, name="Copied", connector_type="files", created_by=rival_owner)
        theirs.save()
        assert open_connector(rival_owner, theirs.pk).discover() == []
    folders = {path.name for path in Path(settings.TENANT_STORAGE).iterdir()}
    assert len(folders) == 1


def test_t22_secrets_do_not_move_between_rows(owner: Any, database: Connector, postgresql_config: Any) -> None:
    other = services.create_connector(
        viewer=owner, name="Other", connector_type="postgresql", config=postgresql_config | {"password": "another"}
    )
    Connector.objects.filter(pk=other.pk).update(secrets=database.secrets)
    with pytest.raises(VaultBroken):
        open_connector(owner, other.pk)
    Connector.objects.filter(pk=database.pk).update(version=database.version + 1)
    with pytest.raises(VaultBroken):
        open_connector(owner, database.pk)


def test_t23_secrets_are_in_no_history_and_no_repr(
    owner: Any, database: Connector, postgresql_config: dict[str, Any]
) -> None:
    services.change_connector(viewer=owner, connector=database, changes={"name": "Renamed"})
    record = database.history.first()
    assert not hasattr(record, "secrets")
    row = Connector.objects.get(pk=database.pk)
    source = open_connector(owner, database.pk)
    for text in (repr(row), str(record.__dict__), repr(source), repr(source.config), str(row.__dict__)):
        assert postgresql_config["password"] not in text


def test_a_new_data_key_seals_secrets_anew(owner: Any, database: Connector, postgresql_config: dict[str, Any]) -> None:
    before = Connector.objects.get(pk=database.pk).secrets["password"]
    vault.rotate_data_key()
    after = Connector.objects.get(pk=database.pk).secrets["password"]
    assert after.split(".")[1] != before.split(".")[1]
    assert open_connector(owner, database.pk).config.password.get_secret_value() == postgresql_config["password"]


def test_while_the_vault_is_sealed_names_change_and_secrets_wait(owner: Any, database: Connector, api: Any) -> None:
    vault.lock()
    with pytest.raises(VaultSealed):
        open_connector(owner, database.pk)
    path = f"/api/v1/connectors/{database.pk}"
    assert api(owner).patch(path, {"name": "Renamed"}).status_code == 200
    for answer in (api(owner).post(f"{path}/test"), api(owner).patch(path, {"config": {"password": "new"}})):
        assert (answer.status_code, answer.json()["code"]) == (503, "vault_sealed")
    found = ConnectorCatalog(owner).columns(str(database.pk), {"table": "public.tenants_domain"})
    assert isinstance(found, Problem)
    assert found.severity == "warning"


def test_an_unknown_table_is_discovered_once_and_kept(
    owner: Any, database: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ConnectorCatalog(owner).columns(str(database.pk), {"table": "public.tenants_domain"})
    assert isinstance(found, Schema)
    assert "domain" in found.names
    assert DiscoveredTable.objects.get(connector=database).name == "public.tenants_domain"
    monkeypatch.setattr("apps.connectors.catalog_cache.opened", _never)
    again = ConnectorCatalog(owner).columns(str(database.pk), {"table": "public.tenants_domain"})
    assert again == found


def _never(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("the cache knows")


@pytest.mark.parametrize(
    ("config", "code", "severity"),
    [({"table": "nowhere"}, "unknown_table", "error"), ({"query": "SELECT nothing FROM nowhere"}, "unknown_table", "error"),  # noqa: E501
     ({"query": "SELECT 1; SELECT 2"}, "invalid_config", "error"), ({"query": "DROP TABLE x"}, "invalid_config", "error")],  # noqa: E501
)  # fmt: skip
def test_what_is_not_there_is_a_problem(
    owner: Any, database: Connector, config: dict[str, Any], code: str, severity: str
) -> None:
    found = ConnectorCatalog(owner).columns(str(database.pk), config)
    assert isinstance(found, Problem)
    assert (found.code, found.severity) == (code, severity)


def test_a_source_that_is_slow_is_a_warning(owner: Any, database: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from apps.connectors.catalog.postgresql import PostgreSQL

    monkeypatch.setattr(PostgreSQL, "discover", lambda self, table=None: time.sleep(5))  # noqa: ARG005
    catalog = ConnectorCatalog(owner, seconds=0.3)
    begun = time.monotonic()
    for table in ("a", "b", "c"):
        found = catalog.columns(str(database.pk), {"table": table})
        assert isinstance(found, Problem)
        assert (found.code, found.severity) == ("unknown_table", "warning")
    assert time.monotonic() - begun < 4


def test_files_are_known_as_they_are_now(owner: Any, files: Connector) -> None:
    catalog: Callable[[], ConnectorCatalog] = lambda: ConnectorCatalog(owner)  # noqa: E731
    assert catalog().connector_type(str(files.pk)) == "files"
    assert catalog().columns(str(files.pk), {"table": "ships.csv"}).names == ("id", "ship")  # type: ignore[union-attr]
    services.store_file(viewer=owner, connector=files, name="ships.csv", chunks=[b"name\nMary\n"])
    assert catalog().columns(str(files.pk), {"table": "ships.csv"}).names == ("name",)  # type: ignore[union-attr]
    assert catalog().target_columns(str(files.pk), "other.csv") is None


def test_changing_the_database_forgets_its_tables(owner: Any, database: Connector) -> None:
    discovery.remember(
        database, discovery.discover(viewer=owner, connector=database, table="public.tenants_domain"), everything=True
    )
    assert Connector.objects.get(pk=database.pk).discovered_at is not None
    services.change_connector(viewer=owner, connector=database, changes={"config": {"database": "elsewhere"}})
    assert not DiscoveredTable.objects.filter(connector=database).exists()


def test_deleting_for_good_takes_the_files_along(
    owner: Any, files: Connector, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    [folder] = Path(settings.TENANT_STORAGE).glob(f"*/connectors/{files.pk}")
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_connector(viewer=owner, connector=files, hard=True)
    assert not folder.exists()


def test_the_plan_limits_connectors(owner: Any, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.tenants import features

    monkeypatch.setattr(features, "limit", lambda name: 1)  # noqa: ARG005
    body = {"name": "x", "connector_type": "files", "config": {}}
    assert api(owner).post("/api/v1/connectors", body).status_code == 201
    answer = api(owner).post("/api/v1/connectors", body)
    assert (answer.status_code, answer.json()["code"]) == (402, "limit_reached")
