"""How long a pause was meant to be, so that a clock that is put back cannot make it longer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("digest", "0004_unread")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="pause",
            field=models.FloatField(
                default=0, help_text="Seconds from the end of the last request until then."
            ),
        ),
    ]
