"""A table from one PostgreSQL to another by dlt, in the way that is its fastest: prints the seconds it took.

Run by the bench in a virtual environment of dlt's own: `SOURCE` and `TARGET` are URLs, `TABLE` a name.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

import dlt
from dlt.sources.sql_database import sql_table


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = sql_table(credentials=os.environ["SOURCE"], table=os.environ["TABLE"], backend="connectorx")
        pipeline = dlt.pipeline(
            "goods",
            pipelines_dir=folder,
            destination=dlt.destinations.postgres(os.environ["TARGET"]),
            dataset_name="by_dlt",
        )
        began = time.perf_counter()
        pipeline.run(table, write_disposition="replace").raise_on_failed_jobs()
        sys.stdout.write(f"{time.perf_counter() - began}\n")


if __name__ == "__main__":
    main()
