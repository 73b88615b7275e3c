"""A person's whole standing wish as one value: what they want, how much of it, and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from subscriptions.keywords import KeywordsRefused, TypedKeyword, keywords_of
from subscriptions.models import Keyword, Subscriber
from subscriptions.zones import ZoneUnknown, find_zone


def house_zone() -> ZoneInfo:
    """The best guess at the zone of somebody who does not say: that of the editions."""
    return ZoneInfo(settings.EDITION_TIME_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """As the sign-up form, the API and the preference centre take them. `time_zone` None: not told."""

    keywords: tuple[TypedKeyword, ...] = ()
    cadence: str = Subscriber.CadenceKind.DAILY
    weekday: int | None = None
    hour: int = 8
    time_zone: ZoneInfo | None = None
    size: int = Subscriber.Size.TEN
    thin_day: str = Subscriber.ThinDay.SKIP
    language: str = "en"

    @classmethod
    def of(cls, subscriber: Subscriber) -> "Preferences":
        return cls(
            keywords=tuple(
                TypedKeyword(text=k.text, key=k.key, stance=Keyword.Stance(k.stance))
                for k in subscriber.keywords.all()
            ),
            **{name: getattr(subscriber, name) for name in PLAIN},
        )

    def write_to(self, subscriber: Subscriber) -> None:
        """Make it the wish of this person: all but the keywords, which are rows of their own."""
        known_zone = subscriber.time_zone
        for name in PLAIN:
            setattr(subscriber, name, getattr(self, name))
        subscriber.weekday = self.weekday if self.cadence == Subscriber.CadenceKind.WEEKLY else None
        # Who does not say keeps theirs.
        subscriber.time_zone = self.time_zone or (known_zone if subscriber.pk else house_zone())

    def as_json(self) -> dict[str, Any]:
        """For the consent ledger and the export."""
        plain = {name: getattr(self, name) for name in PLAIN if name != "time_zone"}
        return {
            "keywords": [f"-{k.text}" if k.stance == Keyword.Stance.MUTE else k.text for k in self.keywords],
            "time_zone": str(self.time_zone) if self.time_zone else None,
            **plain,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Preferences":
        """Read back what `as_json` made, also years later: what is not known any more is left out."""
        values = {name: told[name] for name in PLAIN if _is_possible(name, told.get(name))}
        try:
            values["time_zone"] = find_zone(told.get("time_zone") or "")
        except ZoneUnknown:
            values["time_zone"] = None
        if values.get("cadence") == Subscriber.CadenceKind.WEEKLY:
            values.setdefault("weekday", Subscriber.Weekday.MONDAY)
        try:
            keywords = tuple(keywords_of(told.get("keywords") or ()))
        except KeywordsRefused:
            keywords = ()
        return cls(keywords=keywords, **values)

    def differences(self, other: "Preferences") -> dict[str, list[Any]]:
        """What is not the same, by name: [here, there]."""
        mine, theirs = self.as_json(), other.as_json()
        return {name: [mine[name], theirs[name]] for name in mine if mine[name] != theirs[name]}


def _is_possible(name: str, value: object) -> bool:
    return value in POSSIBLE.get(name, (value,)) and value is not None


POSSIBLE: dict[str, Collection[object]] = {
    "cadence": Subscriber.CadenceKind.values,
    "weekday": Subscriber.Weekday.values,
    "hour": range(24),
    "size": Subscriber.Size.values,
    "thin_day": Subscriber.ThinDay.values,
}
PLAIN = tuple(field.name for field in fields(Preferences) if field.name != "keywords")
