"""How much run data each plan allows; operators may change it."""

from django.db import migrations

from apps.tenants.editions import install


def write(apps, schema_editor):
    install(apps)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_editions")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
