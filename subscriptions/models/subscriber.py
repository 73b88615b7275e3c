"""One person: a normalised address, their standing wish, their keywords."""

import uuid
from datetime import datetime

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from subscriptions.cadence import Cadence, Wish

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
        DAILY = "daily", _("every day")
        WEEKDAYS = "weekdays", _("weekdays")
        WEEKLY = "weekly", _("once a week")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    class ThinDay(models.TextChoices):
        SKIP = "skip", _("send nothing, keep looking")
        FILL = "fill", _("fill up with what is trending")

    class Size(models.IntegerChoices):
        FIVE = 5, _("5 papers")
        TEN = 10, _("10 papers")
        TWENTY = 20, _("20 papers")

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
        permissions = [
            ("export_subscriber", "Can take subscribers' data out"),
            ("import_subscriber", "Can import subscribers"),
            ("erase_subscriber", "Can erase a subscriber"),
        ]
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
    key = models.CharField("told apart by", max_length=2 * MAX_KEYWORD_LENGTH, editable=False, db_index=True)
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
