"""People from another platform's list.

An import can only add: it never changes how somebody stands who is known here, never lifts a
suppression, and sends nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from subscriptions.cadence import next_due
from subscriptions.imports.found import FoundPerson, SetAside, Standing
from subscriptions.models import Consent, Keyword, Subscriber, Suppression
from subscriptions.suppression import suppress, suppressed_among

CHUNK = 500
SHORTEST_STATEMENT = 10
LINES_KEPT = 1_000
"""A report shows so many lines; the counts are of all."""

REFUSED = {
    Standing.BOUNCED: Suppression.Reason.BOUNCE,
    Standing.COMPLAINED: Suppression.Reason.MANUAL,
    Standing.BLOCKED: Suppression.Reason.MANUAL,
}
"""Those whom nobody may mail, and what that makes of their address here."""
LEFT = {Standing.UNSUBSCRIBED, Standing.NEVER}


class StatementRefused(ValueError):
    """Too short to say how these people agreed."""


class Outcome(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    KNOWN = "known"
    SUPPRESSED = "suppressed"
    NOT_WANTED = "not wanted"
    REFUSED = "refused"
    CONFLICT = "conflict"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line of the file. Holds no address: it is shown and printed."""

    where: str
    outcome: Outcome
    reason: str


@dataclass(slots=True)
class ImportReport:
    counts: Counter[Outcome] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()

    def add(self, line: Line) -> None:
        self.counts[line.outcome] += 1
        if len(self.lines) < LINES_KEPT:
            self.lines.append(line)


@dataclass(frozen=True, slots=True)
class _Source:
    """Whose list it is, and what the operator says of it."""

    platform: str
    statement: str
    now: datetime


def import_people(
    found: Iterable[FoundPerson | SetAside],
    *,
    platform: str,
    statement: str = "",
    dry_run: bool = False,
    tell: Callable[[Line], None] = lambda _: None,
    now: datetime | None = None,
) -> ImportReport:
    """Take these people over, or, in a dry run, only say what would become of whom.

    Who is new becomes pending and is asked nothing yet. Only where the operator states how they agreed
    do those whom the list calls subscribed become active, from their next regular hour on. `tell` is
    called with every line; doing it again changes nothing.

    Raises:
        StatementRefused: a statement that says nothing.
    """
    statement = " ".join(statement.split())
    if statement and len(statement) < SHORTEST_STATEMENT:
        raise StatementRefused
    source = _Source(platform, statement, now or timezone.now())
    report = ImportReport()
    for chunk in _chunks(found):
        people = [one for one in chunk if isinstance(one, FoundPerson)]
        done = _plan(people, source) if dry_run else _apply(people, source)
        for one in chunk:
            line = (
                done[one.address.key]
                if isinstance(one, FoundPerson)
                else Line(one.where, Outcome.SET_ASIDE, one.reason)
            )
            report.add(line)
            tell(line)
    return report


def _chunks(found: Iterable[FoundPerson | SetAside]) -> Iterator[list[FoundPerson | SetAside]]:
    rest = iter(found)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _plan(people: Sequence[FoundPerson], source: _Source) -> dict[str, Line]:
    """What is to become of whom, by normalised address."""
    keys = [person.address.key for person in people]
    # In this order: who is erased between the two questions is then found suppressed.
    known = dict(Subscriber.objects.filter(email_key__in=keys).values_list("email_key", "status"))
    suppressed = suppressed_among(keys)
    return {
        person.address.key: Line(person.where, *_decide(person, source, known, suppressed))
        for person in people
    }


def _decide(
    person: FoundPerson, source: _Source, known: dict[str, str], suppressed: set[str]
) -> tuple[Outcome, str]:
    key, standing = person.address.key, person.standing
    if standing in REFUSED:
        if known.get(key) == Subscriber.Status.ACTIVE:
            return Outcome.CONFLICT, f"{standing} at {source.platform} but active here, left as it is"
        if key in suppressed:
            return Outcome.SUPPRESSED, "suppressed already"
        return Outcome.REFUSED, f"{standing} at {source.platform}, suppressed from now on"
    if key in known:
        return Outcome.KNOWN, "known, left as it is"
    if key in suppressed:
        return Outcome.SUPPRESSED, "suppressed, not imported"
    if standing in LEFT:
        return Outcome.NOT_WANTED, f"{standing} at {source.platform}, not imported"
    if standing is Standing.SUBSCRIBED and source.statement:
        return Outcome.ACTIVE, "new, active by your statement"
    if source.statement:
        return Outcome.PENDING, f"new, pending ({_unsure(standing)}, so your statement does not cover them)"
    return Outcome.PENDING, "new, pending"


