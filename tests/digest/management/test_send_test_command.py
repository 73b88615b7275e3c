"""`manage.py send_test`: a digest to one address, on no list and in no ledger."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from digest import editions, outbox
from digest.models import Edition
from digest.outbox import KeptMail
from subscriptions.models import Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.digest.conftest import whole_tables
from tests.digest.loopback import Mailbox
from tests.factories import DAY, make_edition, make_paper, make_subscriber
from tests.servers import free_port

pytestmark = pytest.mark.django_db
TO = "editor@example.com"


def send(*arguments: str) -> str:
    out = StringIO()
    call_command("send_test", "--to", TO, *arguments, stdout=out)
    return out.getvalue()


def sent(*arguments: str) -> KeptMail:
    assert send(*arguments).startswith("Accepted: ")
    [mail] = outbox.kept()
    return mail


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        send(*arguments)
    assert refused.value.returncode == 1
    assert "\n" not in str(refused.value)
    return str(refused.value)


def an_edition(*titles: str, day: date = DAY, published: bool = True) -> Edition:
    papers = [make_paper(title, upvotes=9 - n) for n, title in enumerate(titles)]
    return make_edition(*papers, day=day, published=published)


def test_the_newest_edition_is_sent_as_somebody_new_would_get_it():
    an_edition("Goats", day=DAY - timedelta(days=1))
    an_edition("Sheep", "Wolves")
    Edition.objects.create(date=editions.today())

    assert send() == f"Accepted: the digest of the edition of {DAY} is on its way.\n"

    [mail] = outbox.kept()
    assert mail.to == TO
    assert mail.subject.startswith("[Test] Sheep + 1 more")
    assert "Trending" in mail.text
    assert "Goats" not in mail.text


def test_an_open_edition_is_sent_before_it_is_published():
    an_edition("Sheep", day=editions.today(), published=False)
    an_edition("Goats", day=editions.today() + timedelta(days=1), published=False)

    assert sent().subject.startswith("[Test] Sheep")


def test_the_edition_of_a_day_by_made_up_keywords():
    an_edition("Sheep", "Wolves", "Goats", day=DAY - timedelta(days=1))
    an_edition("More goats")

    mail = sent("--keywords", "goat, -wolves", "--date", str(DAY - timedelta(days=1)))

    assert mail.subject.startswith("[Test] Goats")
    assert "You get this because you subscribed to goat." in mail.text
    assert "Wolves" not in mail.text


def test_as_a_subscriber_would_get_it():
    an_edition("Schafe", "Ziegen")
    make_subscriber("ada@example.org", "ziegen", language="de")

    mail = sent("--as", "Ada@example.org")

    assert mail.subject.startswith("[Test] Ziegen")
    assert "1 Paper für Sie" in mail.text
    assert mail.to == TO
    assert b"ada@example.org" not in mail.raw


def test_it_is_no_list_mail_and_its_links_do_nothing():
    an_edition("Sheep")
    make_subscriber("ada@example.org")

    mail = sent("--as", "ada@example.org")

    names = {name for name, _ in mail.headers}
    assert not {name for name in names if name.startswith(("List-", "Feedback-"))}
    assert dict(mail.headers)["Auto-Submitted"] == "auto-generated"
    for door in ("/unsubscribe/", "/feedback/", "/digest/", "/preferences/"):
        assert door not in mail.text + mail.html


def test_it_stands_in_no_table():
    an_edition("Sheep")
    make_subscriber("ada@example.org")
    before = whole_tables()

    send("--as", "ada@example.org")
    send("--keywords", "sheep")

    assert whole_tables() == before
    assert len(list(outbox.kept())) == 2


def test_a_provider_is_told_of_no_delivery(monkeypatch: pytest.MonkeyPatch):
    seen: list[Any] = []

    def take(_: object, messages: Sequence[Any]) -> int:
        seen.extend(messages)
        return len(messages)

    monkeypatch.setattr(outbox.OutboxBackend, "send_messages", take)
    an_edition("Sheep")

    send()

    [message] = seen
    assert not hasattr(message, "metadata")


# --- what becomes of it -----------------------------------------------------------------


def test_a_real_server_takes_it(mailbox: Mailbox):
    an_edition("Sheep")

    assert send().startswith("Accepted: ")
    assert mailbox.recipients == [TO]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("550 no", "Refused: recipient refused with SMTP 550."),
        ("451 later", "Not sent, try again later: recipient refused with SMTP 451."),
    ],
)
def test_a_server_refuses_it(mailbox: Mailbox, answer: str, told: str):
    mailbox.refuse = {TO: answer}
    an_edition("Sheep")

    assert refusal() == told


def test_a_server_hangs_up_in_mid_letter(mailbox: Mailbox):
    mailbox.hang_up_after_data = {TO}
    an_edition("Sheep")

    assert refusal().startswith("Uncertain, it may arrive or not: ")


def test_no_server_answers(settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    an_edition("Sheep")

    assert refusal() == "Not sent: no connection (ConnectionRefusedError). Check EMAIL_URL."


def test_a_provider_without_its_key(settings: Any):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {}
    an_edition("Sheep")

    assert "POSTMARK_SERVER_TOKEN" in refusal()


# --- what is asked for ------------------------------------------------------------------


def test_a_suppressed_address_gets_nothing():
    an_edition("Sheep")
    suppress(TO, Suppression.Reason.COMPLAINT)

    assert "suppressed" in refusal()
    assert list(outbox.kept()) == []


def test_as_somebody_who_left_or_is_suppressed_it_goes_to_somebody_else():
    an_edition("Sheep")
    reader = make_subscriber("ada@example.org", status=Subscriber.Status.UNSUBSCRIBED)
    suppress(reader.email_key, Suppression.Reason.MANUAL)

    assert sent("--as", "ada@example.org").to == TO


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as", "nobody@example.org"], "Nobody here has this address"),
        (["--as", "nobody"], "not an address"),
        (["--keywords", "x" * 100], "longer than 80 characters"),
        (["--keywords", "a", "--as", "ada@example.org"], "not allowed with"),
        (["--date", "yesterday"], "is not a date"),
        (["--date", "2025-09-27"], "There is no edition of 2025-09-27"),
        (["--to", "a@example.org\nBcc: b@example.org"], "not an address"),
        (["--to", "a@example.org,b@example.org"], "not an address"),
    ],
)
def test_odd_wishes(arguments: list[str], told: str):
    an_edition("Sheep")

    assert told in refusal(*arguments)
    assert list(outbox.kept()) == []


def test_no_edition_or_nothing_in_it_for_them():
    assert "manage.py ingest" in refusal()

    an_edition("Sheep")
    make_subscriber("ada@example.org", "goats", caught_up_at=timezone.now())
    assert "matches their keywords" in refusal("--as", "ada@example.org")
