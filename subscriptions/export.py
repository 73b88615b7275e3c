"""All that is held on one person, as they get it (GDPR, articles 15 and 20)."""

from typing import Any

from django.utils import translation

from subscriptions import wording
from subscriptions.holdings import holdings
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.preferences import Preferences
from subscriptions.suppression import reasons


def everything_on(subscriber: Subscriber) -> dict[str, Any]:
    """One value fit for JSON. Holds no token and no internal number: it may be shown to anybody they like.

    Questions that went to another address are left out: whether there was one would tell whether that
    address is known.
    """
    return {
        "format": "paper-round-export-1",
        "subscriber": {
            "address": subscriber.email,
            "status": subscriber.status,
            "asked_at": _iso(subscriber.asked_at),
            "confirmed_at": _iso(subscriber.confirmed_at),
            "left_at": _iso(subscriber.left_at),
            "paused_until": _iso(subscriber.paused_until),
            "next_digest_at": _iso(subscriber.next_digest_at),
        },
        "preferences": Preferences.of(subscriber).as_json(),
        "consent": [
            {
                "kind": line.kind,
                "at": _iso(line.at),
                "origin": line.origin,
                "wording": line.wording,
                "words": _words(line),
                "network": line.network,
                "detail": line.detail,
            }
            for line in subscriber.consents.all()
        ],
        "suppressed": [str(reason) for reason in reasons(subscriber.email_key)],
        "letters": [
            {
                "letter": notice.letter,
                "subject": notice.subject,
                "created_at": _iso(notice.created_at),
                "state": notice.state,
                "settled_at": _iso(notice.settled_at),
            }
            for notice in subscriber.notices.order_by("created_at", "pk")
            if notice.letter != Notice.Letter.ADDRESS_CHANGE
        ],
        **{holding.name: holding.export(subscriber) for holding in holdings()},
    }


def _words(line: Consent) -> str:
    """As they read them, in the language of that page."""
    with translation.override(line.detail.get("language")):
        return str(wording.TEXTS.get(line.wording, ""))


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
