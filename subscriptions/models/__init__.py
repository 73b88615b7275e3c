"""The person and what we may do with their address.

Consent (does this person want mail?) and suppression (may we mail this address?) are two
separate axes: neither can be read off the other.
"""

from subscriptions.models.allowance import Allowance
from subscriptions.models.consent import Consent
from subscriptions.models.notice import Notice
from subscriptions.models.subscriber import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, SIZES, Keyword, Subscriber
from subscriptions.models.suppression import Suppression

__all__ = [
    "MAX_KEYWORDS",
    "MAX_KEYWORD_LENGTH",
    "SIZES",
    "Allowance",
    "Consent",
    "Keyword",
    "Notice",
    "Subscriber",
    "Suppression",
]
