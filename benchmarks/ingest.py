"""How fast papers go in, and at what cost: `python benchmarks/ingest.py [--papers N] [--data DIR]`, JSON out.

On PostgreSQL: `python benchmarks/ingest.py --database postgres://user:password@localhost/empty`.

Takes in N made-up papers as days of 500 in the shape of the Hugging Face list, half of them with formulas,
then all of them once more; and, where there are recordings in DIR, those as well. Uses the database of
--database or DATABASE_URL, which must be empty, or a new SQLite file.

`papers_per_second` is parsing and writing together; `peak_mb` the most memory the process ever had;
`mb_by_tenth` its memory after each tenth of the papers, and `queries_per_1000_by_tenth` the statements each
tenth took for 1,000 papers, by which both are seen to stay what they are. Every statement counts that goes to
the database, the same one twice as two; SQLite takes an insert of many rows in several, so it needs more.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

A_DAY = 500
WORDS = """
    model training attention sparse retrieval graph language vision token latent policy reward sample noise
    robust scaling memory inference alignment geometry transformer diffusion cell protein network benchmark
""".split()  # noqa: SIM905
FORMULAS = (
    r"of order $\mathcal{O}(n \log n)$",
    r"with $\alpha = 0.05$ and $\ell_2$ loss",
    r"a gain of 12\% over \textit{strong} baselines",
    r"for all $x \in \mathbb{R}^{d}$",
    r"following Erd\H{o}s and R\'enyi",
)
FIRST_DAY = date(2023, 1, 2)


def entry(number: int, day: date, chance: random.Random) -> dict[str, Any]:
    words = " ".join(chance.choices(WORDS, k=170))
    if number % 2:
        words += " " + " ".join(chance.sample(FORMULAS, 2))
    arxiv_id = f"{day:%y%m}.{number % 100_000:05d}"
    return {
        "paper": {
            "id": arxiv_id,
            "title": f"Study {number}: {' '.join(chance.choices(WORDS, k=8))}",
            "authors": [{"name": f"{chance.choice(WORDS)} {chance.choice(WORDS)}son"} for _ in range(8)],
            "publishedAt": f"{day}T08:00:00.000Z",
            "submittedOnDailyAt": f"{day}T09:00:00.000Z",
            "summary": words,
            "upvotes": chance.randrange(200),
            "githubRepo": f"https://github.com/example/study-{number}",
            "githubStars": chance.randrange(5_000),
            "ai_keywords": chance.sample(WORDS, 6),
        },
        "numComments": chance.randrange(9),
        "submittedBy": {"name": "librarian"},
    }


def payloads(papers: int) -> Iterator[tuple[date, bytes]]:
    """Days of `A_DAY` papers, the same whenever they are made."""
    chance = random.Random(20260922)
    for n in range(0, papers, A_DAY):
        day = FIRST_DAY + timedelta(days=n // A_DAY)
        several = range(n, min(n + A_DAY, papers))
        yield day, json.dumps([entry(number, day, chance) for number in several]).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--database", metavar="URL", help="an empty database; default: DATABASE_URL, else SQLite"
    )
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digest.settings")
        os.environ["VAR_DIR"] = str(Path(folder) / "var")
        # As deployed: with DEBUG on, Django keeps what it said to the database.
        os.environ |= {"SECRET_KEY": "only for measuring", "DEBUG": "0"}
        if options.database:
            os.environ["DATABASE_URL"] = options.database
        print(json.dumps(measure(options.papers, options.data)))


def memory_mb() -> float:
    """What the process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def measure(papers: int, data: Path) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from digest.models import Paper

    call_command("migrate", verbosity=0)
    if Paper.objects.exists():
        sys.exit("The database of DATABASE_URL holds papers already; name an empty one.")
    queries = 0

    def count(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    megabytes, statements, seconds = [], [], 0.0
    taken = 0
    with connection.execute_wrapper(count):
        for n, (day, payload) in enumerate(payloads(papers), start=1):
            begun = time.perf_counter()
            take_in("huggingface", payload, day)
            seconds += time.perf_counter() - begun
            if n * A_DAY >= (len(megabytes) + 1) * papers / 10:
                megabytes.append(round(memory_mb()))
                statements.append(round(1000 * queries / (n * A_DAY - taken)))
                queries, taken = 0, n * A_DAY
    again = 0.0
    for day, payload in payloads(min(papers, 20_000)):
        begun = time.perf_counter()
        take_in("huggingface", payload, day)
        again += time.perf_counter() - begun
    assert Paper.objects.count() == papers, "a second pass must add nothing"
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "database": connection.vendor,
        "papers": papers,
        "papers_per_second": round(papers / seconds),
        "papers_per_second_again": round(min(papers, 20_000) / again),
        "peak_mb": peak,
        "mb_by_tenth": megabytes,
        "queries_per_1000": statements[-1],
        "queries_per_1000_by_tenth": statements,
        "recorded": recorded(data),
    }


def take_in(source: str, payload: bytes, day: date | None, name: str = "a day") -> int:
    from digest import ingest
    from digest.sources import SOURCES

    looks = SOURCES[source].read(payload, name=name, day=day, today=date.today())
    return sum(ingest.take_in(look).found for look in looks)


def recorded(data: Path) -> dict[str, int]:
    """Papers a second of recordings of life, where they are at hand."""
    from digest.sources.payload import read_bytes

    rates = {}
    for name, source, pattern in (
        ("daily_lists", "huggingface", "hf_daily/20*.json.gz"),
        ("arxiv_metadata", "file", "arxiv_papers.jsonl.gz"),
        ("announcements", "arxiv", "cs_cv_announcements/20*.json.gz"),
    ):
        if paths := sorted(data.glob(pattern)):
            begun = time.perf_counter()
            papers = sum(take_in(source, read_bytes(path), None, path.name) for path in paths)
            rates[name] = round(papers / (time.perf_counter() - begun))
    return rates


if __name__ == "__main__":
    main()
