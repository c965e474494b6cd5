"""Run stores of both kinds: a folder, and a bucket of a real (if small) S3 server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from apps.executions.core.objects import FolderObjects, Objects
from apps.executions.core.s3_objects import Bucket, S3Objects


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server that speaks as S3 does."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> Bucket:
    """An empty bucket, and the right to it."""
    import boto3

    right: dict[str, Any] = {"aws_access_key_id": "harbour", "aws_secret_access_key": "s3cret-tide"}
    name = f"harbour-{uuid4().hex}"
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1", **right).create_bucket(Bucket=name)
    return Bucket(name, "uzo/runs", s3_server, "us-east-1", "harbour", "s3cret-tide")


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty store of either kind."""
    if request.param == "folder":
        return FolderObjects(tmp_path / "store")
    return S3Objects(request.getfixturevalue("bucket"), tmp_path / "scratch")
