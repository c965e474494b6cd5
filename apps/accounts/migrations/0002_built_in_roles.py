"""Every schema starts with the built-in roles."""

from django.db import migrations

from apps.accounts.core.roles import BUILT_IN


def write(apps, schema_editor):
    role = apps.get_model("accounts", "Role")
    for each in BUILT_IN:
        role.objects.get_or_create(
            name=each.key,
            defaults={
                "description": each.description,
                "capabilities": list(each.capabilities),
                "levels": [str(level) for level in each.levels],
                "is_built_in": True,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
