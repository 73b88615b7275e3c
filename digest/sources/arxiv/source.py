"""arXiv as a source: each announcement day by category, and whatever its services answered, recorded."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from digest.sources import fields
from digest.sources.arxiv import api, calendar, feed, listing, live, oai, verdict
from digest.sources.arxiv.categories import canonical
from digest.sources.arxiv.document import Document, children, local, parse, texts
from digest.sources.arxiv.record import named, placed
from digest.sources.base import BadRecord, FoundPaper, Look, Proof, SetAside, Source, SourceError
from digest.sources.payload import refuse_future, seen_at

_JSON = (b"{", b"[")
_ENTRY_OF_API = re.compile(r"arxiv\.org/(?:abs/|api/errors)")


class ArxivSource(Source):
    """The daily feed for today; OAI-PMH for the last week; the API for the time before that."""

    name = live.NAME
    label = "arXiv"
    revisits = (timedelta(hours=24),)

    def categories(self) -> tuple[str, ...]:
        named = (canonical(name) for name in settings.ARXIV_CATEGORIES)
        return tuple(dict.fromkeys(name for name in named if name))

    def begins(self, day: date) -> datetime:
        """With the feed; its list of changes has the papers earlier, but not what is cross-listed."""
        return calendar.announcement_moment(day)

    def expects(self, day: date) -> bool:
        return calendar.expects(day)

    def fetch(self, day: date, category: str = "") -> Look:
        """One category of one day.

        On the evening of an announcement the feed already holds what is tomorrow's: then today is a
        past day, too.
        """
        category = canonical(category)
        if not category:
            raise SourceError("arXiv is read by category: name some in ARXIV_CATEGORIES.")
        now = timezone.now()
        today = calendar.feed_day(now)
        if day > today or (day == today and not calendar.in_between(now)):
            return live.look_at_feed(day, category)
        if live.is_recent(day, now):
            return live.look_at_changes(day, category)
        return live.look_at_submissions(day, category)

    def reconcile(self, day: date, category: str = "") -> Look | None:
        """The same day by OAI-PMH, whose list of changes does not go stale."""
        category = canonical(category)
        if not category or timezone.now() < calendar.announcement_moment(day):
            return None  # there is nothing to be there yet
        return live.look_at_changes(day, category)

    def look_up(self, ids: Sequence[str], *, today: date) -> Iterator[Look]:
        """What arXiv tells of single papers, by their ids, with or without version: one look per day
        they were announced on. What is no id, or is none arXiv knows, is set aside.

        Raises:
            SourceError: the API cannot be reached or read.
        """
        known: dict[str, str] = {}
        aside: list[SetAside] = []
        for position, told in enumerate(ids):
            paper_id, version = fields.arxiv_id(told)
            if paper_id:
                known[f"{paper_id}v{version}" if version else paper_id] = paper_id
            else:
                aside.append(SetAside(position, told[:100], "not an arXiv id"))
        found: list[FoundPaper | SetAside] = [*aside]
        trouble: SourceError | None = None
        try:
            for some, page in live.look_up(list(known)):
                found += page.records
                if page.broken:  # what is missing is not unknown
                    raise SourceError(f"The look-up breaks off: {page.broken}. Try again later.")
                if len(some) > 1 and not page.records:  # the API also answers so when it fails
                    raise SourceError(f"The look-up brought none of {len(some)} papers. Try again later.")
                given = {one.arxiv_id for one in page.records if isinstance(one, FoundPaper)}
                found += [
                    SetAside(n, one, "arXiv knows no such paper")
                    for n, one in enumerate(some)
                    if known[one] not in given
                ]
        except SourceError as error:
            trouble = error
        if found or trouble is None:
            yield from _looks(found, None, today)
        if trouble is not None:
            raise trouble

    def recognises(self, payload: bytes) -> bool:
        """All XML, which is arXiv's or in its shape, and lists of announcements."""
        head = payload[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith(b"<"):
            return True
        return head.startswith(_JSON) and (b'"announce_type"' in head or b'"empty_feed"' in head)

    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        """A recorded answer of the feed, the API or OAI-PMH, or a list of a day's announcements as JSON.

        The feed and the list are of the day they bear, the others' papers of the day on which the
        calendar has them announced; `day` overrides both.
        """
        if day is not None:
            _refuse_future(day, name, today)
        if payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in _JSON:
            yield from self._of_listings(payload, name, day, today)
            return
        document = parse(payload, ("item", "entry", "record"), name=name)
        root = local(document.root.tag)
        if root in ("OAI-PMH", "record", "ListRecords", "GetRecord"):
            answer = oai.read_page(document, name=name)
            reason = answer.nothing or (f"The file breaks off: {answer.broken}." if answer.broken else "")
            if not reason and answer.token:
                reason = "There is more: the list goes on on another page."
            yield from _looks(answer.records, day, today, len(payload), reason)
        elif root == "feed" and _is_of_api(document):
            page = api.read_page(document, name=name)
            reason = f"The file breaks off: {page.broken}." if page.broken else ""
            if not reason and (page.total or 0) > len(page.records):
                reason = (
                    f"There is more: these are {len(page.records)} of {page.total} papers that were found."
                )
            yield from _looks(page.records, day, today, len(payload), reason)
        elif root in ("rss", "feed", "RDF"):
            found = feed.read_feed(document, name=name, day=day, today=today)
            yield self._of_feed(found, name, day, today, len(payload))
        else:
            raise SourceError(
                f"{name} is XML, but neither a feed, an answer of the API nor one of OAI-PMH: "
                f"it begins with <{root[:60]}>."
            )

    def _of_feed(self, found: feed.Feed, name: str, day: date | None, today: date, size: int) -> Look:
        own_day = day or found.day or today
        _refuse_future(own_day, name, today)
        look = Look(
            source=self.name,
            day=own_day,
            seen_at=seen_at(own_day),
            records=found.records,
            bytes_read=size,
            category=found.category,
        )
        if found.is_arxivs:
            judged = verdict.of_feed(replace(found, day=own_day), own_day)
            look.proof, look.reason = judged.proof, judged.reason
            look.records = verdict.judged(found.records, judged)
            look.announced = named(one for one in look.records if isinstance(one, FoundPaper))
        elif found.broken:
            look.proof, look.reason = Proof.PARTIAL, f"The feed breaks off: {found.broken}."
        return look

    def _of_listings(self, payload: bytes, name: str, day: date | None, today: date) -> Iterator[Look]:
        for n, one in enumerate(listing.read_listings(payload, name=name, day=day, today=today)):
            own_day = day or one.day or today
            as_feed = feed.Feed(own_day, one.category, is_arxivs=True, records=one.records)
            yield self._of_feed(as_feed, name, own_day, today, len(payload) if n == 0 else 0)


def _looks(
    records: Sequence[FoundPaper | SetAside], day: date | None, today: date, size: int = 0, reason: str = ""
) -> Iterator[Look]:
    """One look per day the papers belong to; what could not be read goes with the last of them."""
    by_day: dict[date, list[FoundPaper | SetAside]] = {}
    aside: list[FoundPaper | SetAside] = []
    for position, record in enumerate(records):
        if isinstance(record, SetAside):
            aside.append(record)
            continue
        try:
            own_day, paper = placed(record, day=day, today=today)
        except BadRecord as error:
            aside.append(SetAside(position, record.arxiv_id, str(error)))
        else:
            by_day.setdefault(own_day, []).append(paper)
    if aside or not by_day:
        by_day.setdefault(max(by_day, default=day or today), []).extend(aside)
    for n, (own_day, found) in enumerate(sorted(by_day.items())):
        look = Look(live.NAME, own_day, seen_at(own_day), found, bytes_read=size if n == 0 else 0)
        if reason:
            look.proof, look.reason = (Proof.PARTIAL if found else Proof.EMPTY), reason
        elif not found:
            look.proof, look.reason = Proof.EMPTY, "The answer holds no papers."
        yield look


def _refuse_future(day: date, name: str, today: date) -> None:
    # In New York a day begins later than in Greenwich, but earlier than in Honolulu.
    refuse_future(day, name, today + timedelta(days=1))


def _is_of_api(document: Document) -> bool:
    """Is this Atom the API's, not a day's feed nor somebody else's?"""
    if "totalResults" in children(document.root):
        return True
    entries = [texts(entry) for entry in document.items[:1]]
    return any(
        "announce_type" not in entry and _ENTRY_OF_API.search(entry.get("id", "")[:300]) for entry in entries
    )
