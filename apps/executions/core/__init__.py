"""How a plan runs: engine, run store, states, values. Pure Python: no Django, no Prefect."""
