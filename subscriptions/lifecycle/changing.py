"""Another wish, a pause, new links."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import Address
from subscriptions.cadence import next_due
from subscriptions.keywords import TypedKeyword
from subscriptions.lifecycle.owing import lock, owe, record
from subscriptions.models import Consent, Keyword, Notice, Subscriber
from subscriptions.preferences import Preferences
from subscriptions.suppression import is_suppressed
from subscriptions.throttling import LINKS_PER_ADDRESS, admit, spend

LONGEST_PAUSE = timedelta(days=366)
WHEN = {"cadence", "weekday", "hour", "time_zone"}


class PauseRefused(ValueError):
    """The day lies in the past, or too far ahead."""


@transaction.atomic
def change(
    subscriber: Subscriber,
    preferences: Preferences,
    *,
    origin: Consent.Origin = Consent.Origin.PAGE,
    words: str = wording.PREFERENCES,
    network: str = "",
    now: datetime | None = None,
) -> bool:
    """They want something else from now on. Returns whether anything is different."""
    now = now or timezone.now()
    subscriber = lock(subscriber)
    before, zone = Preferences.of(subscriber), subscriber.time_zone
    preferences.write_to(subscriber)
    if subscriber.paused_until is not None:
        # The day they named is what counts, wherever they are.
        day = subscriber.paused_until.astimezone(zone).date()
        subscriber.paused_until = datetime.combine(day, time(), tzinfo=subscriber.time_zone)
    set_keywords(subscriber, preferences.keywords)
    changed = before.differences(Preferences.of(subscriber))
    if not changed:
        return False
    if changed.keys() & WHEN:
        move_next_digest(subscriber, now)
    subscriber.save()
    record(
        subscriber,
        Consent.Kind.CHANGED,
        at=now,
        origin=origin,
        wording=words,
        network=network,
        changed=changed,
    )
    return True


def fewer(subscriber: Subscriber, *, network: str = "", now: datetime | None = None) -> bool:
    """Instead of leaving: five papers on Mondays."""
    preferences = replace(
        Preferences.of(subscriber),
        cadence=Subscriber.CadenceKind.WEEKLY,
        weekday=Subscriber.Weekday.MONDAY,
        size=Subscriber.Size.FIVE,
    )
    return change(subscriber, preferences, words=wording.FEWER, network=network, now=now)


@transaction.atomic
def pause(subscriber: Subscriber, until: date, *, network: str = "", now: datetime | None = None) -> None:
    """Send nothing before that day, which begins at midnight in their zone.

    Raises:
        PauseRefused: the day is not within the next year.
    """
    now = now or timezone.now()
    subscriber = lock(subscriber)
    moment = datetime.combine(until, time(), tzinfo=subscriber.time_zone)
    if not now < moment <= now + LONGEST_PAUSE:
        raise PauseRefused
    _set_pause(subscriber, moment, network=network, now=now)


@transaction.atomic
def resume(subscriber: Subscriber, *, network: str = "", now: datetime | None = None) -> None:
    """Go on at the next regular hour."""
    subscriber = lock(subscriber)
    if subscriber.paused_until is not None:
        _set_pause(subscriber, None, network=network, now=now or timezone.now())


@transaction.atomic
def revoke_links(subscriber: Subscriber) -> None:
    """Make every link mailed so far worthless, but for leaving, which must always work."""
    subscriber = lock(subscriber)
    subscriber.token_epoch += 1
    subscriber.save(update_fields=["token_epoch"])
    # A letter that has not left yet would carry a new link.
    waiting = subscriber.notices.filter(
        letter__in=[Notice.Letter.ADDRESS_CHANGE, Notice.Letter.MANAGE_LINK], state=Notice.State.PLANNED
    )
    waiting.update(state=Notice.State.EXCLUDED, reason="links revoked", settled_at=timezone.now())


def ask_for_link(address: Address, *, network: str = "", now: datetime | None = None) -> list[int]:
    """Somebody asks for the link to the preferences of this address; it goes there and nowhere else.

    Returns the ids of the notices to send: none for an address that nobody has confirmed.

    Raises:
        OverLimit: this network asks too often; nothing was looked at.
    """
    now = now or timezone.now()
    admit(network, now=now)
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().filter(email_key=address.key).first()
        if subscriber is None or subscriber.confirmed_at is None or is_suppressed(address.key):
            return []
        scopes = zip(("link a day", "links a month"), LINKS_PER_ADDRESS, strict=True)
        if not all(spend(scope, address.key, rate, now=now) for scope, rate in scopes):
            return []
        return [owe(subscriber, Notice.Letter.MANAGE_LINK, now)]


def set_keywords(subscriber: Subscriber, keywords: Sequence[TypedKeyword]) -> None:
    """Make these the person's keywords, in this order."""
    subscriber.keywords.all().delete()
    Keyword.objects.bulk_create(
        [
            Keyword(subscriber=subscriber, text=typed.text, key=typed.key, stance=typed.stance)
            for typed in keywords
        ]
    )


def _set_pause(subscriber: Subscriber, until: datetime | None, *, network: str, now: datetime) -> None:
    subscriber.paused_until = until
    move_next_digest(subscriber, now)
    subscriber.save(update_fields=["paused_until", "next_digest_at"])
    record(
        subscriber,
        Consent.Kind.CHANGED,
        at=now,
        origin=Consent.Origin.PAGE,
        wording=wording.PAUSE if until else wording.RESUME,
        network=network,
        paused_until=until.isoformat() if until else None,
    )


def move_next_digest(subscriber: Subscriber, now: datetime) -> None:
    """To the first hour of theirs from now on, or after a pause. A first digest stays due at once.

    Who has had today's, or today's hour, is next due on another day: another hour brings no second one.
    """
    if subscriber.status != Subscriber.Status.ACTIVE:
        return
    today = datetime.combine(now.astimezone(subscriber.time_zone).date(), time(), tzinfo=subscriber.time_zone)
    tomorrow = today + timedelta(days=1)  # by the clock on the wall
    # A second earlier, so that an hour of midnight on the day itself counts.
    if subscriber.paused_until and subscriber.paused_until > now:
        subscriber.next_digest_at = next_due(subscriber.wish, subscriber.paused_until - timedelta(seconds=1))
    elif subscriber.caught_up_at is None:
        subscriber.next_digest_at = now
    elif subscriber.next_digest_at and now < tomorrow <= subscriber.next_digest_at:
        subscriber.next_digest_at = next_due(subscriber.wish, tomorrow - timedelta(seconds=1))
    else:
        subscriber.next_digest_at = next_due(subscriber.wish, now)
