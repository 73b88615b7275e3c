"""How many records were set aside, also where a run keeps only the first of them."""

from django.db import migrations, models


def count(apps, schema_editor):
    runs = apps.get_model("digest", "IngestRun").objects.using(schema_editor.connection.alias)
    for run in runs.exclude(set_aside=[]).only("set_aside").iterator(chunk_size=500):
        runs.filter(pk=run.pk).update(unread=len(run.set_aside))


class Migration(migrations.Migration):
    dependencies = [("digest", "0003_settled_looks")]

    operations = [
        migrations.AddField(
            model_name="ingestrun",
            name="unread",
            field=models.PositiveIntegerField(
                default=0,
                help_text="How many they are; of many, the first are kept.",
                verbose_name="set aside",
            ),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
