"""What starts runs by itself, in the tenant's schema."""

from apps.schedules.models.backfill import Backfill
from apps.schedules.models.fire import Fire
from apps.schedules.models.hook import Hook, HookEvent, HookRefusal
from apps.schedules.models.schedule import Schedule
from apps.schedules.models.trigger import Trigger, TriggerFire

__all__ = ["Backfill", "Fire", "Hook", "HookEvent", "HookRefusal", "Schedule", "Trigger", "TriggerFire"]
