"""What a feed proves about a day, by its content."""

from dataclasses import dataclass, replace
from datetime import date

from digest.sources.arxiv import calendar
from digest.sources.arxiv.categories import canonical
from digest.sources.arxiv.feed import MOST, Feed
from digest.sources.base import FoundPaper, Proof, SetAside, is_near, only_enriching


@dataclass(frozen=True, slots=True)
class Verdict:
    proof: Proof
    reason: str = ""
    belongs_to: date | None = None
    """Whose papers they are, where not the day's that was asked for."""
    only_enriches: bool = False
    """Whether nobody can tell whose they are."""


def of_feed(feed: Feed, day: date, category: str = "") -> Verdict:
    """Judge a feed that was asked for `day`, and for `category` (several are joined by `+`) if it was.

    The last batch may be served again on days without one: then the feed's own date, or the weekend,
    tells. That it is served again under the date of a working day only a comparison of what is
    announced can tell, which is for whoever keeps that.
    """
    if not feed.records:
        judged = of_nothing(day)
        if judged.proof == Proof.PARTIAL and feed.day == day and not feed.broken:
            # Made for this day, not left over: a witness, though one that has to be seconded.
            return Verdict(Proof.EMPTY, "The feed of this day is empty.")
        return judged
    if category and feed.category and _names(feed.category) != _names(category):
        return Verdict(Proof.STALE, f"The feed is of {feed.category}, not of {category}.", only_enriches=True)
    if feed.day is not None and not is_near(feed.day, day):
        return Verdict(Proof.STALE, f"The feed is of {feed.day}.", only_enriches=True)
    if feed.day is not None and feed.day != day:
        return Verdict(Proof.STALE, f"The feed is of {feed.day}.", feed.day)
    if day.weekday() >= 5:
        last = calendar.last_expected(day)
        return Verdict(
            Proof.STALE, f"Nothing is announced at weekends: the feed still holds the batch of {last}.", last
        )
    if feed.broken:
        return Verdict(Proof.PARTIAL, f"The feed breaks off: {feed.broken}.")
    if len(feed.records) >= MOST:
        return Verdict(
            Proof.PARTIAL, f"The feed holds {len(feed.records)} items, and arXiv cuts off the new ones there."
        )
    if feed.day is None:
        return Verdict(Proof.PARTIAL, "The feed does not say which day it is of.")
    return Verdict(Proof.COMPLETE)


def of_nothing(day: date) -> Verdict:
    """Judge a feed without items."""
    if calendar.expects(day):
        return Verdict(Proof.PARTIAL, "The feed is empty on a day of announcements.")
    return Verdict(Proof.HOLIDAY, "arXiv announces nothing on this day.")


def _names(category: str) -> set[str]:
    return {canonical(name) for name in category.split("+")}


def judged(records: list[FoundPaper | SetAside], found: Verdict) -> list[FoundPaper | SetAside]:
    """The records as what the verdict says: of another day than their look's, or of none."""
    if found.only_enriches:
        return only_enriching(records)
    if (day := found.belongs_to) is None:
        return records
    moment = calendar.announcement_moment(day)
    return [
        replace(one, day=day, announced_at=moment) if isinstance(one, FoundPaper) else one for one in records
    ]
