"""Mailed links as a browser would ask for them."""

from django.urls import reverse

from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose, make_token


def path_of(purpose: Purpose, subscriber: Subscriber) -> str:
    """The path of one of a subscriber's links, made now."""
    token = make_token(purpose, public_id=subscriber.public_id, epoch=subscriber.token_epoch)
    return reverse(f"subscriptions:{purpose}", args=[token])
