"""How fast a wish is looked through 30 days: `python benchmarks/preview.py [--data DIR] [--papers N]`.

Takes the newest 30 recorded days in DIR (`*.json.gz`, the Hugging Face daily payload) into a SQLite file
of its own and publishes them; without recordings it makes days up. With `--papers`, so many arXiv records
(`arxiv_papers.jsonl.gz` beside DIR, again from the start if there are too few) over 30 days instead.

Times are milliseconds, medians of several runs (`worst`: of all), by the clock and of the processor (the
database is in the process, so both would be the same on an idle machine): `cold` in a process that has
prepared nothing, `typing` with all terms but the last looked up before, `new` with none of them, `again`
with the same wish once more.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.sources.base import Look

DAYS = 30
RUNS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "hf_daily")
    parser.add_argument("--papers", type=int, help="arXiv records instead, so many over 30 days")
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digest.settings")
        os.environ["VAR_DIR"] = str(Path(folder) / "var")
        os.environ.pop("DATABASE_URL", None)
        data = options.data
        if not data.is_dir():
            from benchmarks.ingest import made_up

            data = made_up(Path(folder), days=DAYS, papers=16)
        print(json.dumps(measure(data, options.papers)))


def measure(data: Path, papers: int | None) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from digest import editions, ingest
    from digest.models import Edition, Paper
    from digest.preview import preview
    from digest.shelf import shelf
    from digest.sources import SOURCES
    from digest.sources.payload import read_bytes
    from subscriptions.keywords import keywords_of
    from subscriptions.preferences import Preferences

    call_command("migrate", verbosity=0)
    if papers:
        for look in arxiv_days(data.parent / "arxiv_papers.jsonl.gz", papers):
            ingest.take_in(look)
    for path in sorted(data.glob("*.json.gz"))[-DAYS:] if not papers else ():
        for look in SOURCES["huggingface"].read(
            read_bytes(path), name=path.name, day=None, today=date.today()
        ):
            ingest.take_in(look)
    for edition in Edition.objects.order_by("date"):
        editions.publish(edition)

    def wish(terms: list[str]) -> Preferences:
        return Preferences(keywords=tuple(keywords_of(terms)))

    def median(runs: list[tuple[Callable[[], object], Preferences]]) -> dict[str, float]:
        clock, processor = [], []
        for before, wanted in runs:
            before()
            begun = time.perf_counter(), time.process_time()
            preview(wanted)
            clock.append(1000 * (time.perf_counter() - begun[0]))
            processor.append(1000 * (time.process_time() - begun[1]))
        return {
            "ms": round(statistics.median(clock), 1),
            "cpu_ms": round(statistics.median(processor), 1),
            "worst": round(max(clock), 1),
        }

    common = iter(terms_of(Paper.objects.values_list("title", flat=True)))
    result: dict[str, object] = {
        "database": connection.vendor,
        "papers": Paper.objects.count(),
        "editions": Edition.objects.count(),
    }
    preview(wish([]))  # what Python and Django do once is not ours to measure
    for number in (5, 30):
        base = list(islice(common, number))
        fresh = [list(islice(common, number)) for _ in range(RUNS)]
        typed = [[*base[:-1], *islice(common, 1)] for _ in range(RUNS)]
        shelf.fetch()  # all days, however long that takes
        preview(wish(base))
        result[f"{number}_keywords"] = {
            "typing": median([(lambda: None, wish(terms)) for terms in typed]),
            "new": median([(lambda: None, wish(terms)) for terms in fresh]),
            "again": median([(lambda: None, wish(base))] * RUNS),
            "cold": median([(shelf.clear, wish(base))] * (RUNS if not papers else 1)),
        }
    begun = time.perf_counter()
    shelf.clear()
    shelf.fetch()
    result["all_days_read_seconds"] = round(time.perf_counter() - begun, 2)
    result["days"] = preview(wish(base)).days
    shelf.clear()
    tracemalloc.start()
    shelf.fetch()
    preview(wish(base))
    result["held_mb"] = round(tracemalloc.get_traced_memory()[0] / 2**20, 1)
    return result


def arxiv_days(path: Path, papers: int) -> "Iterator[Look]":
    """So many records, the same number each of the last 30 days; distinct by id and title."""
    from digest.sources.base import FoundPaper, Look

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    each = -(-papers // DAYS)
    for ago in range(DAYS):
        day = date.today() - timedelta(days=ago)
        at = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
        some = range(ago * each, min(papers, (ago + 1) * each))
        yield Look(
            source="file",
            day=day,
            seen_at=at,
            records=tuple(
                FoundPaper(
                    title=f"{one['title']} {n // len(records) or ''}".strip(),
                    announced_at=at,
                    arxiv_id=f"{2000 + n // 100_000:04}.{n % 100_000:05}",
                    authors=tuple(one["authors"][:20]),
                    abstract=one["abstract"],
                    categories=tuple(one["categories"]),
                    primary_category=one["primary_category"],
                    upvotes=n % 90,
                )
                for n in some
                for one in [records[n % len(records)]]
            ),
        )


def terms_of(titles: Iterator[str]) -> Iterator[str]:
    """Words and pairs of words that titles really hold, the commonest first; then made-up ones."""
    from digest.relevance.folding import words

    count: Counter[str] = Counter()
    for title in titles:
        said = words(title)
        count.update(word for word in said if len(word) > 3)
        count.update(" ".join(pair) for pair in pairwise(said))
    yield from (term for term, _ in count.most_common())
    yield from (f"unheard of {n}" for n in range(10_000))


if __name__ == "__main__":
    main()
