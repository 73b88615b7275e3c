"""Transactional letters that are owed."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from subscriptions.ledger import Outgoing
from subscriptions.models.consent import Consent
from subscriptions.models.subscriber import Subscriber


class Notice(Outgoing):
    """A transactional letter owed to one person: written with what caused it, sent after.

    The row is the promise and the queue only a hint, so a letter survives a lost task.
    """

    class Letter(models.TextChoices):
        CONFIRMATION = "confirmation", "confirmation"
        WELCOME = "welcome", "welcome"
        FAREWELL = "farewell", "farewell"
        MANAGE_LINK = "manage_link", "link to the preferences"
        ALREADY_SUBSCRIBED = "already_subscribed", "already subscribed"
        ADDRESS_CHANGE = "address_change", "question at the new address"
        ADDRESS_CHANGED = "address_changed", "notice to the old address"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="notices")
    letter = models.CharField(max_length=32, choices=Letter)
    ask = models.ForeignKey(
        Consent,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
        help_text="What was asked, where the letter is the question about it: only that is confirmed.",
    )
    address = models.EmailField(
        max_length=254, blank=True, help_text="Where it goes, if not to the subscriber's address."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["planned", "handed_over", "accepted", "failed", "uncertain", "excluded"]
                ),
                name="notice_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["planned", "handed_over"]),
                name="notice_open",
            ),
            models.Index(fields=["subscriber", "letter", "created_at"], name="notice_history"),
        ]

    @property
    def to(self) -> str:
        return self.address or self.subscriber.email

    def __str__(self) -> str:
        return f"{self.letter} notice {self.pk}"
