"""Who may begin where only so many may run at once."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from apps.executions.core.limits import Candidate, Limit, Limits, Line, full_line, give_places


def tides(*ids: str, connectors: frozenset[str] = frozenset()) -> list[Candidate]:
    return [Candidate(id, "tides", connectors) for id in ids]


def test_a_line_without_a_limit_is_never_full() -> None:
    assert not Line(Limit.TENANT, None, running=1_000, ahead=1_000).full


@pytest.mark.parametrize(("running", "ahead", "full"), [(0, 0, False), (1, 0, False), (1, 1, True), (2, 0, True)])
def test_those_that_stand_before_one_take_places_as_those_that_run_do(running: int, ahead: int, full: bool) -> None:
    assert Line(Limit.WORKFLOW, 2, running, ahead).full is full


def test_the_first_full_line_is_what_one_waits_for() -> None:
    lines = [Line(Limit.TENANT, 5, 1), Line(Limit.WORKFLOW, 1, 1), Line(Limit.CONNECTOR, 1, 1)]
    assert full_line(lines) == Limit.WORKFLOW
    assert full_line(lines[:1]) is None


def test_places_go_to_those_that_have_waited_longest() -> None:
    places = give_places(tides("monday", "tuesday", "wednesday"), tides("sunday"), Limits(tenant=3))
    assert places.given == ("monday", "tuesday")
    assert places.waiting == {"wednesday": Limit.TENANT}


def test_one_that_waits_for_its_workflow_lets_others_pass() -> None:
    waiting = [*tides("tide-1", "tide-2"), Candidate("fog", "fog watch")]
    places = give_places(waiting, tides("tide-0"), Limits(tenant=3, workflows={"tides": 1}))
    assert places.given == ("fog",)
    assert places.waiting == {"tide-1": Limit.WORKFLOW, "tide-2": Limit.WORKFLOW}


def test_a_connector_that_is_full_holds_up_only_those_that_use_it() -> None:
    crane = frozenset({"crane"})
    waiting = [*tides("a", "b", connectors=crane), *tides("c", connectors=frozenset({"scale"})), *tides("d")]
    places = give_places(waiting, [], Limits(connectors={"crane": 1}))
    assert places.given == ("a", "c", "d")
    assert places.waiting == {"b": Limit.CONNECTOR}


def test_no_limit_is_ever_passed_and_none_waits_while_there_is_room() -> None:
    luck = Random(20261121)
    for _ in range(200):
        everyone = [
            Candidate(number, luck.choice("abc"), frozenset(name for name in ("crane", "scale") if luck.random() < 0.4))
            for number in range(luck.randint(1, 40))
        ]
        limits = Limits(luck.choice([None, 1, 5]), {"a": luck.randint(1, 3)}, {"crane": luck.randint(1, 3)})
        places = give_places(everyone, [], limits)
        run = [each for each in everyone if each.id in set(places.given)]
        assert limits.tenant is None or len(run) <= limits.tenant
        workflows = Counter(each.workflow for each in run)
        crane = sum("crane" in each.connectors for each in run)
        assert workflows["a"] <= limits.workflows["a"]
        assert crane <= limits.connectors["crane"]
        for each in everyone:
            if each.id in places.waiting:
                full = {
                    Limit.TENANT: len(run) == limits.tenant,
                    Limit.WORKFLOW: each.workflow == "a" and workflows["a"] == limits.workflows["a"],
                    Limit.CONNECTOR: "crane" in each.connectors and crane == limits.connectors["crane"],
                }
                assert full[places.waiting[each.id]]
