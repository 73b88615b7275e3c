"""What every row of a ledger of mail has: its state, and who holds it."""

from django.db import models
from django.utils import timezone


class Outgoing(models.Model):
    """A row of a ledger of mail: `planned -> handed_over -> accepted`, or an end that says why."""

    class State(models.TextChoices):
        PLANNED = "planned", "planned"
        HANDED_OVER = "handed_over", "handed over"
        ACCEPTED = "accepted", "accepted"
        FAILED = "failed", "failed"
        EXCLUDED = "excluded", "excluded"
        UNCERTAIN = "uncertain", "uncertain"

    state = models.CharField(max_length=16, choices=State, default=State.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="Not to be tried before.")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Claimed by a worker until then.")
    subject = models.CharField(max_length=150, blank=True, help_text="As it was handed over.")
    handed_over_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    esp_message_id = models.CharField(max_length=255, blank=True, db_index=True)

    class Meta:
        abstract = True
