"""Where folders may stand."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.ids import new_id
from apps.workspaces.core import tree

ids = st.lists(st.uuids(), min_size=1, max_size=12, unique=True)


def code(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    return refusal.value.errors[0].code


def test_a_folder_at_the_top_has_a_path_of_itself() -> None:
    ferries = new_id()
    assert tree.path_below(None, ferries) == [ferries]


def test_a_path_lists_all_that_hold_the_folder_and_then_itself() -> None:
    arrivals, ferries, night = new_id(), new_id(), new_id()
    assert tree.path_below([arrivals, ferries], night) == [arrivals, ferries, night]


def test_folders_nest_thirty_two_deep_and_no_deeper() -> None:
    above = [new_id() for _ in range(tree.MAX_DEPTH - 1)]
    assert len(tree.path_below(above, new_id())) == tree.MAX_DEPTH
    with pytest.raises(Invalid) as refusal:
        tree.path_below([*above, new_id()], new_id())
    assert code(refusal) == "too_deep"


def test_a_folder_cannot_move_into_itself_or_what_it_holds() -> None:
    arrivals, ferries = new_id(), new_id()
    for below in ([arrivals], [arrivals, ferries]):
        with pytest.raises(Invalid) as refusal:
            tree.require_movable([arrivals], below=below, height=2)
        assert code(refusal) == "cycle"


def test_a_tall_subtree_does_not_fit_into_a_deep_folder() -> None:
    below = [new_id() for _ in range(30)]
    tree.require_movable([new_id()], below=below, height=2)
    with pytest.raises(Invalid) as refusal:
        tree.require_movable([new_id()], below=below, height=3)
    assert code(refusal) == "too_deep"


@given(above=ids, own=ids, inside=st.lists(st.uuids(), max_size=5), below=st.none() | ids)
def test_what_lies_in_a_moved_folder_keeps_its_way_down_from_it(
    above: list[UUID], own: list[UUID], inside: list[UUID], below: list[UUID] | None
) -> None:
    path = [*above, *own]
    moved = tree.moved([*path, *inside], of=path, below=below)
    assert moved == [*(below or []), own[-1], *inside]


def test_a_folder_elsewhere_does_not_move_along() -> None:
    with pytest.raises(ValueError, match="does not lie"):
        tree.moved([new_id(), new_id()], of=[new_id()], below=None)
