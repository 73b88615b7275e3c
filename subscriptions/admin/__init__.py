"""The person in the admin: looked at, never edited by hand. Whatever can be done says first what it does."""

from subscriptions.admin import consent, notice, subscriber, suppression
from subscriptions.admin.ledger import ReadOnlyAdmin

__all__ = ["ReadOnlyAdmin", "consent", "notice", "subscriber", "suppression"]
