"""Does a preprint of bioRxiv or medRxiv say that it is withdrawn? They keep its row, and say so in words."""

import re
from collections.abc import Mapping
from typing import Any

from digest.relevance.text import clean
from digest.sources.fields import text

# "Patients were withdrawn" tells of no withdrawal: it is the work itself that has to be.
_WORK = r"(?:manuscript|preprint|pre-print|article|paper|submission|posting)"
# Nor does a title on "Withdrawal of ...", or one on withdrawn people.
_WITHDRAWN_TITLE = re.compile(
    r"\W*(?:(?i:withdrawn|retracted)\s*(?:[:\])]|\s[-–—]\s|$)|WITHDRAWN\b|RETRACTED\b)"
)
_WITHDRAWN_TEXT = re.compile(
    rf"\b(?:this|the|our) {_WORK} (?:has been|have been|was|is|is being)(?: \w+)? (?:withdrawn|retracted)\b"
    r"|\b(?:has|have|had|wish(?:es)? to)(?: \w+)? (?:withdrawn|withdraw|retracted|retract) "
    rf"(?:this|the|their|our) {_WORK}\b",
    re.IGNORECASE,
)
_WITHDRAWAL_BEGINS = 400
"""Characters of an abstract within which it says so, if it does."""


def is_withdrawn(row: Mapping[str, Any], title: str) -> bool:
    kind = text(row, "type", limit=100).casefold()
    if "withdraw" in kind or "retract" in kind:
        return True
    if _WITHDRAWN_TITLE.match(title):
        return True
    return bool(_WITHDRAWN_TEXT.search(clean(text(row, "abstract", limit=2_000))[:_WITHDRAWAL_BEGINS]))
