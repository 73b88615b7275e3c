"""`manage.py ingest`: which days of which sources or files, and what it says of them."""

import contextlib
import gzip
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest import editions
from digest.models import Edition, IngestRun, Paper
from tests.digest.conftest import hf_entry
from tests.digest.loopback import Answer, Hub

pytestmark = pytest.mark.django_db


def ingest(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("ingest", *arguments, stdout=out, **options)
    return out.getvalue()


def write(path: Path, document: object) -> Path:
    data = json.dumps(document).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def days() -> set[str]:
    return {day.isoformat() for day in Edition.objects.values_list("date", flat=True)}


# --- From files -----------------------------------------------------------------------------


def test_a_file_of_papers_is_taken_in_and_told_in_a_line(tmp_path: Path):
    path = write(tmp_path / "list.json", [{"title": "A", "listed": "2025-09-26"}])

    assert ingest("--file", str(path)) == "2025-09-26 file: complete, 1 found, 1 new, 0 changed\n"
    assert ingest("--file", str(path)) == "2025-09-26 file: complete, 1 found, 0 new, 0 changed\n"


def test_a_recorded_day_of_a_source_is_read_with_its_name(tmp_path: Path):
    listed = "2025-03-04T08:00:00.000Z"
    entries = [hf_entry(submittedOnDailyAt=listed), hf_entry(submittedOnDailyAt=listed)]
    path = write(tmp_path / "2025-03-04.json.gz", entries)

    told = ingest("--source", "huggingface", "--file", str(path))

    assert told == "2025-03-04 huggingface: complete, 2 found, 2 new, 0 changed\n"
    assert days() == {"2025-03-04"}


def test_a_folder_is_all_payloads_in_it(tmp_path: Path):
    for n, name in enumerate(("2025-03-04.json", "2025-03-05.json.gz", "2025-03-06.jsonl"), start=1):
        listed = f"{name[:10]}T08:00:00.000Z"
        write(
            tmp_path / name, [hf_entry(title=f"Paper {n}.{k}", submittedOnDailyAt=listed) for k in range(n)]
        )
    for name in ("index.json", "manifest.json", "README.txt"):
        write(tmp_path / name, {"not": "papers"})

    told = ingest("--source", "huggingface", "--file", str(tmp_path)).splitlines()

    assert len(told) == 6  # one for each, and a table of two rows
    assert told[-1] == "3 days: 6 found, 6 new, 0 changed, 0 set aside"
    assert days() == {"2025-03-04", "2025-03-05", "2025-03-06"}


def test_a_folder_without_payloads_is_told(tmp_path: Path):
    with pytest.raises(CommandError, match="holds no payloads"):
        ingest("--file", str(tmp_path))


def test_a_date_overrides_what_the_file_says(tmp_path: Path):
    path = write(tmp_path / "2025-03-04.json", [{"title": "A", "listed": "2025-09-26"}])

    ingest("--file", str(path), "--date", "2025-05-05")

    assert days() == {"2025-05-05"}


def test_no_paper_is_of_a_day_to_come(tmp_path: Path):
    path = write(tmp_path / "x.json", [{"title": "A"}])

    with pytest.raises(CommandError, match="lies in the future"):
        ingest("--file", str(path), "--date", "2199-01-01")
    assert not Paper.objects.exists()


def test_a_range_makes_no_sense_for_a_file(tmp_path: Path):
    path = write(tmp_path / "x.json", [{"title": "A"}])

    with pytest.raises(CommandError, match="not a range"):
        ingest("--file", str(path), "--since", "2025-01-01")


def test_one_broken_file_does_not_stop_the_others(tmp_path: Path):
    (tmp_path / "2025-03-04.json").write_text("[broken")
    (tmp_path / "2025-03-05.json").write_text("")
    write(tmp_path / "2025-03-06.json", [hf_entry(title="Whole")])

    with pytest.raises(CommandError, match=r"2025-03-04\.json is not JSON.*\(1 more failed\)"):
        ingest("--source", "huggingface", "--file", str(tmp_path))

    assert Paper.objects.get().title == "Whole"


def test_what_was_set_aside_is_counted_and_its_reason_told(tmp_path: Path):
    path = write(tmp_path / "x.json", [{"title": "A"}, {"id": "2509.1", "title": ""}])

    told = ingest("--file", str(path))
    assert "1 set aside" in told
    assert "  set aside, record 2: no title" in told


def test_the_ledger_can_be_had_as_json(tmp_path: Path):
    path = write(tmp_path / "x.json", [{"title": "A", "listed": "2025-09-26"}, 5])

    rows = json.loads(ingest("--file", str(path), "--date", "2025-09-26", "--json"))

    assert rows == [
        {
            "source": "file",
            "category": "",
            "day": "2025-09-26",
            "verdict": "partial",
            "settled": True,
            "error": "1 record could not be read.",
            "found": 1,
            "added": 1,
            "changed": 0,
            "passed_over": 0,
            "unread": 1,
            "set_aside": [{"position": 1, "name": "", "reason": "not an object"}],
            "bytes": path.stat().st_size,
        }
    ]


# --- From sources ---------------------------------------------------------------------------


def asked_days(hub: Hub) -> list[str]:
    return list(dict.fromkeys(query["date"] for query in hub.asked))


def test_without_a_day_today_is_fetched_from_every_source(hub: Hub, settings: Any):
    settings.SOURCES = ["huggingface"]
    hub.pages([hf_entry(submittedOnDailyAt=f"{editions.today()}T00:30:00.000Z")])

    ingest()

    assert asked_days(hub) == [editions.today().isoformat()]
    assert Paper.objects.count() == 1


def test_a_recorded_day_is_asked_for_all_the_same(hub: Hub, tmp_path: Path):
    """What was recorded may be the first of many entries."""
    write(tmp_path / "2025-09-26.json", [hf_entry("2509.00001")])
    ingest("--source", "huggingface", "--file", str(tmp_path))
    hub.pages([hf_entry("2509.00001"), hf_entry("2509.00002")])

    for _ in range(2):
        ingest("--source", "huggingface", "--since", "2025-09-26", "--until", "2025-09-26")

    assert Paper.objects.count() == 2
    assert [query["p"] for query in hub.asked] == ["0", "1"], "and once"


def test_a_range_is_fetched_day_by_day(hub: Hub):
    def listed(day: str) -> dict[str, Any]:
        return hf_entry(title=f"Of {day}", submittedOnDailyAt=f"{day}T01:30:00.000Z")

    hub.answer = lambda query: Answer.of([listed(query["date"])] if query["p"] == "0" else [])

    told = ingest("--source", "huggingface", "--since", "2025-09-24", "--until", "2025-09-26").splitlines()

    assert asked_days(hub) == ["2025-09-24", "2025-09-25", "2025-09-26"]
    assert told[-1] == "3 days: 3 found, 3 new, 0 changed, 0 set aside"


def test_a_range_without_an_end_is_up_to_today(hub: Hub):
    since = editions.today() - timedelta(days=2)

    ingest("--source", "huggingface", "--since", since.isoformat())

    assert asked_days(hub) == [(since + timedelta(days=n)).isoformat() for n in range(3)]


def test_one_day_that_fails_does_not_stop_the_others(hub: Hub):
    hub.answer = lambda query: Answer.of(
        {"error": "gone"} if query["date"] != "2025-09-26" else [hf_entry()] if query["p"] == "0" else []
    )

    with pytest.raises(CommandError, match=r"^huggingface 2025-09-24: .*gone.*\(1 more failed\)$"):
        ingest("--source", "huggingface", "--since", "2025-09-24", "--until", "2025-09-26")

    assert Paper.objects.count() == 1
    verdicts = IngestRun.objects.order_by("day").values_list("verdict", flat=True)
    assert list(verdicts) == ["failed", "failed", "complete"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "No source is switched on"),
        ("--source file", "reads files only: add --file PATH"),
        ("--source huggingface --date 2025-09-26 --since 2025-09-01", "either --date or a range"),
        ("--source huggingface --until 2025-09-01", "--until needs --since"),
        ("--source huggingface --since 2025-09-26 --until 2025-09-01", "lies before --since"),
        ("--source huggingface --since 2001-01-01 --until 2025-01-01", "more than 3660 days"),
        ("--source huggingface --date 2199-01-01", "lies in the future"),
        ("--source huggingface --since 2199-01-01", "lies in the future"),
        ("--date 1066-10-14", "out of range"),
        ("--date 26.9.2025", "is not a date"),
        ("--source nonsense", "invalid choice"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_fetched(
    hub: Hub, settings: Any, arguments: str, told: str
):
    settings.SOURCES = []

    with pytest.raises(CommandError, match=told):
        ingest(*arguments.split())

    assert hub.asked == []
    assert not IngestRun.objects.exists()


def test_a_range_never_asks_for_a_day_to_come(hub: Hub):
    """Whether it is refused or ends today: no source can know that day yet."""
    today = editions.today()

    with contextlib.suppress(CommandError):
        ingest(
            *("--source", "huggingface", "--since", (today - timedelta(days=1)).isoformat()),
            *("--until", (today + timedelta(days=2)).isoformat()),
        )

    assert [day for day in asked_days(hub) if day > today.isoformat()] == []
