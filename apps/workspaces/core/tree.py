"""Where folders may stand. A folder's path is the ids from the top of its workspace down to itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.kernel.errors import FieldError, Invalid

MAX_DEPTH = 32
"""Levels of folders in a workspace."""

Path = Sequence[UUID]


def path_below(parent: Path | None, folder_id: UUID) -> list[UUID]:
    """The path of a folder in that parent, or at the top of its workspace.

    Raises Invalid `too_deep` where it would stand deeper than `MAX_DEPTH`.
    """
    path = [*(parent or ()), folder_id]
    _require_depth(len(path))
    return path


def require_movable(path: Path, *, below: Path | None, height: int) -> None:
    """Check that a folder may move into the folder with the path `below` (None: to the top).

    `height` is the number of levels of the subtree, 1 for a folder without folders. Raises Invalid
    `cycle` for a move into itself or into what lies in it, `too_deep` where its leaves would stand too deep.
    """
    if below is not None and path[-1] in below:
        raise _wrong("cycle", "A folder cannot move into itself or into a folder that it holds")
    _require_depth(len(below or ()) + height)


def moved(path: Path, *, of: Path, below: Path | None) -> list[UUID]:
    """The new path of a folder in the subtree of `of`, once that one has moved into `below`.

    Raises ValueError for a folder that is not in the subtree.
    """
    if list(path[: len(of)]) != list(of):
        raise ValueError("the folder does not lie in the one that moves")
    return [*(below or ()), *path[len(of) - 1 :]]


def _require_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _wrong("too_deep", f"Folders nest at most {MAX_DEPTH} deep; this one would be {depth} deep")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError("parent_id", code, message)], remedy="Choose another folder")
