"""Looks of before that proved their day need not be repeated."""

from django.db import migrations


def settle(apps, schema_editor):
    runs = apps.get_model("digest", "IngestRun").objects.using(schema_editor.connection.alias)
    runs.filter(verdict__in=["complete", "holiday", "empty"]).update(settled=True)


class Migration(migrations.Migration):
    dependencies = [("digest", "0002_sources")]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
