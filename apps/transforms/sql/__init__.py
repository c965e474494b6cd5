"""Transforms as PostgreSQL's SQL: the second engine, for chains that a database can run by itself.

A chain becomes one SELECT only if that means the same as the lowering to Polars, to the last bit: whatever is
not proven equal raises `NotInSql`, and the chain runs in Polars. An error that the SELECT raises is
no verdict either: Polars then says whether there is one, on which node, with which values.
"""
