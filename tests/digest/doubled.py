"""One paper in two rows, and the record that joins them: makers for the tests of doubles."""

from datetime import timedelta
from typing import Any

from digest import editions, ingest
from digest.models import Edition, Entry, Identifier, IngestRun, Paper, Sighting, Vote
from digest.sources.base import FoundPaper
from tests.digest.conftest import NOON, found, look_at
from tests.factories import DAY

ONE_DAY = timedelta(days=1)
ARXIV, DOI = "2501.00001", "10.1000/sheep"


def by_arxiv(title: str = "Counting sheep", **fields: Any) -> FoundPaper:
    return found(title, arxiv_id=ARXIV, **fields)


def by_doi(title: str = "On the counting of sheep", **fields: Any) -> FoundPaper:
    return found(title, doi=DOI, **fields)


def by_both(title: str = "Counting sheep", **fields: Any) -> FoundPaper:
    return found(title, arxiv_id=ARXIV, doi=DOI, **fields)


def take_in(*records: FoundPaper, days: int = 0, source: str = "file") -> IngestRun:
    day = DAY + days * ONE_DAY
    return ingest.take_in(look_at(*records, day=day, seen_at=NOON + days * ONE_DAY, source=source))


def two_rows(*, first: FoundPaper | None = None, then: FoundPaper | None = None) -> tuple[Paper, Paper]:
    """A paper of DAY and one of the day after, of which nothing says yet that they are one."""
    take_in(first or by_arxiv())
    take_in(then or by_doi(), days=1)
    stays, double = Paper.objects.order_by("pk")
    return stays, double


def publish_all() -> None:
    for edition in Edition.objects.order_by("date"):
        editions.publish(edition)


def joined(*, publish: bool = False) -> tuple[Paper, Paper]:
    """Both rows, once a record has named both."""
    stays, double = two_rows()
    if publish:
        publish_all()
    take_in(by_both(), days=2)
    double.refresh_from_db()
    return stays, double


def everything() -> list[list[Any]]:
    models = (Paper, Identifier, Sighting, Vote, Entry, Edition)
    return [list(model._default_manager.order_by("pk").values()) for model in models]
