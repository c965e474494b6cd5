"""Inviting people by mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail

from apps.accounts.models import Role, User
from apps.accounts.services import invitations
from apps.audit.models import AuditEntry

USERS = "/api/v1/users"
RESET = "/api/v1/auth/reset-password"
PASSWORD = "eleven grey seals at low water"


@pytest.fixture(autouse=True)
def at_once(eager_tasks: None) -> None:
    """Mails are sent within the request."""


def token_of(message: Any) -> str:
    found = re.search(r"token=(\S+)", message.body)
    assert found is not None, message.body
    return unquote(found.group(1))


def invite(client: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(USERS, {"email": "Tom@harbour.example", "name": "Tom", "invite": True, **more})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_an_invited_person_chooses_a_password_by_the_mailed_link_and_signs_in(api: Any, owner: User) -> None:
    olive = api(owner)
    tom = invite(olive, role_id=str(Role.objects.get(name="runner").pk))
    assert (tom["state"], tom["role"], tom["last_seen_at"]) == ("invited", "runner", None)
    [message] = mail.outbox
    assert message.to == ["tom@harbour.example"]
    assert "Olive invites you to Harbour office" in message.body
    assert "http://harbour.example/reset-password?token=" in message.body
    assert api().post(RESET, {"token": token_of(message), "password": PASSWORD}).status_code == 204
    signed_in = api().post("/api/v1/auth/login", {"email": "tom@harbour.example", "password": PASSWORD})
    assert signed_in.status_code == 200
    seen = olive.get(f"{USERS}/{tom['id']}").json()
    assert seen["state"] == "active"
    assert seen["last_seen_at"] is not None
    again = api().post(RESET, {"token": token_of(message), "password": "another one by night"})
    assert again.status_code == 400, "a link is good once"
    assert AuditEntry.objects.filter(action="user_invited", object_id=tom["id"], actor=owner.email).exists()


def test_an_invitation_is_sent_again_and_refused_to_whoever_has_a_password(api: Any, owner: User, viewer: User) -> None:
    olive = api(owner)
    tom = invite(olive)
    assert olive.post(f"{USERS}/{tom['id']}/invitation").status_code == 202
    assert len(mail.outbox) == 2
    joined = olive.post(f"{USERS}/{viewer.pk}/invitation")
    assert (joined.status_code, joined.json()["code"]) == (409, "already_joined")
    olive.patch(f"{USERS}/{tom['id']}", {"is_active": False})
    assert olive.post(f"{USERS}/{tom['id']}/invitation").json()["code"] == "not_active"
    assert api().post(RESET, {"token": token_of(mail.outbox[0]), "password": PASSWORD}).status_code == 400
    assert api(viewer).post(f"{USERS}/{tom['id']}/invitation").status_code == 404
    assert len(mail.outbox) == 2


def test_a_link_is_good_for_a_week_and_for_the_address_it_went_to(
    api: Any, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tom = User.objects.get(pk=invite(api(owner))["id"])
    token = token_of(mail.outbox[0])
    assert invitations.invited_user(token) == tom
    assert invitations.invited_user(f"{token}x") is None
    assert invitations.invited_user("") is None
    with monkeypatch.context() as patch:
        patch.setattr(invitations, "GOOD_FOR", timedelta(seconds=-1))
        assert invitations.invited_user(token) is None
    User.objects.filter(pk=tom.pk).update(email="tomas@harbour.example")
    assert invitations.invited_user(token) is None


def test_a_password_and_an_invitation_exclude_each_other(api: Any, owner: User) -> None:
    answer = api(owner).post(USERS, {"email": "n@harbour.example", "password": PASSWORD, "invite": True})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "invite"
    assert mail.outbox == []
