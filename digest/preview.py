"""What a wish would have brought in the last 30 days, quick enough to show while somebody types it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import Lock

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from digest.dispatch import Table
from digest.letter import reason
from digest.models import Edition, Entry
from digest.relevance.index import Index
from digest.relevance.keywords import Keyword, compile_keyword
from digest.relevance.selection import Candidate, Pick, Profile, select
from digest.words import join_and, quoted
from subscriptions.keywords import TypedKeyword
from subscriptions.models import Keyword as Followed
from subscriptions.models import Subscriber
from subscriptions.preferences import Preferences

WINDOW = timedelta(days=30)
"""How far back from the newest edition, by date of edition."""
PAPERS = 6_000
"""Papers held at most, which take some 5 KB each: where days are that full, fewer of them are looked at."""
TERMS = 1_000
"""Different terms after which all is prepared anew: an index remembers each that it was ever asked for."""
FIRST = 3
"""Papers of the newest edition that are shown."""
TOO_MUCH = 1 / 3
"""Of all papers: a term that matches more than that does not choose."""

Curation = tuple[tuple[int, bool, int | None], ...]
"""Papers of an edition that are shown no more, or pinned: all that can change about a frozen list."""
AWAY = Q(hidden=True) | Q(paper__withdrawn=True) | Q(paper__same_as__isnull=False)


@dataclass(frozen=True, slots=True)
class First:
    """One of the newest edition's papers, as the preview shows it."""

    title: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have come. `papers` and `empty` count what is theirs; with `filled`, what is trending
    comes on top. `choosing`: did they name anything to follow? `newest`: the edition of `first`.
    """

    days: int = 0
    papers: int = 0
    empty: int = 0
    newest: date | None = None
    first: tuple[First, ...] = ()
    warnings: tuple[str, ...] = ()
    filled: bool = False
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One published edition, prepared to be looked through."""

    edition: int
    published_at: datetime | None
    curation: Curation
    date: date
    candidates: Sequence[Candidate]
    index: Index


@dataclass(slots=True)
class Shelf:
    """The days held by this process, newest first. Everybody's requests look through the same ones."""

    days: list[Day] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def fetch(self, terms: Sequence[str], now: datetime) -> list[Day]:
        """The days of the window as they are in the database now; only what has changed is loaded."""
        editions = _window(now)
        curations = _curations(editions)
        with self.lock:
            self.terms.update(terms)
            if len(self.terms) > TERMS:
                self.days, self.terms = [], set(terms)
            held = {(day.edition, day.published_at, day.curation): day for day in self.days}
            days: list[Day] = []
            room = PAPERS
            for edition in editions:
                curation = curations.get(edition.pk, ())
                day = held.get((edition.pk, edition.published_at, curation)) or _load(edition, curation)
                room -= len(day.candidates)
                if days and room < 0:
                    break
                days.append(day)
            self.days = days
            return days


shelf = Shelf()


def preview(preferences: Preferences, now: datetime | None = None) -> Preview:
    """What this wish would have brought out of the editions published by `now`, each day by itself."""
    profile = _profile(preferences)
    terms = [keyword.text for keyword in (*profile.followed, *profile.muted)]
    days = shelf.fetch(terms, now or timezone.now())
    if not days:
        return Preview(choosing=bool(profile.followed))
    # Also for somebody whose thin days are filled: otherwise no day would be empty, whatever they type.
    theirs = replace(profile, fill=False)
    found = [len(select(theirs, day.candidates, day.index).picks) for day in days]
    newest = days[0]
    return Preview(
        days=len(days),
        papers=sum(found),
        empty=found.count(0),
        newest=newest.date,
        first=_first(select(profile, newest.candidates, newest.index).picks[:FIRST]),
        warnings=tuple(_warnings(profile, days)),
        filled=profile.fill,
        choosing=bool(profile.followed),
    )


def _profile(preferences: Preferences) -> Profile:
    def compiled(keywords: Sequence[TypedKeyword], stance: Followed.Stance) -> list[Keyword]:
        return [compile_keyword(keyword.text) for keyword in keywords if keyword.stance == stance]

    return Profile(
        followed=compiled(preferences.keywords, Followed.Stance.FOLLOW),
        muted=compiled(preferences.keywords, Followed.Stance.MUTE),
        size=preferences.size,
        fill=preferences.thin_day == Subscriber.ThinDay.FILL,
    )


def _window(now: datetime) -> list[Edition]:
    """Newest first. No two editions have one date, so there are never more than days in the window."""
    published = Edition.objects.published().filter(published_at__lte=now).order_by("-date")
    editions = list(published[: WINDOW.days])
    return [edition for edition in editions if edition.date > editions[0].date - WINDOW]


def _curations(editions: Sequence[Edition]) -> dict[int, Curation]:
    """What was done to these editions since they were frozen, by edition."""
    rows = (
        Entry.objects.filter(edition__in=[edition.pk for edition in editions])
        .filter(AWAY | Q(pin__isnull=False))
        .order_by("edition_id", "paper_id")
        .values_list("edition_id", "paper_id", "pin", "hidden", "paper__withdrawn", "paper__same_as")
    )
    found: dict[int, Curation] = {}
    for edition, paper, pin, *away in rows:
        found[edition] = (*found.get(edition, ()), (paper, any(away), pin))
    return found


def _load(edition: Edition, curation: Curation) -> Day:
    candidates, index = Table(editions=[edition]).candidates([edition])
    return Day(
        edition=edition.pk,
        published_at=edition.published_at,
        curation=curation,
        date=edition.date,
        candidates=candidates,
        index=index,
    )


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
            reason=reason(
                {
                    "terms": [(term, str(place)) for term, place in pick.terms],
                    "pinned": pick.pinned,
                    "outside": pick.outside,
                },
                entries[pick.id],
            ),
        )
        for pick in picks
        if pick.id in entries
    )


def _warnings(profile: Profile, days: Sequence[Day]) -> list[str]:
    """Terms that do not choose. A mute that finds nothing is only careful, and not worth a word."""
    papers = sum(len(day.candidates) for day in days)

    def hits(keyword: Keyword) -> int:
        return sum(len(day.index.find(keyword)) for day in days)

    def named(keywords: Sequence[Keyword]) -> str:
        return join_and([quoted(keyword.text) for keyword in keywords])

    nothing = [keyword for keyword in profile.followed if not hits(keyword)]
    broad = [keyword for keyword in profile.followed if hits(keyword) > papers * TOO_MUCH]
    deaf = [keyword for keyword in profile.muted if hits(keyword) > papers * TOO_MUCH]
    told = []
    if nothing:
        told.append(gettext("Nothing in the last 30 days matches %(terms)s.") % {"terms": named(nothing)})
    if broad:
        phrase = ngettext(
            "%(terms)s matches more than a third of all papers: too many to tell yours from the rest.",
            "%(terms)s each match more than a third of all papers: too many to tell yours from the rest.",
            len(broad),
        )
        told.append(phrase % {"terms": named(broad)})
    if deaf:
        phrase = ngettext(
            "Muting %(terms)s takes away more than a third of all papers.",
            "Muting %(terms)s takes away more than a third of all papers each.",
            len(deaf),
        )
        told.append(phrase % {"terms": named(deaf)})
    return told
