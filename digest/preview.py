"""What a wish would have brought in the last 30 days, quick enough to show while somebody types it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from digest.models import Entry
from digest.reasons import as_json, reason
from digest.relevance.index import Index
from digest.relevance.keywords import Keyword
from digest.relevance.selection import pins_beside
from digest.relevance.wishes import Pick, Profile
from digest.shelf import PATIENCE, Day, Held, shelf
from digest.words import join_and, quoted
from subscriptions.models import Keyword as Followed
from subscriptions.preferences import Preferences

FIRST = 3
"""Papers of the newest edition that are shown."""
TOO_MUCH = 0.3
"""Of all papers: a term that matches more than that does not choose."""


@dataclass(frozen=True, slots=True)
class First:
    """One of the newest edition's papers, as the preview shows it."""

    title: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have come. `papers` and `empty` count what is theirs, `by_day` the same edition by
    edition, oldest first; with `filled`, what is trending comes on top. `choosing`: did they name anything
    to follow? `newest`: the edition of `first`, the newest that has any of theirs.
    """

    days: int = 0
    papers: int = 0
    empty: int = 0
    newest: date | None = None
    first: tuple[First, ...] = ()
    warnings: tuple[str, ...] = ()
    filled: bool = False
    choosing: bool = False
    by_day: tuple[tuple[date, int], ...] = ()

    @property
    def empty_share(self) -> float:
        """Share of days that brought nothing, from 0 to 1."""
        return self.empty / self.days if self.days else 0.0


def preview(preferences: Preferences, now: datetime | None = None) -> Preview:
    """What this wish would have brought out of the editions published by `now`, each day by itself."""
    held = shelf.fetch(now or timezone.now(), patience=PATIENCE)
    days = held.days
    if not days:
        return Preview(choosing=any(k.stance == Followed.Stance.FOLLOW for k in preferences.keywords))
    profile = shelf.profile(preferences.keywords, size=preferences.size, thin_day=preferences.thin_day)
    found = _per_day(profile, days, held.library)
    # Of the newest edition that has any of theirs: a narrow wish is not to be shown an empty list.
    newest = next((day for day, count in zip(days, found, strict=True) if count), days[0])
    return Preview(
        days=len(days),
        papers=sum(found),
        empty=found.count(0),
        newest=newest.date,
        first=_first(shelf.choose([newest], [profile])[0].picks[:FIRST]),
        warnings=tuple(_warnings(profile, held)),
        filled=profile.fill,
        choosing=bool(profile.followed),
        by_day=tuple(zip((day.date for day in reversed(days)), reversed(found), strict=True)),
    )


def _per_day(profile: Profile, days: Sequence[Day], library: Index) -> list[int]:
    """How many papers of theirs each day would have brought, as `days` are ordered; pins and fills come
    on top of these. Also for somebody whose thin days are filled: otherwise no day would be empty,
    whatever they type.
    """
    theirs = np.full(len(library), not profile.followed)
    for keyword in profile.followed:
        theirs[library.find(keyword).rows] = True
    for keyword in profile.muted:
        theirs[library.find(keyword).rows] = False
    found = []
    start = 0
    for day in days:
        rows = theirs[start : start + len(day.ranked)]
        start += len(day.ranked)
        if any(away for _, away, _ in day.curation):
            shown = {one.id for one in day.candidates}
            rows = rows & np.array([one.id in shown for one in day.ranked], bool)
        count = int(rows.sum())
        if count:  # then the editors' picks come along, but for those that are muted
            count += _pins_beside(profile, day)
        found.append(min(count, profile.size))
    return found


def _pins_beside(profile: Profile, day: Day) -> int:
    """Pinned papers of a day that come though no keyword of theirs matches: as many as selection lets."""
    pinned = {paper for paper, away, pin in day.curation if pin is not None and not away}
    if not pinned or not profile.followed:
        return 0
    keywords = (*profile.followed, *profile.muted)
    matching = {day.index.ids[row] for keyword in keywords for row in day.index.find(keyword).rows}
    return min(len(pinned - matching), int(pins_beside(profile.size)))


def _first(picks: Sequence[Pick]) -> tuple[First, ...]:
    """Asked of the database each time, so what was hidden a moment ago is not shown by mistake."""
    entries = {
        entry.paper_id: entry
        for entry in Entry.objects.shown()
        .filter(paper__in=[pick.id for pick in picks])
        .select_related("paper")
    }
    return tuple(
        First(
            title=entries[pick.id].paper.title,
            url=entries[pick.id].paper.get_absolute_url(),
            reason=reason(as_json(pick), entries[pick.id].breakdown),
        )
        for pick in picks
        if pick.id in entries
    )


def _warnings(profile: Profile, held: Held) -> list[str]:
    """Terms that do not choose. A mute that finds nothing is only careful, and not worth a word."""
    library = held.library

    def hits(keyword: Keyword) -> int:
        return len(library.find(keyword))

    def named(keywords: Sequence[Keyword]) -> str:
        return join_and([quoted(keyword.text) for keyword in keywords])

    nothing = [keyword for keyword in profile.followed if held.is_whole and not hits(keyword)]
    broad = [keyword for keyword in profile.followed if hits(keyword) > len(library) * TOO_MUCH]
    deaf = [keyword for keyword in profile.muted if hits(keyword) > len(library) * TOO_MUCH]
    told = []
    if nothing:
        told.append(gettext("Nothing in the last 30 days matches %(terms)s.") % {"terms": named(nothing)})
    if broad:
        phrase = ngettext(
            "%(terms)s matches more than 30%% of all papers: too many to tell yours from the rest.",
            "%(terms)s each match more than 30%% of all papers: too many to tell yours from the rest.",
            len(broad),
        )
        told.append(phrase % {"terms": named(broad)})
    if deaf:
        phrase = ngettext(
            "Muting %(terms)s takes away more than 30%% of all papers.",
            "Muting %(terms)s takes away more than 30%% of all papers each.",
            len(deaf),
        )
        told.append(phrase % {"terms": named(deaf)})
    for keyword in (*profile.followed, *profile.muted):
        name = library.lexicon.everyday_acronym(keyword.text)
        if name:
            told.append(
                gettext("%(term)s is also an everyday word. Write %(acronym)s to find the acronym alone.")
                % {"term": quoted(keyword.text), "acronym": quoted(name)}
            )
    return told
