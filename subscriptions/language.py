"""The language a person reads."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from subscriptions.models import Subscriber


def language_of(subscriber: Subscriber) -> str:
    """Theirs, or English where this house does not speak it (any more)."""
    known = dict(settings.LANGUAGES)
    return subscriber.language if subscriber.language in known else str(settings.LANGUAGE_CODE)


def in_language_of(subscriber: Subscriber) -> AbstractContextManager[None]:
    """Within this, texts come out in their language."""
    return translation.override(language_of(subscriber))
