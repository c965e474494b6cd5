"""Fixtures of the hierarchy."""

from tests.db.places import grant, place

__all__ = ["grant", "place"]
