"""The import page: shows first, applies just what it showed, once, for who brought it."""

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from subscriptions.admin import importing
from subscriptions.models import Consent, Notice, Subscriber
from tests.factories import make_subscriber
from tests.subscriptions.admin.editors import LOOK, editor, url, words
from tests.subscriptions.imports.lists import audience_zip

pytestmark = pytest.mark.django_db

MAY = (LOOK, "import_subscriber")
STATEMENT = "Double opt-in at Mailchimp since 2021"
ARCHIVE = audience_zip(subscribed=["ada@example.org", "known@example.org"], cleaned=["mary@example.org"])


@pytest.fixture(autouse=True)
def _empty_cache(settings, tmp_path):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(tmp_path / "cache"),
        }
    }


def bring(browser: Client, content: bytes = ARCHIVE, name: str = "export.zip", **fields: str):
    file = SimpleUploadedFile(name, content)
    return browser.post(url("subscriber_import"), {"file": file, "form": "auto", "statement": "", **fields})


def token_of(answer) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def settle(browser: Client, token: str, button: str = "apply"):
    return browser.post(url("subscriber_import_apply"), {"token": token, button: "1"}, follow=True)


@pytest.mark.parametrize("view", ["import", "import_apply"])
def test_it_is_open_to_just_who_may_import(view):
    for browser in (editor(LOOK, "change_subscriber", "export_subscriber"), editor("import_subscriber")):
        assert browser.get(url(f"subscriber_{view}")).status_code == 403
        assert browser.post(url(f"subscriber_{view}"), {"token": "x", "apply": "1"}).status_code == 403
    assert "Import people" not in words(editor(LOOK).get(url("subscriber_changelist")))
    assert "Import people" in words(editor(*MAY).get(url("subscriber_changelist")))


def test_the_page_says_what_a_statement_means_before_one_is_made():
    text = words(editor(*MAY).get(url("subscriber_import")))

    assert "Leave this empty unless you can prove that these people agreed" in text
    assert "No mail is sent by an import." in text


def test_bringing_a_file_shows_what_would_become_of_whom_and_changes_nothing():
    make_subscriber("known@example.org")

    text = words(bring(editor(*MAY)))

    assert "3 lines of Mailchimp. Nothing was changed so far." in text
    assert "<td>1</td><td>new and pending</td>" in text
    assert "<td>line 3 (subscribed)</td><td>known, left as it is</td>" in text
    assert "<td>line 2 (bounced)</td><td>bounced at Mailchimp, suppressed from now on</td>" in text
    assert "@example.org" not in text
    assert Subscriber.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_the_second_button_does_just_what_was_shown_and_notes_it():
    make_subscriber("known@example.org")
    browser = editor(*MAY)

    answer = bring(browser, statement=STATEMENT)
    assert f"By your word, kept with each of them: “{STATEMENT}”" in words(answer)
    text = words(settle(browser, token_of(answer)))

    assert "Imported from Mailchimp. 3 lines: 1 new and active, 1 known, left as they are" in text
    ada = Subscriber.objects.get(email_key="ada@example.org")
    assert ada.status == "active"
    assert Consent.objects.get(kind="confirmed").detail["statement"] == STATEMENT
    assert not Notice.objects.exists()
    [entry] = LogEntry.objects.all()
    assert entry.object_repr == "import"
    assert "1 new and active" in entry.change_message
    assert "@" not in entry.change_message


def test_it_is_applied_once():
    browser = editor(*MAY)
    token = token_of(bring(browser))

    settle(browser, token)
    Subscriber.objects.all().delete()
    text = words(settle(browser, token))

    assert "not kept any more" in text
    assert not Subscriber.objects.exists()


def test_what_is_declined_is_forgotten():
    browser = editor(*MAY)
    token = token_of(bring(browser))
    assert cache.get(importing._key(token)) is not None

    assert "The upload is forgotten" in words(settle(browser, token, "decline"))

    assert cache.get(importing._key(token)) is None
    assert "not kept any more" in words(settle(browser, token))
    assert not Subscriber.objects.exists()


def test_what_is_applied_is_forgotten():
    browser = editor(*MAY)
    token = token_of(bring(browser))
    settle(browser, token)

    assert cache.get(importing._key(token)) is None


def test_another_editor_cannot_apply_it():
    token = token_of(bring(editor(*MAY)))

    assert "not kept any more" in words(settle(editor(*MAY), token))
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "é", "../../x"])
def test_a_made_up_token_applies_nothing(token):
    browser = editor(*MAY)
    bring(browser)

    assert "not kept any more" in words(settle(browser, token))
    assert not Subscriber.objects.exists()


def test_a_page_whose_file_was_replaced_by_another_applies_neither():
    """Two tabs: each button stands below its own table."""
    browser = editor(*MAY)
    first = token_of(bring(browser))
    second = token_of(bring(browser, b"email\neve@example.org\n", "list.csv"))

    assert "not kept any more" in words(settle(browser, first))
    assert cache.get(importing._key(first)) is None
    settle(browser, second)
    assert [s.email for s in Subscriber.objects.all()] == ["eve@example.org"]


def test_it_is_kept_for_an_hour_and_no_longer():
    browser = editor(*MAY)
    with time_machine.travel(dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC), tick=False) as clock:
        token = token_of(bring(browser))
        clock.shift(dt.timedelta(minutes=61))
        assert "not kept any more" in words(settle(browser, token))

    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("content", "fields", "told"),
    [
        (b"name\nAda\n", {}, "This is no list that can be read"),
        (b"", {}, "The submitted file is empty."),
        (b"email\na@example.org\n", {"form": "mailchimp"}, "names no column “Email Address”"),
        (b"email\na@example.org\n", {"statement": "yes"}, "says too little of how these people agreed"),
        (b"email\na@example.org\n", {"form": "other"}, "Select a valid choice"),
        (b"email\n" + b"a@example.org\n" * 5_000, {}, "This page takes up to 5,000 lines."),
    ],
)
def test_what_cannot_be_taken_is_told_at_the_field(content, fields, told):
    assert told in words(bring(editor(*MAY), content, "list.csv", **fields))
    assert not Subscriber.objects.exists()


def test_a_file_too_large_for_a_page_is_refused(monkeypatch):
    monkeypatch.setattr(importing, "MAX_BYTES", 10)

    assert "manage.py import_subscribers" in words(bring(editor(*MAY)))


def test_a_long_list_is_shown_in_part_and_counted_whole(monkeypatch):
    monkeypatch.setattr(importing, "LINES_SHOWN", 2)
    content = b"email\n" + b"".join(b"r%d@example.org\n" % n for n in range(5))

    text = words(bring(editor(*MAY), content, "list.csv"))

    assert "… and 3 more lines." in text
    assert "<td>5</td><td>new and pending</td>" in text
