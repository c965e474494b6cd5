"""A registry of named things that rooms fill in when they are loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps a name to one thing; a name taken twice by different things is a programming error.

    `what` names the kind of thing in messages ("node type").
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> None:
        """Add `item`; registering the same object again is harmless. Raises ValueError on a clash."""
        known = self._items.setdefault(name, item)
        if known is not item:
            raise ValueError(f"the {self._what} {name!r} is registered twice: {known!r} and {item!r}")

    def get(self, name: str) -> T | None:
        return self._items.get(name)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def values(self) -> tuple[T, ...]:
        return tuple(self._items.values())
