"""Decisions about saved connectors; no Django."""
