"""`manage.py preview_digest`: what somebody would get, chosen as dispatch chooses, and nothing written."""

import stat
import webbrowser
from datetime import timedelta
from email import message_from_string
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from digest import dispatch, outbox, specimen
from digest.models import Delivery, Edition, Vote
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.digest.conftest import whole_tables
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"
EARLIER = DAY - timedelta(days=1)


def preview(*arguments: str) -> str:
    out = StringIO()
    call_command("preview_digest", *arguments, stdout=out)
    return out.getvalue()


def an_edition(*titles: str, **fields: Any) -> Edition:
    return make_edition(*[make_paper(title, upvotes=9 - n) for n, title in enumerate(titles)], **fields)


def test_the_text_is_printed_with_its_subject():
    an_edition("Counting sheep at night", "Goats")
    make_subscriber(ADA, "sheep")

    told = preview("Ada@EXAMPLE.org")

    assert told.startswith("Subject: Counting sheep at night\n\n")
    assert "Matches “sheep” in the title" in told
    assert "Goats" not in told


def test_it_is_what_dispatch_then_plans():
    an_edition("Wolves", "Sheep and wolves", day=EARLIER)
    edition = an_edition("Counting sheep", "Goats", "Sheep again")
    reader = make_subscriber(ADA, "sheep", size=5)
    Vote.objects.create(subscriber=reader, paper=edition.papers.get(title="Sheep again"), kind="more")

    drafted = specimen.due_to(reader)
    dispatch.plan([reader.pk])

    planned = Delivery.objects.get()
    fields = ("subscriber_id", "edition_id", "editions", "picks", "left_out")
    assert [getattr(drafted, name) for name in fields] == [getattr(planned, name) for name in fields]
    assert len(planned.picks) == 3


def test_editions_that_were_seen_are_left_out():
    an_edition("Old sheep", day=EARLIER)
    make_subscriber(ADA, "sheep", caught_up_at=timezone.now())
    an_edition("New sheep")

    told = preview(ADA)

    assert "New sheep" in told
    assert "Old sheep" not in told


def test_an_edition_can_be_seen_again():
    an_edition("Old sheep", day=EARLIER)
    an_edition("New sheep")
    make_subscriber(ADA, "sheep", caught_up_at=timezone.now())

    assert "Old sheep" in preview(ADA, "--date", str(EARLIER))


def test_an_edition_that_is_open_or_old_can_be_seen_and_is_not_kept():
    for n in range(40):
        an_edition(f"Sheep of day {n}", day=DAY - timedelta(days=n))
    an_edition("Sheep of tomorrow", day=DAY + timedelta(days=1), published=False)
    make_subscriber(ADA, "sheep")

    assert "Sheep of day 39" in preview(ADA, "--date", str(DAY - timedelta(days=39)))
    assert "Sheep of tomorrow" in preview(ADA, "--date", str(DAY + timedelta(days=1)))
    assert "Sheep of tomorrow" not in preview(ADA)


def test_every_form_has_its_own_words():
    an_edition("Sheep ℓ")
    make_subscriber(ADA, language="de")

    html, raw = preview(ADA, "--html"), preview(ADA, "--raw")

    assert html.startswith("<!doctype html>")
    assert '<html lang="de"' in html
    assert "1 Paper für Sie" in preview(ADA, "--text")
    assert "\r\n\r\n" in raw
    assert message_from_string(raw)["To"] == ADA


@pytest.mark.parametrize("form", ["--text", "--html", "--raw"])
def test_no_link_is_the_readers(form: str, settings: Any):
    an_edition("Sheep")
    make_subscriber(ADA)

    told = preview(ADA, form).replace("=\r\n", "")

    for door in ("/unsubscribe/", "/feedback/", "/digest/", "/preferences/"):
        assert door not in told
    assert f"{settings.SITE_URL}/" in told


@pytest.mark.parametrize("form", ["--text", "--html", "--raw"])
def test_nothing_is_written_and_nothing_sent(form: str):
    an_edition("Old sheep", day=EARLIER)
    an_edition("Sheep")
    an_edition("Open sheep", day=DAY + timedelta(days=1), published=False)
    make_subscriber(ADA, "sheep")
    before = whole_tables()

    preview(ADA, form)
    preview(ADA, form, "--date", str(DAY + timedelta(days=1)))

    assert whole_tables() == before
    assert list(outbox.kept()) == []


