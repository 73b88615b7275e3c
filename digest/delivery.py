"""The life of a delivery: the digest's part of claim, hand over, record."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from digest.letter import LETTER, NothingLeft, digest_of
from digest.models import Delivery
from digest.press import Links, print_digest, print_page
from digest.rest import digest_and_rest
from subscriptions import outgoing
from subscriptions.language import in_language_of
from subscriptions.mail import Excluded, check_envelope, link, list_headers, token_for
from subscriptions.message import Message
from subscriptions.models import Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import Purpose, make_token

CHUNK = 100
LEASE = outgoing.LEASE
MAX_ATTEMPTS = outgoing.MAX_ATTEMPTS


def waiting(now: datetime | None = None, *, limit: int = CHUNK) -> list[int]:
    """Ids of planned deliveries that are due and that nobody holds, oldest first."""
    return outgoing.waiting(Delivery, limit=limit, now=now)


def claim(delivery_ids: Sequence[int], now: datetime | None = None) -> list[int]:
    """Take a lease on those that are free. Returns the ids that are now ours."""
    return outgoing.claim(Delivery, delivery_ids, now=now)


def deliver(delivery_ids: Sequence[int], *, progress: outgoing.Progress | None = None) -> None:
    """Send those of the given deliveries that nobody else has claimed."""
    outgoing.send_out(Delivery, delivery_ids, _compose, progress=progress)


def reap(now: datetime | None = None) -> int:
    """Settle what a dead worker left handed over. What was only planned, others simply claim."""
    return outgoing.reap(Delivery, now)


def _compose(delivery: Delivery) -> Message:
    subscriber = delivery.subscriber
    if subscriber is None:
        raise Excluded("the subscriber was erased")
    try:
        message = compose(delivery, subscriber)
    except NothingLeft:
        raise Excluded("no paper of it may be shown any more") from None
    check_envelope(message, subscriber.email)
    # Last, and read anew: who left while this was being composed gets nothing.
    subscriber.refresh_from_db(fields=["status", "paused_until"])
    if obstacle := _obstacle(subscriber):
        raise Excluded(obstacle)
    return message


def compose(delivery: Delivery, subscriber: Subscriber, links: Links | None = None) -> Message:
    """The message of a delivery, in the reader's language, with the reader's own links unless others are
    given.

    Raises:
        NothingLeft: no pick may be shown any more.
        LetterRefused: a single paper has no room.
    """
    links = links or links_of(delivery, subscriber)
    with in_language_of(subscriber):
        pages = print_digest(digest_of(delivery, subscriber), links, last_subject=_last_subject(delivery))
    feedback_id = f"{delivery.edition.date:%Y%m%d}:digest:edition:paperround"
    headers = list_headers(delivery.public_id, links.unsubscribe, feedback_id)
    message = Message(subscriber.email, pages.subject, pages.text, pages.html, headers)
    message.metadata = {"delivery": delivery.public_id.hex}
    message.tags = [LETTER]
    return message


def page_of(delivery: Delivery, subscriber: Subscriber) -> str:
    """The same for a browser, with what else matched.

    Raises:
        NothingLeft: as with `compose`.
    """
    with in_language_of(subscriber):
        return print_page(digest_and_rest(delivery, subscriber), links_of(delivery, subscriber))


def _last_subject(delivery: Delivery) -> str:
    """Of the digest before: two of one name look like one."""
    arrived = [Delivery.State.HANDED_OVER, Delivery.State.ACCEPTED, Delivery.State.UNCERTAIN]
    others = Delivery.objects.filter(subscriber=delivery.subscriber_id, state__in=arrived)
    others = others.exclude(pk=delivery.pk).exclude(edition=delivery.edition_id).exclude(subject="")
    return others.order_by("-handed_over_at").values_list("subject", flat=True).first() or ""


def links_of(delivery: Delivery, subscriber: Subscriber) -> Links:
    feedback = reverse("site:feedback", args=[token_for(Purpose.FEEDBACK, subscriber)])
    web = reverse("site:digest", args=[digest_token(delivery, subscriber)])
    return Links(
        unsubscribe=link(Purpose.UNSUBSCRIBE, subscriber),
        feedback=settings.SITE_URL + feedback,
        web=settings.SITE_URL + web,
    )


def digest_token(delivery: Delivery, subscriber: Subscriber) -> str:
    """Names the delivery; good as long as all links of its reader are."""
    return make_token(Purpose.DIGEST, public_id=delivery.public_id, epoch=subscriber.token_epoch)


def _obstacle(subscriber: Subscriber) -> str:
    """Why this person must not be mailed at this very moment, or ''."""
    if subscriber.status != Subscriber.Status.ACTIVE:
        return f"the subscriber is {subscriber.status}"
    if subscriber.paused_until and subscriber.paused_until > timezone.now():
        return "the subscriber paused"
    if is_suppressed(subscriber.email_key):
        return "suppressed"
    return ""
