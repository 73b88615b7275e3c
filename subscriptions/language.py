"""The language a person reads."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from subscriptions.models import Subscriber


def known_language(code: str) -> str:
    """This one, or English where this house does not speak it (any more)."""
    return code if code in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def language_of(subscriber: Subscriber) -> str:
    return known_language(subscriber.language)


def in_language_of(subscriber: Subscriber) -> AbstractContextManager[None]:
    """Within this, texts come out in their language."""
    return translation.override(language_of(subscriber))
