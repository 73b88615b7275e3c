"""`manage.py ingest` over many days, by id, and what somebody sees who waits for it."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from digest.management.watching import watch
from digest.models import Edition, IngestRun, Paper
from digest.sources import SOURCES
from tests.world import faults
from tests.world.fixtures import TODAY, world  # noqa: F401  (a fixture)
from tests.world.server import WorldServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("naps")]
TODAY_NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T12:00:00+00:00", tick=True):
        yield


def ingest(*arguments: str) -> str:
    out = StringIO()
    call_command("ingest", *arguments, stdout=out)
    return out.getvalue()


RANGE = ("--source", "huggingface", "--since", "2026-09-14", "--until", "2026-09-18")


def test_a_range_that_was_stopped_is_gone_on_with(world: WorldServer):  # noqa: F811
    world.fail("huggingface", faults.reset(), when=lambda ask: ask.query.get("date") == "2026-09-17")
    with pytest.raises(CommandError, match=r"huggingface 2026-09-17: .*broke off"):
        ingest(*RANGE)
    world.heal()
    world.forget()

    told = ingest(*RANGE)

    assert "4 looks are told in full already (--again repeats them)" in told
    assert {asked.query["date"] for asked in world.asked} == {"2026-09-17"}
    assert set(IngestRun.objects.filter(settled=True).values_list("day", flat=True)) == {
        date(2026, 9, n) for n in range(14, 19)
    }


def test_again_repeats_what_was_told_in_full_and_adds_nothing(world: WorldServer):  # noqa: F811
    ingest(*RANGE)
    papers = Paper.objects.count()
    world.forget()

    ingest(*RANGE, "--again")

    assert len({asked.query["date"] for asked in world.asked}) == 5
    assert Paper.objects.count() == papers


def test_a_service_that_is_gone_ends_a_range_and_says_how_to_go_on(world: WorldServer):  # noqa: F811
    ingest("--source", "huggingface", "--date", "2026-09-14")
    world.close()

    with pytest.raises(CommandError, match=r"2026-09-15 huggingface: .*cannot be reached"):
        ingest("--source", "huggingface", "--since", "2026-09-14", "--until", "2026-09-18")


def test_many_days_end_with_a_table_by_source_and_category(world: WorldServer, settings: Any):  # noqa: F811
    settings.SOURCES = ["huggingface", "arxiv"]
    settings.ARXIV_CATEGORIES = ["cs.CV", "cs.CL"]

    told = ingest("--since", "2026-09-18", "--until", "2026-09-22").splitlines()

    head = next(line for line in told if line.startswith("Source"))
    assert head.split()[:5] == ["Source", "Category", "Days", "Looks", "Complete"]
    rows = told[told.index(head) + 1 : -1]
    assert [row.split()[:4] for row in rows] == [
        ["huggingface", "5", "5", "3"],
        ["arxiv", "cs.CV", "5", "5"],
        ["arxiv", "cs.CL", "5", "5"],
    ]
    assert re.fullmatch(r"5 days: \d+ found, \d+ new, \d+ changed, \d+ passed over, 0 set aside", told[-1])
    assert "2026-09-19 arxiv cs.CV: holiday, 0 found, 0 new, 0 changed" in told


def test_a_source_that_is_gone_does_not_stop_the_others(world: WorldServer, settings: Any):  # noqa: F811
    settings.SOURCES = ["huggingface", "biorxiv"]
    settings.HUGGINGFACE_URL = "http://127.0.0.1:1"
    out = StringIO()

    with pytest.raises(
        CommandError, match=r"2026-09-21 huggingface: .*cannot be reached.* Left out: 2 looks"
    ):
        call_command("ingest", "--since", "2026-09-21", "--until", "2026-09-22", stdout=out)

    assert set(IngestRun.objects.filter(source="biorxiv").values_list("day", "verdict")) == {
        (date(2026, 9, 21), "complete"),
        (date(2026, 9, 22), "complete"),
    }
    assert IngestRun.objects.filter(source="huggingface").count() == 1
    assert "2 days: " in out.getvalue(), "the table and its sum come all the same"


def test_every_look_at_a_day_is_told_and_summed(world: WorldServer, settings: Any):  # noqa: F811
    settings.ARXIV_CATEGORIES = ["cs.CV"]
    world.fail("arxiv_feed", faults.truncated(clean=True))
    day = ("--source", "arxiv", "--since", str(TODAY), "--until", str(TODAY))

    told = ingest(*day).splitlines()

    looks = list(IngestRun.objects.order_by("pk"))
    assert [look.verdict for look in looks] == ["partial", "complete"]
    assert min(look.added for look in looks) > 0, "each brings some"
    lines = [line for line in told if line.startswith(f"{TODAY} arxiv cs.CV: ")]
    assert [line.split(": ")[1].split(",")[0] for line in lines] == ["partial", "complete"]
    assert f", {Paper.objects.count()} new, " in told[-1]
    assert told[-1].startswith("1 day: ")
    assert len(json.loads(ingest("--again", "--json", *day))) == 2


def test_a_day_that_failed_is_told_like_the_others(world: WorldServer):  # noqa: F811
    world.fail("huggingface", faults.html_instead(), when=lambda ask: ask.query.get("date") == "2026-09-17")
    out = StringIO()

    with pytest.raises(CommandError, match=r"^huggingface 2026-09-17: "):
        call_command("ingest", *RANGE, stdout=out)

    told = out.getvalue().splitlines()
    at = told.index("2026-09-17 huggingface: failed, 0 found, 0 new, 0 changed")
    assert "is not JSON" in told[at + 1]
    head = next(line.split() for line in told if line.startswith("Source"))
    row = next(line.split() for line in told if line.startswith("huggingface"))
    assert dict(zip(head, row, strict=False)) | {"Days": "5", "Failed": "1", "Complete": "4"} == dict(
        zip(head, row, strict=False)
    )
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("ingest", *RANGE, "--again", "--json", stdout=out)
    assert [one["verdict"] for one in json.loads(out.getvalue())].count("failed") == 1


def test_a_recorded_answer_counts_as_its_sources_whether_that_is_named_or_not(
    shared_data: Path,
    world: WorldServer,  # noqa: F811
):
    path = shared_data / "hf_daily" / "2025-09-26.json.gz"
    ingest("--file", str(path))
    papers = Paper.objects.count()

    assert IngestRun.objects.get().source == "huggingface"
    assert Edition.objects.get().date == date(2025, 9, 26)
    ingest("--source", "huggingface", "--file", str(path))
    assert Paper.objects.count() == papers > 0


def test_a_recorded_answer_that_cannot_be_read_failed_under_its_own_source(tmp_path: Path):
    page = {"messages": [{"status": "ok"}], "collection": [{"server": "medRxiv"}]}
    (tmp_path / "2026-09-15.json").write_text(json.dumps([page, 7]))

    with pytest.raises(CommandError, match="not a page of preprints"):
        ingest("--file", str(tmp_path / "2026-09-15.json"))

    run = IngestRun.objects.get()
    assert (run.source, run.day, run.verdict) == ("medrxiv", date(2026, 9, 15), "failed")


def test_what_the_database_refused_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from digest.sources.base import FoundPaper, Look
    from digest.sources.file import FileSource

    class TooFarBack(FileSource):
        """Tells of a moment that in UTC lies before the calendar."""

        def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
            at = datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))
            yield Look("file", today, TODAY_NOON, (FoundPaper("Old", at, arxiv_id="2501.00001"),))

    monkeypatch.setitem(SOURCES, "file", TooFarBack())
    (tmp_path / "x.json").write_text("[]")

    told = ingest("--source", "file", "--file", str(tmp_path / "x.json"))

    assert "  set aside, 2501.00001: the database cannot hold it: OverflowError" in told


def test_a_folder_of_recorded_answers_is_read_whatever_their_form(shared_data: Path):
    with time_machine.travel("2026-10-01T12:00:00+00:00"):
        told = ingest("--source", "arxiv", "--file", str(shared_data / "feeds" / "arxiv_rss"))

    assert IngestRun.objects.count() == 2
    assert "cs.AI" in told


def test_a_page_of_a_longer_list_proves_no_day(shared_data: Path):
    folder = shared_data / "feeds"
    ingest("--file", str(folder / "arxiv_oai_arXivRaw" / "ListRecords_2016-10-20.xml"))
    ingest("--file", str(folder / "arxiv_api_atom" / "q_testing_s0_m10.xml"))

    assert set(IngestRun.objects.values_list("verdict", "settled")) == {("partial", False)}
    assert all("There is more" in run.error for run in IngestRun.objects.all())
    assert sum(run.found for run in IngestRun.objects.all()) == 232 + 10


def test_single_papers_are_looked_up_by_id_and_filed_under_their_own_days(world: WorldServer):  # noqa: F811
    told = [one for one in world.world.announced(TODAY, ["cs.CV"]) if one.kind == "new"][:2]
    ids = [one.paper.arxiv_id for one in told]

    ingest("--id", f"{ids[0]}v1", f"https://arxiv.org/abs/{ids[1]}")

    assert set(Paper.objects.values_list("public_id", flat=True)) == set(ids)
    assert Edition.objects.get().date == TODAY


def test_ids_that_nobody_knows_are_told(world: WorldServer):  # noqa: F811
    told = ingest("--id", "2609.99999", "nonsense")

    assert "arXiv knows no such paper" in told
    assert "not an arXiv id" in told
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--id 2509.00001 --date 2025-09-26", "--id goes without files and days"),
        ("--id 2509.00001 --file x.json", "--id goes without files and days"),
        ("--id 2509.00001 --source huggingface", "cannot look single papers up"),
    ],
)
def test_what_makes_no_sense_with_an_id_is_told(arguments: str, told: str):
    with pytest.raises(CommandError, match=told):
        ingest(*arguments.split())


def test_a_file_that_cannot_be_read_is_in_the_ledger(tmp_path: Path):
    path = tmp_path / "2026-09-15.json"
    path.write_text('{"error": "Sorry, we cannot find it."}')

    with pytest.raises(CommandError, match="Sorry"):
        ingest("--source", "huggingface", "--file", str(path))

    run = IngestRun.objects.get()
    assert (run.day, run.verdict) == (date(2026, 9, 15), IngestRun.Verdict.FAILED)
    assert "Sorry" in run.error


def test_a_long_file_is_one_look_a_day_however_many_pieces_it_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from digest.sources import file

    monkeypatch.setattr(file, "PIECE", 3)
    records = [{"title": f"Paper {n}", "listed": f"2026-09-{14 + n % 2}"} for n in range(10)]
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))

    ingest("--file", str(path))

    runs = IngestRun.objects.order_by("day")
    assert [(run.found, run.added, run.verdict) for run in runs] == [(5, 5, "complete")] * 2
    assert sum(run.bytes_read for run in runs) == path.stat().st_size


@pytest.mark.parametrize(
    "name", ["cs_cv_announcements/2026-04-20.json.gz", "feeds/arxiv_rss/cs_ai_2026-04-27.xml"]
)
def test_what_arxiv_answered_is_known_without_saying_so(shared_data: Path, name: str):
    ingest("--file", str(shared_data / name))

    run = IngestRun.objects.get()
    assert (run.source, run.verdict) == ("arxiv", "complete")


# --- Progress -------------------------------------------------------------------------------


def test_progress_is_shown_on_a_terminal_and_nowhere_else(tmp_path: Path):
    """Day, source, papers and what was set aside, while it goes on."""
    script = (
        "from digest.management.watching import watch\n"
        "with watch(2) as one:\n"
        "    one.on('2026-09-22 huggingface'); one.came(12, 1); one.step(); one._bar and one._bar.refresh()\n"
    )
    code = f"import django; django.setup()\n{script}"
    terminal = {"TERM": "xterm", "COLUMNS": "120", "DJANGO_SETTINGS_MODULE": "digest.settings"}
    env = {**os.environ, **terminal, "VAR_DIR": str(tmp_path)}
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, stderr=slave, check=True, timeout=60)
    os.close(slave)
    shown = os.read(master, 65_536).decode()
    os.close(master)
    plain = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True, timeout=60
    )

    assert "2026-09-22 huggingface" in shown
    assert "12 papers, 1 set aside" in shown
    assert plain.stderr == b""


def test_watching_counts_without_a_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with watch(1) as watching:
        watching.came(3, 0)
        watching.came(2, 4)

    assert (watching.papers, watching.aside) == (5, 4)
