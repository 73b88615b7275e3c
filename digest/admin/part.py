"""What a row of the ledger is about: a source or one of its categories, or an enricher."""

from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse

from digest import editions, words
from digest.agenda import Part
from digest.enrichers import ENRICHERS
from digest.models import IngestRun
from digest.sources import SOURCES


class Kind(StrEnum):
    SOURCE = "source"
    ENRICHER = "enricher"
    UNKNOWN = "unknown"
    """By its name nobody we know: a source of former days."""


def kind(part: Part) -> Kind:
    if part.source in SOURCES:
        return Kind.SOURCE
    return Kind.ENRICHER if part.source in ENRICHERS else Kind.UNKNOWN


def title(part: Part) -> str:
    """“arXiv cs.AI”."""
    known = ENRICHERS.get(part.source) if kind(part) == Kind.ENRICHER else SOURCES.get(part.source)
    return f"{known.label if known else part.source} {part.category}".rstrip()


def known(part: Part) -> bool:
    """Is it one of today's, switched on or not?"""
    if kind(part) == Kind.SOURCE:
        return part.category in SOURCES[part.source].categories()
    return kind(part) == Kind.ENRICHER and not part.category


def expects(part: Part, day: date) -> bool:
    return kind(part) == Kind.SOURCE and SOURCES[part.source].expects(day)


def refusal(part: Part, day: date) -> str:
    """Why nobody can look at this part of this day now, in a sentence; '' if somebody can."""
    match kind(part):
        case Kind.ENRICHER:
            return "It is asked about papers, not about days, and goes on by itself."
        case Kind.UNKNOWN:
            return f"There is no source called {part.source}."
    source = SOURCES[part.source]
    if not source.live:
        return f"{source.label} cannot be asked; it reads what it is given: manage.py ingest --file"
    if day > editions.today():
        return f"{words.day(day)} lies in the future."
    if not known(part):
        return f"{source.label} is not read by {part.category or 'all categories at once'}; see the settings."
    running = IngestRun.objects.filter(
        source=part.source, category=part.category, day=day, verdict=IngestRun.Verdict.RUNNING
    )
    if running.exists():
        return "Somebody is looking just now."
    return ""


def cell_url(part: Part, day: date) -> str:
    url = reverse("admin:digest_ingestrun_cell", args=[part.source, day.isoformat()])
    return f"{url}?{urlencode({'category': part.category})}" if part.category else url


def runs_url(part: Part, day: date) -> str:
    """The list of all runs of this part for this day."""
    query = {"source": part.source, "category": part.category, "day": day.isoformat()}
    return f"{reverse('admin:digest_ingestrun_changelist')}?{urlencode(query)}"
