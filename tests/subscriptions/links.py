"""Mailed links as a browser would ask for them."""

from django.urls import reverse

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.mail import token_for
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.preferences import Preferences
from subscriptions.tokens import Purpose


def path_of(purpose: Purpose, subject: Subscriber | Notice) -> str:
    """The path of one of a subscriber's links, or of a letter's, made now."""
    app = "site" if purpose is Purpose.FEEDBACK else "subscriptions"
    return reverse(f"{app}:{purpose}", args=[token_for(purpose, subject)])


def erase_path(subscriber: Subscriber) -> str:
    return reverse("subscriptions:erase", args=[token_for(Purpose.PREFERENCES, subscriber)])


def asked(email: str = "ada@example.org", keywords: str = "", **preferences: object) -> Notice:
    """The question that a sign-up with these keywords brings about."""
    wish = Preferences(keywords=tuple(parse_keywords(keywords)), **preferences)  # type: ignore[arg-type]
    [pk] = lifecycle.request(parse_address(email), wish, origin=Consent.Origin.FORM)
    return Notice.objects.get(pk=pk)


def asked_to_move(subscriber: Subscriber, email: str = "ada@new.example") -> Notice:
    """The question at somebody's new address."""
    [pk] = lifecycle.ask_to_move(subscriber, parse_address(email))
    return Notice.objects.get(pk=pk)
