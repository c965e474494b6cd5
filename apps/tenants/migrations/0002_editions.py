"""The editions UZO is delivered with."""

from django.db import migrations

from apps.tenants.editions import install


def write(apps, schema_editor):
    install(apps)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
