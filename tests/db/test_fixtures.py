"""The ground that all database tests stand on."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.accounts.models import User


def test_a_client_leaves_the_test_in_its_tenant(tenant: Any, owner: User, api: Any) -> None:
    assert api(owner).get("/api/v1/health").status_code == 200
    assert connection.schema_name == tenant.schema_name
    assert User.objects.filter(email="olive@harbour.example").exists()


def test_the_rival_has_other_people(rival_owner: User, tenant: Any) -> None:
    assert not User.objects.filter(pk=rival_owner.pk).exists()
