"""How many executions each plan runs at once; operators may change it."""

from django.db import migrations

from apps.tenants.editions import install


def write(apps, schema_editor):
    install(apps)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_run_store_limit")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
