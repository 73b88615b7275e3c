"""The person and what we may do with their address.

Consent (does this person want mail?) and suppression (may we mail this address?) are two
separate axes: neither can be read off the other.
"""

import uuid
from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from timezone_field import TimeZoneField

from subscriptions.cadence import Cadence, Wish
from subscriptions.ledger import Outgoing

MAX_KEYWORDS = 30
MAX_KEYWORD_LENGTH = 80
SIZES = (5, 10, 20)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def active(self) -> "SubscriberQuerySet":
        """Those who confirmed and did not leave; says nothing of suppression."""
        return self.filter(status=Subscriber.Status.ACTIVE)

    def due(self, now: datetime) -> "SubscriberQuerySet":
        """Active, their hour has come, and not paused. Never equality: a missed hour is caught up."""
        return self.active().filter(Q(paused_until=None) | Q(paused_until__lte=now), next_digest_at__lte=now)


class Subscriber(models.Model):
    """One person: a normalised address and their standing wish."""

    class Status(models.TextChoices):
        PENDING = "pending", "pending"
        ACTIVE = "active", "active"
        UNSUBSCRIBED = "unsubscribed", "unsubscribed"

    class CadenceKind(models.TextChoices):
        DAILY = "daily", "every day"
        WEEKDAYS = "weekdays", "weekdays"
        WEEKLY = "weekly", "once a week"

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    class ThinDay(models.TextChoices):
        SKIP = "skip", "send nothing, keep looking"
        FILL = "fill", "fill up with what is trending"

    class Size(models.IntegerChoices):
        FIVE = 5, "5 papers"
        TEN = 10, "10 papers"
        TWENTY = 20, "20 papers"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("address", max_length=254, help_text="As the person typed it.")
    email_key = models.CharField(
        "normalised address",
        max_length=254,
        unique=True,
        editable=False,
        help_text="The form in which two spellings of one address are equal.",
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING, db_index=True)

    cadence = models.CharField(max_length=16, choices=CadenceKind, default=CadenceKind.DAILY)
    weekday = models.PositiveSmallIntegerField(
        choices=Weekday, null=True, blank=True, help_text="Only for a weekly cadence."
    )
    hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    time_zone = TimeZoneField(default="UTC", use_pytz=False)
    size = models.PositiveSmallIntegerField(choices=Size, default=Size.TEN)
    thin_day = models.CharField(max_length=8, choices=ThinDay, default=ThinDay.SKIP)
    language = models.CharField(max_length=16, default="en")

    next_digest_at = models.DateTimeField(null=True, blank=True, editable=False)
    caught_up_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Editions published up to this moment have been considered for this person.",
    )
    paused_until = models.DateTimeField(null=True, blank=True)
    token_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raising it revokes every link mailed so far."
    )
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    left_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="subscriber_hour_of_day"),
            models.CheckConstraint(condition=Q(size__in=SIZES), name="subscriber_size_offered"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "unsubscribed"]),
                name="subscriber_status_known",
            ),
            models.CheckConstraint(
                condition=Q(cadence="weekly", weekday__isnull=False, weekday__lte=6)
                | Q(cadence__in=["daily", "weekdays"], weekday__isnull=True),
                name="subscriber_weekday_iff_weekly",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(next_digest_at__isnull=False),
                name="subscriber_active_has_next_digest",
            ),
            models.CheckConstraint(
                condition=Q(thin_day__in=["skip", "fill"]), name="subscriber_thin_day_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_digest_at", "id"],
                condition=Q(status="active"),
                name="subscriber_due",
            ),
            models.Index(fields=["status", "asked_at"], name="subscriber_pending_age"),
        ]

    def __str__(self) -> str:
        # Logs and error pages print this: never the address.
        return f"subscriber {self.pk}"

    @property
    def wish(self) -> Wish:
        """The cadence as a value that `cadence.next_due` understands."""
        return Wish(cadence=Cadence(self.cadence), weekday=self.weekday, hour=self.hour, zone=self.time_zone)


class Keyword(models.Model):
    """A followed or muted term, as typed plus the form in which it is compared."""

    class Stance(models.TextChoices):
        FOLLOW = "follow", "followed"
        MUTE = "mute", "muted"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="keywords")
    text = models.CharField("as typed", max_length=MAX_KEYWORD_LENGTH)
    key = models.CharField("compared as", max_length=2 * MAX_KEYWORD_LENGTH, editable=False, db_index=True)
    stance = models.CharField(max_length=8, choices=Stance, default=Stance.FOLLOW)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "key"], name="keyword_once_per_subscriber"),
            models.CheckConstraint(condition=~Q(key=""), name="keyword_not_empty"),
            models.CheckConstraint(condition=Q(stance__in=["follow", "mute"]), name="keyword_stance_known"),
        ]

    def __str__(self) -> str:
        return f"-{self.text}" if self.stance == self.Stance.MUTE else self.text


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


class Suppression(models.Model):
    """An address we do not mail, and why. Holds no address, only a keyed hash of it."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", "permanent bounce"
        COMPLAINT = "complaint", "complaint"
        ERASED = "erased", "erased at their wish"
        MANUAL = "manual", "by an editor"

    key = models.CharField(max_length=64, unique=True, help_text="Keyed hash of the address.")
    reason = models.CharField(max_length=16, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["bounce", "complaint", "erased", "manual"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.key[:8]} ({self.reason})"


class Notice(Outgoing):
    """A transactional letter owed to one person: written with what caused it, sent after.

    The row is the promise and the queue only a hint, so a letter survives a lost task.
    """

    class Letter(models.TextChoices):
        CONFIRMATION = "confirmation", "confirmation"
        WELCOME = "welcome", "welcome"
        FAREWELL = "farewell", "farewell"
        MANAGE_LINK = "manage_link", "link to the preferences"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="notices")
    letter = models.CharField(max_length=16, choices=Letter)
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

    def __str__(self) -> str:
        return f"{self.letter} notice {self.pk}"
