"""What is found in somebody else's list, in our few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from subscriptions.address import Address
from subscriptions.preferences import Preferences


class FileRefused(ValueError):
    """Nothing of the file can be used; the message is one sentence for whoever brought it."""


class BadCell(ValueError):
    """One line cannot be used. The message says why and shows nothing of the line."""


class Standing(StrEnum):
    """How somebody stood with those whose list this is. The last three must not be mailed."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    UNKNOWN = "not told"
    UNSUBSCRIBED = "unsubscribed"
    NEVER = "never subscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Row:
    """One line's cells by column. `part` is the name of the file it stands in."""

    columns: Mapping[str, int]
    cells: Sequence[str]
    part: str = ""

    def cell(self, name: str) -> str:
        """Empty where there is no such column."""
        position = self.columns.get(name)
        return "" if position is None else self.cells[position].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a format makes of a row. `times` are moments of consent, as the file writes them."""

    standing: Standing
    preferences: Preferences
    times: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    where: str
    address: Address
    standing: Standing
    preferences: Preferences
    times: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    where: str
    reason: str
