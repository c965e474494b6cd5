"""Prefect and the warm workers: a thin adapter over `apps.executions.core`.

`flow.py` is the flow with one task per stage; `pool.py` and `child.py` are the warm pool that runs it
within milliseconds, in a lane: one long flow run that takes many executions. `ledger.py` lets it run
without waiting for the Prefect server, `reporter.py` tells the server afterwards from what PostgreSQL
knows. The same flow asks for nothing that an ordinary Prefect work pool does not have: see `flow.py`.
"""
