"""Run data in a bucket: a host of workers that writes there, goes on from there after a failure and after a kill, and
leaves nothing there that nobody needs. The server that speaks as S3 does is moto's, a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.executions import outputs, retention, services
from apps.kernel import clock
from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node
from uzo.local.ports import answers, free_port
from uzo.local.service import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BUCKET = "harbour"
RIGHT = {"key_id": "harbour", "secret": "s3cret-tide"}
ROWS = [["south", 3], ["east", 5]]


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a server with an empty bucket."""
    import boto3

    port = free_port()
    log = tmp_path_factory.mktemp("s3") / "moto.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if not wait_until(lambda: answers(port), seconds=90, pause=0.2):
        raise RuntimeError(f"moto did not start:\n{log.read_text()[-3000:]}")
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id=RIGHT["key_id"], aws_secret_access_key=RIGHT["secret"],
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    yield client
    server.terminate()
    server.wait(15)


@pytest.fixture(scope="module")
def environment(environment: dict[str, str], s3: Any) -> dict[str, str]:
    return environment | {
        "UZO_RUN_STORE": f"s3://{BUCKET}/uzo",
        "UZO_RUN_STORE_ENDPOINT": s3.meta.endpoint_url,
        "UZO_RUN_STORE_REGION": "us-east-1",
        "UZO_RUN_STORE_KEY_ID": RIGHT["key_id"],
        "UZO_RUN_STORE_SECRET": RIGHT["secret"],
    }


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts()


@pytest.fixture(autouse=True)
def shared(environment: dict[str, str], s3: Any, settings: Any) -> None:
    """The test's own process looks where the host does."""
    settings.TENANT_STORAGE = Path(environment["UZO_DATA_DIR"]) / "tenants"
    settings.RUN_STORE = Path(environment["UZO_DATA_DIR"]) / "runs"
    settings.RUN_STORE_BUCKET = {
        "url": environment["UZO_RUN_STORE"], "endpoint": s3.meta.endpoint_url, "region": "us-east-1", **RIGHT,
    }  # fmt: skip


@pytest.fixture
def quays(office: Office) -> str:
    """A connector with a file of three quays."""
    return str(office.call(_quays).pk)


@pytest.fixture
def store(office: Office) -> str:
    """A database that has no table yet."""
    return str(office.call(_store).pk)


def _owner() -> Any:
    from apps.accounts.models import User

    return User.objects.get(is_owner=True)


def _quays() -> Any:
    from apps.connectors.services.connectors import create_connector
    from apps.connectors.services.files import store_file

    made = create_connector(viewer=_owner(), name="Quays", connector_type="files", config={})
    store_file(viewer=_owner(), connector=made, name="quays.csv", chunks=[b"quay,metres\nnorth,1\nsouth,3\neast,5\n"])
    return made


def _store() -> Any:
    from apps.connectors.services.connectors import create_connector

    return create_connector(viewer=_owner(), name="Store", connector_type="sqlite", config={"file": "store.sqlite"})


def _resume(execution: Any) -> None:
    services.resume_execution(viewer=_owner(), execution_id=execution.pk)


def _rows(execution: Any, node_id: str) -> list[list[Any]]:
    dataset = outputs.find_output(execution, node_id, "output")
    return list(outputs.read_output(dataset, offset=0, limit=10).as_json()["rows"])


def _times(execution: Any) -> dict[str, Any]:
    return dict(execution.nodes.values_list("node_id", "finished_at"))


def read(connector: str) -> dict[str, Any]:
    return node("read", "connector", "read", connector=connector, table="quays.csv")


def deep(**config: Any) -> dict[str, Any]:
    return node("deep", "transform", "filter", expression="metres > 2", **config)


def write(connector: str, **config: Any) -> dict[str, Any]:
    return node("write", "connector", "write", connector=connector, table="quays", **config)


def files(s3: Any) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def finished(office: Office, execution: Any) -> dict[str, Any]:
    return {stage.stage_id: (stage.fence, stage.finished_at) for stage in office.stages(execution)}


def test_what_failed_goes_on_from_the_rows_in_the_bucket(
    host: Host, office: Office, quays: str, store: str, s3: Any, settings: Any
) -> None:
    chain = (read(quays), deep(keepOutput=True))
    execution = office.until_over(office.start(*chain, write(store, mode="update", keys=["quay"])), seconds=240)
    assert (execution.status, execution.error["code"]) == ("failed", "unknown_table")
    before = office.call(_times, execution)
    assert office.call(_rows, execution, "deep") == ROWS
    assert {key.split("/")[0] for key in files(s3)} == {"uzo"}

    other = office.until_over(office.start(read(quays), write(store, mode="replace")), seconds=120)
    assert other.status == "success", other.error
    office.call(_resume, execution)
    over = office.until_over(execution, seconds=120)

    assert over.status == "success", over.error
    after = office.call(_times, execution)
    assert {each: after[each] for each in ("read", "deep")} == {each: before[each] for each in ("read", "deep")}
    assert after["write"] != before["write"]
    assert office.call(_rows, over, "write") == ROWS
    assert list(settings.RUN_STORE.rglob("*.arrow")) == [], "nothing lies beside the bucket"


def test_f1_a_killed_worker_s_successor_reads_what_it_left_in_the_bucket(
    host: Host, office: Office, quays: str
) -> None:
    chain = (read(quays), deep(), node("slack", "control", "wait", seconds=3), node("all", "transform", "limit", n=9))
    execution = office.start(*chain)
    office.until(execution, lambda _: office.stages(execution), seconds=240)
    before = finished(office, execution)
    child = host.child()
    host.kill_child(child)
    over = office.until_over(execution, seconds=150)
    assert (over.status, over.fence) == ("success", 2)
    assert finished(office, execution).items() >= before.items()
    assert office.call(_rows, over, "all") == ROWS


def test_rows_in_the_bucket_are_collected_once_nobody_needs_them(
    host: Host, office: Office, quays: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = office.until_over(office.start(read(quays), deep()), seconds=240)
    assert office.call(_rows, execution, "deep") == ROWS
    assert office.call(retention.collect_garbage).files == 0
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert office.call(retention.remove_old_rows) >= 1
    assert office.call(retention.collect_garbage).files >= 1
    assert files(s3) == set()
