from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("executions", "0011_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="nodeexecution",
            name="part",
            field=models.FloatField(
                blank=True, help_text="How much of its work is done while it runs, from 0 to 1", null=True
            ),
        ),
    ]
