"""Plans keep the order of keys, which is the order of columns; `jsonb` sorts them."""

from django.db import migrations

import apps.workflows.models.diagram_field


class Migration(migrations.Migration):
    dependencies = [
        ("executions", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="workflowexecution",
            name="plan",
            field=apps.workflows.models.diagram_field.DiagramField(blank=True, default=dict),
        ),
    ]