# --- into a file, into a browser --------------------------------------------------------


def test_a_file_is_for_nobody_elses_eyes(tmp_path: Path):
    an_edition("Sheep")
    make_subscriber(ADA)
    path = tmp_path / "letter.html"

    told = preview(ADA, "--html", "--output", str(path))

    assert "Sheep" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in told
    assert "Sheep" not in told


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path):
    an_edition("Sheep")
    make_subscriber(ADA)

    with pytest.raises(CommandError, match="cannot be written"):
        preview(ADA, "--output", str(tmp_path / "nowhere" / "letter.txt"))


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What a browser was asked to open."""
    opened: list[str] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def opens(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    return opened


def test_a_browser_opens_a_private_file(browser: list[str], tmp_path: Path):
    an_edition("Sheep")
    make_subscriber(ADA)

    preview(ADA, "--open")

    [path] = tmp_path.glob("digest-*.html")
    assert browser == [path.as_uri()]
    assert "Sheep" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_that_a_browser_opens_can_be_named(
    browser: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    an_edition("Sheep")
    make_subscriber(ADA)
    monkeypatch.chdir(tmp_path)

    preview(ADA, "--open", "--output", "mine.html")

    assert browser == [(tmp_path / "mine.html").as_uri()]


def test_where_there_is_no_browser_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    an_edition("Sheep")
    make_subscriber(ADA)

    with pytest.raises(CommandError, match=r"No browser.*mine\.html"):
        preview(ADA, "--open", "--output", str(tmp_path / "mine.html"))


# --- nothing to show --------------------------------------------------------------------


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        preview(*arguments)
    assert refused.value.returncode == 1
    told = str(refused.value)
    assert "\n" not in told
    assert ADA not in told
    return told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nobody@example.org", "Nobody here has this address"),
        ("ada", "not an address"),
        ("", "not an address"),
        ("ada@example.org, bob@example.org", "not an address"),
    ],
)
def test_somebody_unknown(typed: str, told: str):
    make_subscriber(ADA)

    assert told in refusal(typed)


@pytest.mark.parametrize(
    ("status", "told"),
    [(Subscriber.Status.UNSUBSCRIBED, "they are unsubscribed"), (Subscriber.Status.PENDING, "not confirmed")],
)
def test_somebody_who_gets_nothing_but_whose_wish_is_known(status: str, told: str):
    an_edition("Sheep")
    make_subscriber(ADA, status=status)

    said = refusal(ADA)

    assert told in said
    assert "--date" in said
    assert "Sheep" in preview(ADA, "--date", str(DAY))


def test_somebody_who_paused_or_is_suppressed():
    an_edition("Sheep")
    reader = make_subscriber(ADA, paused_until=timezone.now() + timedelta(days=3))
    assert "they paused until" in refusal(ADA)

    suppress(reader.email_key, Suppression.Reason.BOUNCE)
    assert "the address is suppressed" in refusal(ADA)


def test_somebody_who_has_seen_everything():
    an_edition("Sheep")
    reader = make_subscriber(ADA)
    dispatch.plan([reader.pk])

    told = refusal(ADA)

    assert f"their digest of {DAY} is planned" in told
    assert told.endswith(f"--date {DAY}")


def test_somebody_considered_for_everything_who_never_got_any():
    an_edition("Sheep")
    make_subscriber(ADA, caught_up_at=timezone.now())

    assert refusal(ADA).endswith(f"up to {DAY}. To see one again: --date {DAY}")


def test_a_thin_day_that_somebody_skips():
    make_subscriber(ADA, "goats", caught_up_at=timezone.now())
    an_edition("Sheep")

    assert f"({DAY}) matches their keywords" in refusal(ADA)
    assert "matches their keywords" in refusal(ADA, "--date", str(DAY))


def test_no_edition():
    make_subscriber(ADA)
    assert "manage.py publish" in refusal(ADA)
    assert f"manage.py ingest --date {DAY}" in refusal(ADA, "--date", str(DAY))

    Edition.objects.create(date=DAY)
    assert "has no papers" in refusal(ADA, "--date", str(DAY))


def test_papers_that_were_all_hidden():
    edition = an_edition("Sheep")
    edition.entries.update(hidden=True)
    make_subscriber(ADA)

    assert "has no papers to show" in refusal(ADA, "--date", str(DAY))
