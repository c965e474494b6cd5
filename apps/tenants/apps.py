from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "apps.tenants"
    label = "tenants"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from apps.tenants.caches import key_by_schema
        from apps.tenants.hosts import forget_hosts

        key_by_schema()
        # Signals, against the custom of the house: no way of changing a row may leave this process behind.
        for name in ("Domain", "Subscription", "Plan"):
            for signal in (post_save, post_delete):
                signal.connect(forget_hosts, sender=self.get_model(name), dispatch_uid=f"hosts after {name}")
