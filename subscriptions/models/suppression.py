"""Addresses we do not mail."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Suppression(models.Model):
    """An address we do not mail, and why: a row a reason. Holds no address, only a keyed hash of it."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", "permanent bounce"
        COMPLAINT = "complaint", "complaint"
        ERASED = "erased", "erased at their wish"
        MANUAL = "manual", "by an editor"

    key = models.CharField(max_length=64, help_text="Keyed hash of the address.")
    reason = models.CharField(max_length=16, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-created_at"]
        permissions = [("suppress_address", "Can suppress an address and lift that again")]
        constraints = [
            models.UniqueConstraint(fields=["key", "reason"], name="suppression_once_per_reason"),
            models.CheckConstraint(
                condition=Q(reason__in=["bounce", "complaint", "erased", "manual"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.key[:8]} ({self.reason})"
