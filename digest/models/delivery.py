"""The ledger of digests: one row for one subscriber and one edition, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from digest.models.edition import Edition
from subscriptions.ledger import Outgoing
from subscriptions.models import Notice, Subscriber


class Delivery(Outgoing):
    """One digest for one subscriber: `planned -> handed_over -> accepted`, or an end that says why.

    `edition` is the newest edition the digest draws on, `editions` all of them. `picks` is the
    ordered choice with its reasons: a list of {"paper": id, "terms": [[keyword, place]], ...}.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscriber = models.ForeignKey(
        Subscriber,
        on_delete=models.SET_NULL,
        null=True,
        related_name="deliveries",
        help_text="Empty once the person was erased: the ledger keeps its count, not their name.",
    )
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="deliveries")
    editions = models.JSONField(default=list, help_text="Ids of all editions it draws on.")
    picks = models.JSONField(default=list)
    left_out = models.PositiveIntegerField(default=0, help_text="Matches beyond the size.")
    planned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-planned_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "edition"], name="delivery_once_per_edition"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "planned",
                        "handed_over",
                        "accepted",
                        "failed",
                        "excluded",
                        "uncertain",
                    ]
                ),
                name="delivery_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "excluded"]) | ~Q(reason=""),
                name="delivery_end_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["handed_over", "accepted"]) | Q(handed_over_at__isnull=False),
                name="delivery_handed_over_is_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state="planned"),
                name="delivery_planned",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["planned", "handed_over"]),
                name="delivery_leased",
            ),
            models.Index(fields=["edition", "state"], name="delivery_ledger"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class DeliveryEvent(models.Model):
    """One event a mail provider reported, stored once by its id before anything acts on it."""

    class Kind(models.TextChoices):
        # Anymail's normalised names, as they are.
        QUEUED = "queued", "queued"
        SENT = "sent", "sent"
        REJECTED = "rejected", "rejected"
        FAILED = "failed", "failed"
        BOUNCED = "bounced", "bounced"
        DEFERRED = "deferred", "deferred"
        DELIVERED = "delivered", "delivered"
        COMPLAINED = "complained", "complained"
        UNSUBSCRIBED = "unsubscribed", "unsubscribed"
        AUTORESPONDED = "autoresponded", "autoresponded"
        UNKNOWN = "unknown", "unknown"

    esp = models.CharField("provider", max_length=32)
    event_id = models.CharField(
        max_length=128, help_text="The provider's id, or a hash of the event where it gives none."
    )
    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, null=True, blank=True, related_name="events"
    )
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    detail = models.CharField(max_length=500, blank=True, help_text="Reject reason and description.")
    occurred_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["esp", "event_id"], name="deliveryevent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.esp} {self.kind}"
