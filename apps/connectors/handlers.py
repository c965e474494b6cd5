"""What connectors do when something happens elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from apps.connectors.services import reseal_secrets
from apps.tenants.events import SubscriptionRemoved
from apps.vault.events import DataKeyRotated


def data_key_rotated(event: DataKeyRotated) -> None:
    """Secrets are sealed anew, in the same transaction."""
    del event
    reseal_secrets()


def subscription_removed(event: SubscriptionRemoved) -> None:
    """The tenant's files go with its schema."""
    shutil.rmtree(Path(settings.TENANT_STORAGE) / event.schema_name, ignore_errors=True)
