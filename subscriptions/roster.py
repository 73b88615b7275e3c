"""All subscribers as a table in our own format: what another house needs to go on with them."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from subscriptions.csv_safe import lines_of
from subscriptions.imports.own import COLUMNS, WEEKDAYS
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import reasons, suppressed_among

CHUNK = 500


def roster(subscribers: QuerySet[Subscriber]) -> Iterator[str]:
    """Lines of CSV, the header first, safe to open in a spreadsheet."""
    yield from lines_of([COLUMNS])
    rows = subscribers.prefetch_related("keywords").iterator(chunk_size=CHUNK)
    chunk: list[Subscriber] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from lines_of(_cells(chunk))
            chunk = []
    yield from lines_of(_cells(chunk))


def _cells(chunk: Iterable[Subscriber]) -> Iterator[list[str]]:
    chunk = list(chunk)
    suppressed = suppressed_among([subscriber.email_key for subscriber in chunk])
    for subscriber in chunk:
        status = subscriber.status
        if subscriber.email_key in suppressed:
            # Somebody we may not mail must not look like a subscriber to whoever reads this.
            status = _word_for(reasons(subscriber.email_key))
        cells = {
            "email": subscriber.email,
            "keywords": ", ".join(str(keyword) for keyword in subscriber.keywords.all()),
            "cadence": subscriber.cadence,
            "weekday": "" if subscriber.weekday is None else WEEKDAYS[subscriber.weekday],
            "hour": str(subscriber.hour),
            "time_zone": str(subscriber.time_zone),
            "size": str(subscriber.size),
            "thin_day": subscriber.thin_day,
            "language": subscriber.language,
            "status": status,
        }
        yield [cells[name] for name in COLUMNS]


def _word_for(why: list[Suppression.Reason]) -> str:
    if Suppression.Reason.COMPLAINT in why:
        return "complained"
    return "bounced" if why == [Suppression.Reason.BOUNCE] else "blocked"
