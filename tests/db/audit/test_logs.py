"""Who did what, told once, in the same transaction."""

from __future__ import annotations

from typing import Any

import pytest


def actions(client: Any, query: str = "") -> list[str]:
    answer = client.get(f"/api/v1/audit/logs?{query}")
    assert answer.status_code == 200, answer.content
    return [each["action"] for each in answer.json()["results"]]


def test_every_change_has_its_line_with_who_where_and_what(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    olive.patch(f"/api/v1/folders/{place.folder.pk}", {"name": "Landings"})
    (entry,) = olive.get(f"/api/v1/audit/logs?object_id={place.folder.pk}&action=folder_changed").json()["results"]
    assert entry["details"] == {"changes": {"name": ["Arrivals", "Landings"]}}
    assert (entry["actor"], entry["actor_id"]) == (owner.email, str(owner.pk))
    assert (entry["method"], entry["path"]) == ("PATCH", f"/api/v1/folders/{place.folder.pk}")
    assert (entry["address"], entry["workspace_id"]) == ("127.0.0.1", str(place.workspace.pk))


def test_the_newest_comes_first_and_filters_narrow(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    olive.delete(f"/api/v1/jobs/{place.job.pk}")
    olive.post(f"/api/v1/jobs/{place.job.pk}/restore")
    olive.delete(f"/api/v1/jobs/{place.job.pk}?hard=true")
    assert actions(olive, f"object_id={place.job.pk}") == ["job_deleted", "job_restored", "job_deleted", "job_created"]
    deletions = olive.get(f"/api/v1/audit/deletions?object_id={place.job.pk}").json()["results"]
    assert [each["details"]["hard"] for each in deletions] == [True, False]
    assert {each["object_name"] for each in deletions} == {"Nightly count"}
    assert actions(olive, "search=Nightly count&object_type=folder") == []
    assert olive.get("/api/v1/audit/logs?path=x").json()["code"] == "unknown_filter"
    assert olive.get("/api/v1/audit/logs?after=yesterday").status_code == 400


def test_what_is_rolled_back_was_never_done(owner: Any, place: Any) -> None:
    from django.db import transaction

    from apps.audit.models import AuditEntry
    from apps.workspaces.services.folders import create_folder

    before = AuditEntry.objects.count()

    def make_and_fail() -> None:
        with transaction.atomic():
            create_folder(workspace=place.workspace, by=owner, name="Phantom")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        make_and_fail()
    assert AuditEntry.objects.count() == before


def test_saving_a_diagram_tells_its_version_and_never_its_content(api: Any, owner: Any, place: Any) -> None:
    from tests.db.diagrams import ferries

    olive = api(owner)
    made = olive.post(f"/api/v1/jobs/{place.job.pk}/workflows", {"name": "Late", "workflow_diagram": ferries()})
    entries = olive.get(f"/api/v1/audit/logs?object_id={made.json()['id']}&action=workflow_saved").json()["results"]
    assert entries[0]["details"]["version"] == 1
    assert "minutes_late" not in str(entries)


def test_the_audit_is_read_by_those_whose_role_says_so(api: Any, owner: Any, editor: Any, place: Any) -> None:
    assert api(editor).get("/api/v1/audit/logs").status_code == 403
    assert api(editor).get("/api/v1/audit/deletions").status_code == 403
    assert api().get("/api/v1/audit/logs").status_code == 401


def test_a_resources_history_names_the_person(api: Any, owner: Any, editor: Any, place: Any, grant: Any) -> None:
    grant(editor, place.folder, "write")
    api(editor).patch(f"/api/v1/folders/{place.folder.pk}", {"description": "Where ships come in"})
    newest = place.folder.history.first()
    assert (newest.history_user, newest.description) == (editor, "Where ships come in")


@pytest.mark.parametrize(
    "page",
    [
        "workspaces/workspace", "workspaces/folder", "workspaces/job", "workspaces/jobpackage",
        "workflows/workflow", "workflows/workflowversion", "audit/auditentry",
    ],
)  # fmt: skip
def test_the_tenants_admin_lists_searches_and_opens(owner: Any, place: Any, tenant: Any, page: str) -> None:
    from django.apps import apps
    from django.test import Client

    from apps.workflows.services.saving import create_workflow
    from apps.workspaces.services.job_packages import create_job_package
    from tests.db.conftest import HOST
    from tests.db.diagrams import ferries

    create_workflow(job=place.job, by=owner, name="Late", diagram=ferries())
    create_job_package(workspace=place.workspace, by=owner, name="Dawn", job_ids=[place.job.pk])
    owner.is_staff = True
    owner.save()
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    row = apps.get_model(*page.split("/")).objects.first()
    assert browser.get(f"/admin/{page}/").status_code == 200
    assert browser.get(f"/admin/{page}/?q=Late").status_code == 200
    assert browser.get(f"/admin/{page}/{row.pk}/change/").status_code == 200


def test_the_admin_deletes_and_restores_by_the_services(api: Any, owner: Any, place: Any, tenant: Any) -> None:
    from django.test import Client

    from tests.db.conftest import HOST

    owner.is_staff = True
    owner.save()
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    path, chosen = "/admin/workspaces/folder/", {"_selected_action": [str(place.folder.pk)]}
    assert browser.post(path, {"action": "set_aside", **chosen}).status_code == 302
    assert api(owner).get(f"/api/v1/jobs/{place.job.pk}").status_code == 404
    browser.post(path, {"action": "bring_back", **chosen})
    assert api(owner).get(f"/api/v1/jobs/{place.job.pk}").status_code == 200
    assert actions(api(owner), f"object_id={place.folder.pk}")[:2] == ["folder_restored", "folder_deleted"]


def test_the_actions_of_the_log_are_listed_once_each_in_order_by_one_query(
    api: Any, owner: Any, viewer: Any, place: Any, django_assert_num_queries: Any
) -> None:
    from apps.audit.models import AuditEntry
    from apps.audit.selectors import actions as known

    with django_assert_num_queries(1):
        found = known()
    assert found == sorted(set(AuditEntry.objects.values_list("action", flat=True)))
    assert {"folder_created", "workspace_created"} <= set(found)
    assert api(owner).get("/api/v1/audit/actions").json()["actions"] == known()
    assert api(viewer).get("/api/v1/audit/actions").status_code == 403
    AuditEntry.objects.all().delete()
    assert known() == []


def test_lines_that_tell_no_name_show_the_one_of_today_in_as_many_queries_for_two_and_for_twenty(
    api: Any, owner: Any, viewer: Any, place: Any, grant: Any, django_assert_num_queries: Any
) -> None:
    olive = api(owner)
    given = grant(viewer, place.job, "read")
    # The host, the sign-in, the count, the entries; names of jobs; two search paths.
    path = "/api/v1/audit/logs?action=permission_granted&object_type=job"
    with django_assert_num_queries(7):
        (entry,) = olive.get(path).json()["results"]
    assert entry["object_name"] == "Nightly count"
    for _ in range(10):
        given.delete()
        given = grant(viewer, place.job, "read")
    with django_assert_num_queries(7):
        assert {each["object_name"] for each in olive.get(path).json()["results"]} == {"Nightly count"}
    (signed_in,) = olive.get("/api/v1/audit/logs?action=signed_in&page_size=1").json()["results"][:1]
    assert signed_in["object_name"] == owner.email
