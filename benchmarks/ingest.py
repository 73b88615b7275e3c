"""How fast recorded daily lists go in: `python benchmarks/ingest.py [--data DIR]`, JSON out.

Uses the database of DATABASE_URL (a new SQLite file without one), which must be empty. Reads the
recorded days in DIR (`*.json.gz`, the Hugging Face daily payload), or writes days of its own shape
where there are none.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def made_up(folder: Path, days: int = 100, papers: int = 40) -> Path:
    """Days of the same shape, for a machine without recordings."""
    for n in range(days):
        day = date(2025, 1, 1) + timedelta(days=n)
        entries = [
            {
                "paper": {
                    "id": f"2501.{n * papers + k:05d}",
                    "title": f"Study {n} of subject {k} with large language models",
                    "authors": [{"name": f"Author {k} {j}"} for j in range(8)],
                    "publishedAt": f"{day}T08:00:00.000Z",
                    "summary": f"We study subject {k} and find that it works in case {n}. " * 20,
                    "upvotes": k,
                },
                "numComments": 1,
            }
            for k in range(papers)
        ]
        (folder / f"{day}.json.gz").write_bytes(gzip.compress(json.dumps(entries).encode()))
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "hf_daily")
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digest.settings")
        os.environ["VAR_DIR"] = str(Path(folder) / "var")
        data = options.data if options.data.is_dir() else made_up(Path(folder))
        print(json.dumps(measure(data)))


def measure(data: Path) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from digest import ingest
    from digest.models import Paper
    from digest.sources import SOURCES
    from digest.sources.payload import read_bytes

    call_command("migrate", verbosity=0)
    source = SOURCES["huggingface"]
    paths = sorted(path for path in data.glob("*.json.gz"))

    def take_all() -> float:
        begun = time.perf_counter()
        for path in paths:
            for look in source.read(read_bytes(path), name=path.name, day=None, today=date.today()):
                ingest.take_in(look)
        return time.perf_counter() - begun

    first = take_all()
    papers = Paper.objects.count()
    again = take_all()
    assert Paper.objects.count() == papers, "a second pass must add nothing"
    queries = 0

    def count(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        take_all()
    return {
        "database": connection.vendor,
        "days": len(paths),
        "papers": papers,
        "papers_per_second": round(papers / first),
        "papers_per_second_again": round(papers / again),
        "queries_per_1000": round(1000 * queries / papers),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
