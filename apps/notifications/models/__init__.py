"""What people were told in the pages, in the tenant's schema."""

from apps.notifications.models.notification import Notification

__all__ = ["Notification"]