def _unsure(standing: Standing) -> str:
    return "not confirmed there" if standing is Standing.PENDING else "the file does not call them subscribed"


@transaction.atomic
def _apply(people: Sequence[FoundPerson], source: _Source) -> dict[str, Line]:
    plan = _plan(people, source)
    # Always in one order, so that two imports wait for each other instead of holding each other up.
    by_outcome: dict[Outcome, list[FoundPerson]] = {}
    for person in sorted(people, key=lambda person: person.address.key):
        by_outcome.setdefault(plan[person.address.key].outcome, []).append(person)
    for person in by_outcome.get(Outcome.REFUSED, []):
        note = f"{person.standing} at {source.platform} (import)"
        suppress(person.address.key, REFUSED[person.standing], note=note)
    new = [*by_outcome.get(Outcome.PENDING, []), *by_outcome.get(Outcome.ACTIVE, [])]
    added = _add(sorted(new, key=lambda person: person.address.key), plan, source)
    for person in new:
        if person.address.key not in added:
            plan[person.address.key] = Line(person.where, Outcome.KNOWN, "known, left as it is")
    return plan


def _add(people: Sequence[FoundPerson], plan: dict[str, Line], source: _Source) -> set[str]:
    """Write them with their keywords and their lines of consent. Returns whom nobody added meanwhile."""
    rows = {
        person.address.key: _subscriber(person, plan[person.address.key].outcome, source) for person in people
    }
    Subscriber.objects.bulk_create(rows.values(), ignore_conflicts=True)
    # A database that ignores a conflict does not say whose row stands there now; the random id does.
    ours = dict(
        Subscriber.objects.filter(public_id__in=[row.public_id for row in rows.values()]).values_list(
            "email_key", "pk"
        )
    )
    for key, pk in ours.items():
        rows[key].pk = pk
    mine = [person for person in people if person.address.key in ours]
    Keyword.objects.bulk_create(
        Keyword(subscriber=rows[person.address.key], text=typed.text, key=typed.key, stance=typed.stance)
        for person in mine
        for typed in person.preferences.keywords
    )
    Consent.objects.bulk_create(
        line for person in mine for line in _consent(person, rows[person.address.key], source)
    )
    return set(ours)


def _subscriber(person: FoundPerson, outcome: Outcome, source: _Source) -> Subscriber:
    row = Subscriber(email=person.address.email, email_key=person.address.key, asked_at=source.now)
    person.preferences.write_to(row)
    if outcome is Outcome.ACTIVE:
        row.status = Subscriber.Status.ACTIVE
        row.confirmed_at = source.now
        row.next_digest_at = next_due(row.wish, source.now)
    return row


def _consent(person: FoundPerson, row: Subscriber, source: _Source) -> Iterator[Consent]:
    asked: dict[str, Any] = {"platform": source.platform, "standing": str(person.standing)}
    if person.times:
        asked["times"] = person.times
    # With the wish, so that whoever is asked later gets just that, as after a sign-up.
    yield _line(row, Consent.Kind.ASKED, source.now, {**asked, "wish": person.preferences.as_json()})
    if row.status == Subscriber.Status.ACTIVE:
        yield _line(row, Consent.Kind.CONFIRMED, source.now, {**asked, "statement": source.statement})


def _line(row: Subscriber, kind: Consent.Kind, at: datetime, detail: dict[str, Any]) -> Consent:
    """They saw no words of ours, so the line names none."""
    return Consent(subscriber=row, kind=kind, at=at, origin=Consent.Origin.IMPORT, wording="", detail=detail)
