"""How much of a limit somebody has used."""

from django.db import models


class Allowance(models.Model):
    """A bucket that drains with time: see `throttling.spend`. Holds no name, only a keyed hash."""

    key = models.CharField(
        max_length=64, unique=True, help_text="Keyed hash of what is limited and for whom."
    )
    used_until = models.FloatField(
        default=0, db_index=True, help_text="Seconds since 1970 at which the bucket will be empty again."
    )

    def __str__(self) -> str:
        return f"allowance {self.key[:8]}"
