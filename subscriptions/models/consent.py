"""The append-only record of what a person asked for and agreed to."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from subscriptions.models.subscriber import Subscriber


class ConsentQuerySet(models.QuerySet["Consent"]):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("Consent is append-only: record what changed as a new row.")


class Consent(models.Model):
    """One line of the append-only record: what was asked or said, when, where, in which words."""

    class Kind(models.TextChoices):
        ASKED = "asked", "asked"
        CONFIRMED = "confirmed", "confirmed"
        CHANGED = "changed", "changed"
        WITHDRAWN = "withdrawn", "withdrawn"

    class Origin(models.TextChoices):
        FORM = "form", "sign-up form"
        PAGE = "page", "page behind a mailed link"
        ONE_CLICK = "one-click", "one-click POST of a mail client"
        API = "api", "API"
        IMPORT = "import", "import"
        EDITOR = "editor", "editor"
        PROVIDER = "provider", "mail provider's event"
        DEMO = "demo", "demo data"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=16, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    origin = models.CharField(max_length=16, choices=Origin)
    wording = models.CharField(
        max_length=64, help_text="Which version of the text the person saw: see `wording.py`."
    )
    network = models.CharField(max_length=64, blank=True, help_text="Shortened client network.")
    detail = models.JSONField(default=dict, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["asked", "confirmed", "changed", "withdrawn"]),
                name="consent_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["subscriber", "kind", "at"], name="consent_history")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Consent is append-only: record what changed as a new row.")
        super().save(*args, **kwargs)
