"""The built-in owner role of tenants that are there already learns to look at operations."""

from django.db import migrations

CAPABILITY = "operations.read"


def add(apps, schema_editor):
    for role in apps.get_model("accounts", "Role").objects.filter(name="owner", is_built_in=True):
        if CAPABILITY not in role.capabilities:
            role.capabilities = [*role.capabilities, CAPABILITY]
            role.save(update_fields=["capabilities"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_built_in_roles")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
