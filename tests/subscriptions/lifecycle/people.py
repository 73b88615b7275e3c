"""What the tests of the verbs share: Ada, who signs up, and what is on record of her."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Keyword, Notice, Subscriber
from subscriptions.preferences import Preferences
from tests.factories import make_subscriber

NOW = datetime(2025, 9, 26, 12, tzinfo=UTC)
ADA = "ada@example.org"
PENDING = Subscriber.Status.PENDING
ACTIVE = Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED


def wish(keywords: str = "", *, zone: str | None = None, **fields: Any) -> Preferences:
    """A whole wish; what is not given is as on a form that nobody touched."""
    return Preferences(
        keywords=tuple(parse_keywords(keywords)), time_zone=ZoneInfo(zone) if zone else None, **fields
    )


def ask(
    email: str = ADA,
    keywords: str = "",
    *,
    at: datetime = NOW,
    network: str = "",
    cost: int = 1,
    **fields: Any,
) -> Notice | None:
    """A sign-up by the form; the letter it owes, if it owes one."""
    owed = lifecycle.request(
        parse_address(email),
        wish(keywords, **fields),
        origin=Consent.Origin.FORM,
        network=network,
        cost=cost,
        now=at,
    )
    assert len(owed) <= 1
    return Notice.objects.get(pk=owed[0]) if owed else None


def question(email: str = ADA, keywords: str = "", *, at: datetime = NOW, **fields: Any) -> Notice:
    """The same where there must be a question, which it returns."""
    notice = ask(email, keywords, at=at, **fields)
    assert notice is not None
    assert notice.letter == Notice.Letter.CONFIRMATION
    return notice


def say_yes(notice: Notice, *, at: datetime = NOW) -> list[int]:
    """Press the button of this letter, as the page behind its link does."""
    fresh = Notice.objects.get(pk=notice.pk)
    return lifecycle.confirm(fresh.subscriber, ask=fresh.ask, now=at)


def reader(words: str = "retrieval", **fields: Any) -> Subscriber:
    """Ada in Tokyo, who has had a digest and gets the next one tomorrow at seven there."""
    values: dict[str, Any] = {
        "hour": 7,
        "time_zone": "Asia/Tokyo",
        "caught_up_at": NOW - timedelta(days=2),
        "next_digest_at": datetime(2025, 9, 26, 22, tzinfo=UTC),
    }
    made = make_subscriber(ADA, words, **(values | fields))
    made.refresh_from_db()
    return made


def the_subscriber() -> Subscriber:
    return Subscriber.objects.get()


def row(subscriber: Subscriber) -> dict[str, Any]:
    """All columns of a person as they are now."""
    return dict(Subscriber.objects.values().get(pk=subscriber.pk))


def history() -> list[tuple[str, str, str]]:
    return list(Consent.objects.values_list("kind", "origin", "wording"))


def last_consent() -> Consent:
    consent = Consent.objects.last()
    assert consent is not None
    return consent


def keywords() -> list[str]:
    return [str(keyword) for keyword in Keyword.objects.order_by("pk")]


def letters(ids: list[int] | None = None) -> list[str]:
    """Which letters are owed, oldest first: those of these ids, or all."""
    notices = Notice.objects.order_by("pk")
    if ids is not None:
        notices = notices.filter(pk__in=ids)
    return list(notices.values_list("letter", flat=True))
