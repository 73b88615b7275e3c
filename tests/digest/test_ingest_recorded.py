"""Real recorded payloads, read in place; left out where they are not beside the checkout."""

import gzip
import json
import re
from datetime import date
from pathlib import Path

import pytest

from digest import delivery, editions, ingest, outbox
from digest.models import Edition, Entry, IngestRun, Paper, Sighting
from digest.sources import SOURCES
from digest.sources.payload import read_bytes
from subscriptions.mail import MAX_HTML
from tests.digest.conftest import make_delivery
from tests.factories import make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]
DAYS = ["2024-05-27", "2025-01-02", "2025-09-26"]


def take_in(source: str, path: Path) -> list[IngestRun]:
    looks = SOURCES[source].read(read_bytes(path), name=path.name, day=None, today=editions.today())
    return [ingest.take_in(look) for look in looks]


def test_three_recorded_days_come_in_whole_and_only_once(shared_data: Path):
    paths = [shared_data / "hf_daily" / f"{day}.json.gz" for day in DAYS]
    payloads = {
        day: json.loads(gzip.decompress(path.read_bytes())) for day, path in zip(DAYS, paths, strict=True)
    }

    for path in paths:
        [run] = take_in("huggingface", path)
        day = run.day.isoformat()
        assert (run.verdict, run.found, run.added, run.set_aside) == (
            IngestRun.Verdict.COMPLETE,
            len(payloads[day]),
            len(payloads[day]),
            [],
        )
        assert Entry.objects.filter(edition__date=run.day).count() == len(payloads[day])

    total = sum(map(len, payloads.values()))
    for path in paths:
        [run] = take_in("huggingface", path)
        assert (run.added, run.changed) == (0, 0)
    assert Paper.objects.count() == Sighting.objects.count() == Entry.objects.count() == total
    assert set(Edition.objects.values_list("date", flat=True)) == {date.fromisoformat(day) for day in DAYS}


def test_what_a_payload_says_of_each_paper_is_what_is_kept(shared_data: Path):
    path = shared_data / "hf_daily" / "2025-09-26.json.gz"
    take_in("huggingface", path)

    for entry in json.loads(gzip.decompress(path.read_bytes())):
        paper = Paper.objects.get(public_id=entry["paper"]["id"])
        assert (paper.title_source or paper.title) == " ".join(entry["paper"]["title"].split())
        assert len(paper.authors) == sum(not author.get("hidden") for author in entry["paper"]["authors"])
        sighting = paper.sightings.get()
        assert (sighting.upvotes, sighting.comments) == (entry["paper"]["upvotes"], entry["numComments"])
        assert sighting.stars == entry["paper"].get("githubStars")


def test_the_seed_page_gives_99_papers(shared_data: Path):
    path = shared_data / "seed_papers.json"

    [run] = take_in("file", path)
    [again] = take_in("file", path)

    assert (run.found, run.added, run.set_aside) == (99, 99, [])
    assert (again.found, again.added, again.changed) == (99, 0, 0)


def test_odd_arxiv_records_come_in_whole_under_their_ids(shared_data: Path, tmp_path: Path):
    """Withdrawn, with 3,303 authors, without an abstract, full of LaTeX or HTML, of 1993."""
    lines = gzip.decompress((shared_data / "arxiv_papers.jsonl.gz").read_bytes()).splitlines()
    odd = [line for line in lines if b'"special:' in line]
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"\n".join(odd))

    runs = take_in("file", path)

    assert sum(run.found for run in runs) == len(odd) > 600
    assert [run.set_aside for run in runs if run.set_aside] == []
    ids = {json.loads(line)["id"] for line in odd}
    sound = {one for one in ids if re.fullmatch(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}", one)}
    assert len(sound) > 500
    assert sound <= set(Paper.objects.values_list("public_id", flat=True))


def test_a_digest_of_twenty_recorded_papers_is_under_the_limit(shared_data: Path):
    """Those with the longest titles and the most authors of three days."""
    for day in DAYS:
        take_in("huggingface", shared_data / "hf_daily" / f"{day}.json.gz")
    edition = editions.publish_date(date.fromisoformat(DAYS[-1]))
    papers = sorted(Paper.objects.all(), key=lambda paper: -len(paper.title) - len(paper.authors))[:20]
    made = make_delivery(make_subscriber(size=20), edition, *papers, terms=[("language model", "title")])

    delivery.deliver([made.pk])

    [mail] = outbox.kept()
    assert len(mail.html.encode()) <= MAX_HTML
    for paper in papers:
        assert paper.get_absolute_url() in mail.html
