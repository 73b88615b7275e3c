"""The nouns of the content, one module each."""

from digest.models.delivery import Delivery, DeliveryEvent
from digest.models.edition import Edition, Entry
from digest.models.inquiry import Inquiry
from digest.models.paper import Identifier, IngestRun, Paper, Sighting
from digest.models.turn import Turn
from digest.models.vote import Vote

__all__ = [
    "Delivery",
    "DeliveryEvent",
    "Edition",
    "Entry",
    "Identifier",
    "IngestRun",
    "Inquiry",
    "Paper",
    "Sighting",
    "Turn",
    "Vote",
]
