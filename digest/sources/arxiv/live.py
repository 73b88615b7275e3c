"""What arXiv's three services are asked, and what their answers come to."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from digest.sources import http
from digest.sources.arxiv import api, calendar, feed, oai, verdict
from digest.sources.arxiv.categories import oai_set
from digest.sources.arxiv.document import Document, parse
from digest.sources.arxiv.record import month_of, named, placed
from digest.sources.base import BadRecord, FoundPaper, Look, Proof, SetAside, SourceError, only_enriching

NAME = "arxiv"
FEED, CHANGES, SUBMISSIONS = "feed", "oai", "api"
"""Its services."""
WITH_ERRORS = frozenset({200, 400})
"""The feed and the API tell what is wrong in a document that comes with status 400."""
HELD_BACK = timedelta(days=30)
"""How long moderators may look at a submission before it is announced, nearly always."""
MAX_PAGES = 40
LONGEST = 400.0
"""Seconds after which no further page is asked for: a task that is ended loses those it has."""
PAGE = 500
"""Papers to ask the API for at a time; it allows 2,000, and is slow and fails more often then."""
AT_ONCE = 100
"""Ids to look up in one request: more make addresses that servers refuse."""


@dataclass(slots=True)
class Reading:
    """What several pages gave; `cut_short` is why the last of them is missing."""

    records: list[FoundPaper | SetAside] = field(default_factory=list)
    cut_short: str = ""
    nothing: str = ""
    seen: set[tuple[str, int | None]] = field(default_factory=set)

    def add(self, records: Sequence[FoundPaper | SetAside]) -> int:
        """Take in what is not here yet; how much that is."""
        new = [one for one in records if isinstance(one, SetAside) or _key(one) not in self.seen]
        self.seen.update(_key(one) for one in new if isinstance(one, FoundPaper))
        self.records += new
        return len(new)


def look_at_feed(day: date, category: str) -> Look:
    """Today's feed, judged by what is in it.

    Raises:
        SourceError: it cannot be reached or read, or is an error.
    """
    now = timezone.now()
    url = f"{settings.ARXIV_FEED_URL}/rss/{quote(category, safe='+')}"
    answer = http.get(url, statuses=WITH_ERRORS)
    name = f"The feed of {category}"
    document = _parsed(answer, ("item", "entry"), ("rss", "feed", "RDF"), name=name)
    found = feed.read_feed(document, name=name, day=None, today=day)
    if answer.status != 200:
        raise SourceError(f"{name} was refused with status {answer.status}. Check the category.")
    judged = verdict.of_feed(found, day, category)
    records = verdict.judged(found.records, judged)
    if judged.belongs_to == calendar.feed_day(now) and calendar.in_between(now):
        # These may be tomorrow's papers under today's date. Tomorrow's feed will bring them.
        records = only_enriching(records)
    return Look(
        source=NAME,
        day=day,
        seen_at=now,
        records=records,
        service=FEED,
        category=category,
        proof=judged.proof,
        reason=judged.reason,
        announced=named(_papers(records)),
    )


def look_at_changes(day: date, category: str) -> Look:
    """What changed on a day, by OAI-PMH: whatever was submitted for its announcement adds, and so does a
    first version of the weeks before, which was held back by moderators, listed here late, or corrected:
    if we have it, it is enriched, and if not, it was missed. All else only enriches.

    Raises:
        SourceError: not even the first page can be read.
    """
    submitted = calendar.window(day)
    if submitted is None:
        return _holiday(day, category)
    now = timezone.now()
    until = min(day + timedelta(days=1), now.astimezone(UTC).date() + timedelta(days=1))
    asked = {
        "verb": "ListRecords",
        "metadataPrefix": "arXivRaw",
        "from": day.isoformat(),
        "until": max(day, until).isoformat(),
        "set": oai_set(category),
    }
    reading = _all_changes(asked, f"The changes of {day} in {category}")
    since, before = submitted
    moment = calendar.announcement_moment(day)
    records: list[FoundPaper | SetAside] = []
    of_this_day = 0
    for one in reading.records:
        if isinstance(one, SetAside):
            records.append(one)
            continue
        at = one.submitted_at
        ours = at is not None and since <= at < before
        try:
            late = not ours and _is_late(one, since)
            own_day, its = placed(one, day=None, today=day)
        except BadRecord as error:
            records.append(SetAside(len(records), one.arxiv_id, str(error)))
            continue
        of_this_day += ours
        adds = (ours or late) and not one.withdrawn
        records.append(
            replace(
                its,
                announced_at=moment if ours or late else its.announced_at,
                only_enriches=not adds,
                late_since=own_day if late else None,
            )
        )
    look = Look(
        source=NAME,
        day=day,
        seen_at=now,
        records=records,
        service=CHANGES,
        category=category,
        proof=Proof.COMPLETE,
        announced=named(_papers(records)),
    )
    if reading.cut_short:
        look.proof, look.reason = Proof.PARTIAL, reading.cut_short
    elif not records:
        told = f" ({reading.nothing.rstrip('.')})" if reading.nothing else ""
        look.proof, look.reason = Proof.EMPTY, f"arXiv lists no change on this day{told}."
    elif not of_this_day:
        # Corrections of old papers come at any hour; they do not prove that the announcement is in.
        look.proof, look.reason = Proof.EMPTY, "arXiv lists changes, but none of the papers of this day."
    return look


def _is_late(paper: FoundPaper, since: datetime) -> bool:
    """Is it a first version of the weeks before this moment? Where its date cannot be read, its id tells
    the month.

    Raises:
        BadRecord: it may be one, or a new version, and nobody can tell.
    """
    held_back, at = since - HELD_BACK, paper.submitted_at
    if at is not None:
        return held_back <= at < since and paper.version == 1
    month = month_of(paper.arxiv_id)
    if month is not None and month < held_back.date().replace(day=1):
        return False
    if month is None or (paper.version != 1 and not paper.withdrawn):
        raise BadRecord("the date of its first version cannot be read")
    return not paper.withdrawn


def look_at_submissions(day: date, category: str) -> Look:
    """What was submitted for the announcement of a day, by the API.

    Raises:
        SourceError: not even the first page can be read.
    """
    submitted = calendar.window(day)
    if submitted is None:
        return _holiday(day, category)
    since, before = (f"{moment:%Y%m%d%H%M}" for moment in submitted)
    asked = {
        "search_query": f"cat:{category} AND submittedDate:[{since} TO {before}]",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
    }
    reading = _all_submissions(asked, f"The search for the papers of {day} in {category}")
    now = timezone.now()
    records: list[FoundPaper | SetAside] = []
    for position, one in enumerate(reading.records):
        if isinstance(one, SetAside):
            records.append(one)
            continue
        try:
            own_day, paper = placed(one, day=None, today=calendar.feed_day(now))
        except BadRecord as error:
            records.append(SetAside(position, one.arxiv_id, str(error)))
        else:
            records.append(paper if own_day == day else replace(paper, day=own_day))
    return Look(
        source=NAME,
        day=day,
        seen_at=now,
        records=records,
        service=SUBMISSIONS,
        category=category,
        proof=Proof.PARTIAL if reading.cut_short else Proof.COMPLETE,
        reason=reading.cut_short,
        announced=named(_papers(records)),
    )


def look_up(ids: Sequence[str]) -> Iterator[tuple[list[str], api.Page]]:
    """What the API tells of these ids (up to `AT_ONCE` a request).

    Raises:
        SourceError: it cannot be reached or read; what came before was yielded.
    """
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids[start : start + AT_ONCE])
        page = _ask_api(
            {"id_list": ",".join(some), "start": "0", "max_results": str(len(some))}, "The look-up"
        )
        yield some, page


def _all_changes(asked: Mapping[str, str], name: str) -> Reading:
    reading, tokens = Reading(), set[str]()
    give_up = time.monotonic() + LONGEST
    for number in range(MAX_PAGES):
        if time.monotonic() > give_up:
            reading.cut_short = f"It took too long: page {number + 1} and what follows are missing."
            return reading
        try:
            answer = http.get(settings.ARXIV_OAI_URL, asked)
            page = oai.read_page(parse(answer.body, ("record",), name=name, roots=("OAI-PMH",)), name=name)
        except SourceError as error:
            if not number:
                raise
            reading.cut_short = f"Page {number + 1} is missing: {error}"
            return reading
        reading.add(page.records)
        reading.nothing = page.nothing
        if page.broken:
            reading.cut_short = f"Page {number + 1} breaks off: {page.broken}."
            return reading
        if not page.token:
            return reading
        if page.token in tokens:
            reading.cut_short = "The list goes in a circle: a page names itself as the next one."
            return reading
        tokens.add(page.token)
        asked = {"verb": "ListRecords", "resumptionToken": page.token}
    reading.cut_short = f"There are more than {MAX_PAGES} pages."
    return reading


def _all_submissions(asked: Mapping[str, str], name: str) -> Reading:
    reading = Reading()
    start, total = 0, None
    give_up = time.monotonic() + LONGEST
    for _ in range(MAX_PAGES):
        if time.monotonic() > give_up:
            reading.cut_short = f"It took too long: what comes after the first {start} is missing."
            return reading
        try:
            page = _ask_api({**asked, "start": str(start), "max_results": str(PAGE)}, name)
        except SourceError as error:
            if not start:
                raise
            reading.cut_short = f"What comes after the first {start} is missing: {error}"
            return reading
        new = reading.add(page.records)
        start, total = start + len(page.records), page.total
        if page.broken:
            reading.cut_short = f"The answer breaks off: {page.broken}."
            return reading
        if not new or (total is not None and start >= total):
            break
    if not reading.records and not total:
        # The API also answers so when it fails, and nobody can tell which.
        reading.cut_short = "The API knows no papers of a day of announcements."
    elif total is not None and len(reading.records) < total:
        reading.cut_short = f"The API gave {len(reading.records)} of {total} papers."
    return reading


def _ask_api(asked: Mapping[str, str], name: str) -> api.Page:
    answer = http.get(settings.ARXIV_API_URL, asked, statuses=WITH_ERRORS)
    page = api.read_page(_parsed(answer, ("entry",), ("feed",), name=name), name=name)
    if answer.status != 200:
        raise SourceError(f"{name} was refused with status {answer.status}. Check the query.")
    return page


def _parsed(answer: http.Answer, items: Sequence[str], roots: Sequence[str], *, name: str) -> Document:
    try:
        return parse(answer.body, tuple(items), name=name, roots=tuple(roots))
    except SourceError as error:
        if answer.status == 200:
            raise
        # A refusal in no shape of theirs: that it is one says more than where its XML breaks.
        raise SourceError(f"{name} was refused with status {answer.status}. Try again later.") from error


def _holiday(day: date, category: str) -> Look:
    judged = verdict.of_nothing(day)
    return Look(NAME, day, timezone.now(), category=category, proof=judged.proof, reason=judged.reason)


def _papers(records: Sequence[FoundPaper | SetAside]) -> Iterator[FoundPaper]:
    return (one for one in records if isinstance(one, FoundPaper))


def _key(paper: FoundPaper) -> tuple[str, int | None]:
    return paper.arxiv_id, paper.version


def is_recent(day: date, now: datetime) -> bool:
    """Is it a day whose changes OAI-PMH still lists by themselves? Later ones are too many."""
    return calendar.feed_day(now) - day <= timedelta(days=7)
