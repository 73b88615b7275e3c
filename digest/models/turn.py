"""Whose turn it is to ask a service: the limiter of an installation without Redis."""

from django.db import models


class Turn(models.Model):
    """One service, asked by one worker at a time: see `sources.gate`. Moments are seconds since 1970."""

    service = models.CharField(max_length=200, unique=True)
    held_by = models.CharField(max_length=32, blank=True)
    held_until = models.FloatField(default=0, help_text="A worker that died lets go then.")
    free_at = models.FloatField(default=0, help_text="No request before this moment.")
    pause = models.FloatField(default=0, help_text="Seconds from the end of the last request until then.")

    def __str__(self) -> str:
        return self.service
