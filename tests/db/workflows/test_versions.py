"""Versions: autosaves become one, the rest is kept, compared, published and brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.kernel.clock import now
from tests.db.counting import counted
from tests.db.diagrams import ferries


def drawn(limit: int) -> dict[str, Any]:
    """Ferries, with one setting that tells versions apart."""
    diagram = ferries()
    diagram["nodes"][2]["data"]["config"]["n"] = limit
    return diagram


class Board:
    """One workflow and a person who works on it through the API."""

    def __init__(self, client: Any, id: str) -> None:
        self.client, self.id = client, id
        self.path = f"/api/v1/workflows/{id}"

    def save(self, limit: int, **body: Any) -> Any:
        return self.client.patch(self.path, {"workflow_diagram": drawn(limit), **body})

    def autosave(self, limit: int, **body: Any) -> Any:
        return self.save(limit, autosave=True, **body)

    def versions(self) -> list[dict[str, Any]]:
        answer = self.client.get(f"{self.path}/versions")
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    def numbers(self) -> list[int]:
        return [each["number"] for each in self.versions()]

    def post(self, version: dict[str, Any], verb: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1/versions/{version['id']}/{verb}", body)


@pytest.fixture
def board(api: Any, owner: Any, place: Any) -> Board:
    client = api(owner)
    body = {"name": "Late ferries", "workflow_diagram": drawn(1)}
    return Board(client, client.post(f"/api/v1/jobs/{place.job.pk}/workflows", body).json()["id"])


@pytest.fixture
def edgars(api: Any, editor: Any, place: Any, grant: Any, board: Board) -> Board:
    """The same workflow in the hands of Edgar, who may write."""
    grant(editor, place.job, "write")
    return Board(api(editor), board.id)


def test_a_run_of_autosaves_is_one_version_and_its_number_still_grows(board: Board) -> None:
    answers = [board.autosave(limit, version=limit - 1) for limit in (2, 3, 4)]
    assert [(each.status_code, each.json()["version"]) for each in answers] == [(200, 2), (200, 3), (200, 4)]
    newest, first = board.versions()
    assert (newest["number"], first["number"]) == (4, 1)
    assert newest["saved_at"] is not None
    assert (newest["is_current"], first["is_current"]) == (True, False)
    read = board.client.get(f"/api/v1/versions/{newest['id']}").json()
    assert read["workflow_diagram"] == board.client.get(board.path).json()["workflow_diagram"] == drawn(4)


def test_two_tabs_of_one_person_still_conflict_while_their_autosaves_become_one(board: Board) -> None:
    assert board.autosave(2, version=1).status_code == 200
    assert board.autosave(3, version=2).status_code == 200
    refused = board.autosave(9, version=2)
    assert (refused.status_code, refused.json()["code"], refused.json()["version"]) == (409, "version_conflict", 3)
    assert board.client.get(board.path).json()["workflow_diagram"] == drawn(3)


def test_what_a_person_saves_on_purpose_is_never_merged(board: Board) -> None:
    for limit in (2, 3):
        board.save(limit)
    board.autosave(4)
    assert board.numbers() == [4, 3, 2, 1]


def test_autosaves_of_two_people_are_two_versions(board: Board, edgars: Board) -> None:
    board.autosave(2)
    edgars.autosave(3)
    board.autosave(4)
    assert board.numbers() == [4, 3, 2, 1]
    authors = [each["author"]["id"] for each in board.versions()]
    assert (authors[0] == authors[2], authors[0] == authors[1]) == (True, False)


def test_after_ten_minutes_a_new_version_begins(board: Board) -> None:
    from apps.workflows.models import WorkflowVersion

    board.autosave(2)
    newest = WorkflowVersion.objects.filter(number=2)
    newest.update(created_at=now() - timedelta(minutes=9))
    board.autosave(3)
    WorkflowVersion.objects.filter(number=3).update(created_at=now() - timedelta(minutes=11))
    board.autosave(4)
    assert board.numbers() == [4, 3, 1]


def test_a_change_of_parameters_begins_a_new_version(board: Board) -> None:
    board.autosave(2)
    board.autosave(3, parameters={"port": {"type": "string", "default": "Oban"}})
    assert board.numbers() == [3, 2, 1]


@pytest.mark.parametrize("way", ["named", "published", "run"])
def test_a_version_that_somebody_refers_to_keeps_its_state(board: Board, way: str) -> None:
    from apps.workflows.models import Workflow
    from apps.workflows.selectors import current_version
    from apps.workflows.services.versions import keep_version

    board.autosave(2)
    [version, _] = board.versions()
    if way == "named":
        assert board.client.patch(f"/api/v1/versions/{version['id']}", {"name": "Summer"}).status_code == 200
    elif way == "published":
        assert board.post(version, "publish").status_code == 200
    else:
        keep_version(current_version(Workflow.objects.get(pk=board.id)))
    board.autosave(3)
    assert board.numbers() == [3, 2, 1]
    assert board.client.get(f"/api/v1/versions/{version['id']}").json()["workflow_diagram"] == drawn(2)


def test_a_run_that_read_an_autosave_just_before_the_next_one_keeps_what_is_there_then(board: Board) -> None:
    from apps.workflows.models import Workflow
    from apps.workflows.selectors import current_version
    from apps.workflows.services.versions import keep_version

    board.autosave(2)
    read = current_version(Workflow.objects.get(pk=board.id))
    board.autosave(3)
    kept = keep_version(read)
    assert (kept.pk, kept.number, kept.diagram, kept.open) == (read.pk, 3, drawn(3), False)
    board.autosave(4)
    kept.refresh_from_db()
    assert kept.diagram == drawn(3)


def test_a_version_is_made_named_and_found(board: Board) -> None:
    body = {"name": "Before the summer", "comment": "Agreed with the port"}
    answer = board.client.post(f"{board.path}/versions", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["number"], made["name"], made["comment"]) == (2, body["name"], body["comment"])
    assert made["workflow_diagram"] == drawn(1)
    found = board.client.get(f"{board.path}/versions?search=summer").json()
    assert [each["id"] for each in found["results"]] == [made["id"]]
    given = board.client.post(f"{board.path}/versions", {"workflow_diagram": drawn(7)}).json()
    assert (given["number"], given["workflow_diagram"]) == (3, drawn(7))


def test_rolling_back_makes_the_old_state_a_new_version(board: Board) -> None:
    board.save(2)
    board.save(3)
    [_, second, _] = board.versions()
    answer = board.post(second, "rollback")
    assert (answer.status_code, answer.json()["version"]) == (200, 4)
    assert answer.json()["workflow_diagram"] == drawn(2)
    assert board.numbers() == [4, 3, 2, 1]


def test_versions_are_compared_with_the_current_one_or_with_each_other(board: Board) -> None:
    board.save(2)
    board.save(1)
    [third, second, first] = board.versions()
    path = f"/api/v1/versions/{first['id']}/diff"
    assert board.client.get(path).json()["same"] is True
    told = board.client.get(f"{path}?against={second['id']}").json()
    [changed] = told["nodes"]["changed"]
    assert changed["changes"] == [{"field": "config.n", "before": 1, "after": 2}]
    assert board.client.get(f"{path}?against={board.id}").json()["errors"][0]["field"] == "against"
    assert third["is_current"]


def test_what_is_published_runs_by_itself_and_what_is_current_runs_by_hand(board: Board, owner: Any) -> None:
    from apps.workflows.selectors import version_for_execution

    def number(*, by_itself: bool) -> int:
        return version_for_execution(owner, board.id, by_itself=by_itself).number  # type: ignore[arg-type]

    board.save(2)
    [second, first] = board.versions()
    assert board.post(first, "publish").json()["published_by"]["id"] == str(owner.pk)
    assert (number(by_itself=True), number(by_itself=False)) == (1, 2)
    board.post(second, "publish")
    assert number(by_itself=True) == 2
    board.save(3)
    assert (number(by_itself=True), number(by_itself=False)) == (2, 3)
    published = [each["number"] for each in board.versions() if each["published_at"]]
    assert published == [2]
    assert board.client.delete(f"/api/v1/versions/{second['id']}/publish").json()["published_at"] is None
    assert number(by_itself=True) == 3


def test_lists_of_versions_read_no_diagram_and_ask_as_often_for_many_as_for_few(board: Board) -> None:
    with counted() as few:
        board.versions()
    for limit in range(2, 8):
        board.save(limit)
    with counted() as many:
        assert len(board.versions()) == 7
    assert len(many) == len(few)
    assert not any('"diagram"' in query["sql"] for query in many.captured_queries)
