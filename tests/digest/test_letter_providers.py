"""What each way out can carry, and what becomes of letters that meet its limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest import delivery
from digest.models import Delivery, Edition
from subscriptions.mail import Line, token_for
from subscriptions.message import Message
from subscriptions.models import Subscriber
from subscriptions.pieces import Body, Piece
from subscriptions.smtp import Outcome
from subscriptions.tokens import Purpose
from tests.digest.conftest import make_delivery
from tests.digest.letters.cases import HOUSE, Case, planned, sent_by
from tests.digest.letters.providers import LATER, NEVER, NO_ANSWER, SMTP, WAYS, End
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "mail.md"


@pytest.fixture(scope="module")
def listening() -> Iterator[End]:
    with End().listening() as end:
        yield end


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def end(listening: End, way: str, settings) -> Iterator[End]:
    for name, value in HOUSE.items():
        setattr(settings, name, value)
    settings.DEFAULT_FROM_EMAIL = Case.sender
    with listening.settings(way):
        yield listening
    listening.taken()


def state(row: Delivery) -> str:
    row.refresh_from_db()
    return row.state


# --- What goes with a letter ------------------------------------------------------------------


def test_a_provider_gets_one_tag_and_our_own_id_and_nothing_else_on_anybody(way: str):
    """One is all that Postmark and SparkPost take. Readers can see both on Amazon SES, Brevo and Resend."""
    for letter in sent_by(way):
        name = "delivery" if letter.is_digest else "notice"
        tag = "digest" if letter.is_digest else letter.name
        told = ((tag,), {name: letter.public_id.hex})
        assert (letter.handed.tags, letter.handed.metadata) == (((), {}) if way == SMTP else told)


def test_the_way_to_leave_is_handed_over_though_sparkpost_drops_it(way: str):
    """SparkPost's API takes the header and sends none. `docs/mail.md` says so to whoever chooses."""
    for letter in sent_by(way):
        given = [bool(letter.handed.header(f"List-Unsubscribe{post}")) for post in ("", "-Post")]
        assert given == [letter.is_digest] * 2
    ignoring = [line for line in DOCS.read_text().splitlines() if "ignored" in line]
    assert [line.split("|")[1].strip() for line in ignoring] == ["SparkPost"]


def test_every_provider_that_is_tried_here_is_described():
    described = DOCS.read_text().partition("| --- |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1].strip() for line in described.splitlines()[1:]]
    assert [row.lower().removeprefix("amazon ") for row in rows] == list(WAYS)


@dataclass(frozen=True)
class TooMuch:
    headers: dict[str, str]
    tags: list[str]
    metadata: dict[str, str]
    refused_by: set[str]


@pytest.mark.parametrize(
    "more",
    [
        TooMuch({}, ["one", "two"], {}, {"postmark", "sparkpost"}),
        TooMuch({"X-Title": "Ünï"}, [], {}, {"brevo"}),
        TooMuch({}, [], {"title": "Ünï"}, {"brevo"}),
    ],
    ids=["two tags", "a header beyond ASCII", "metadata beyond ASCII"],
)
def test_what_some_providers_refuse_is_why_letters_do_without(more: TooMuch, way: str, end: End):
    text = Body([Piece.of("Papers of today")])
    message = Message("ada@example.org", "Papers", text, text, more.headers)
    message.tags, message.metadata = [*more.tags, "one"][: len(more.tags) or 1], {"id": "1", **more.metadata}
    message.extra_headers.setdefault("Message-ID", "<1@example.org>")
    line = Line()
    line.ready()

    result = line.send(message)

    line.close()
    assert result.outcome is (Outcome.FAILED if way in more.refused_by else Outcome.ACCEPTED), result


# --- Whom it reaches --------------------------------------------------------------------------


def two_readers() -> tuple[Edition, list[Subscriber]]:
    edition = make_edition(make_paper("Graphs"))
    return edition, [make_subscriber(f"{name}@example.org", "graphs") for name in ("ada", "mary")]


def who_of(reader: Subscriber) -> str:
    """What all of somebody's links have in common."""
    return token_for(Purpose.UNSUBSCRIBE, reader).partition(":")[0]


def test_hdr_one_rcpt_two_readers_get_two_letters_that_know_nothing_of_each_other(end: End):
    edition, readers = two_readers()

    delivery.deliver([make_delivery(reader, edition).pk for reader in readers])

    letters = {letter.to: letter for letter in end.taken()}
    assert set(letters) == {(reader.email,) for reader in readers}
    for reader, other in (readers, readers[::-1]):
        handed = letters[reader.email,]
        said = "".join((handed.text, handed.html, handed.everything, str(handed.headers)))
        assert who_of(reader) in said
        assert who_of(other) not in said
        assert other.email not in said


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org\nBcc: v@example.com",
        "ada@example.org, v@example.com",
        "ada@\N{GRINNING FACE}.example",
        "ada\N{LATIN SMALL LETTER E WITH ACUTE}@example.org",
    ],
    ids=["a line break", "two addresses", "a domain nobody can write", "a mailbox in other letters"],
)
def test_hdr_to_an_address_that_is_none_reaches_nobody_and_holds_nobody_back(end: End, address: str):
    edition, [ada, mary] = two_readers()
    Subscriber.objects.filter(pk=ada.pk).update(email=address)
    rows = [make_delivery(reader, edition) for reader in (ada, mary)]

    delivery.deliver([row.pk for row in rows])

    assert [state(row) for row in rows] == ["failed", "accepted"]
    assert [letter.recipients for letter in end.taken()] == [("mary@example.org",)]


# --- What is answered -------------------------------------------------------------------------


def test_hdr_mid_a_letter_that_is_tried_again_has_the_same_id(end: End):
    row = planned(Case())
    end.fail_once(LATER)
    delivery.deliver([row.pk])
    assert state(row) == "planned"
    Delivery.objects.update(due_at=row.planned_at)

    delivery.deliver([row.pk])

    assert state(row) == "accepted"
    first, again = end.taken()
    assert first.header("Message-ID") == again.header("Message-ID")


@pytest.mark.parametrize(("fault", "outcome"), [(NEVER, "failed"), (NO_ANSWER, "uncertain")])
def test_a_refusal_is_final_and_silence_is_uncertain_and_neither_sends_twice(
    end: End, fault: str, outcome: str
):
    """Amazon's library would send again by itself, if nobody told it not to."""
    row = planned(Case())
    end.fail_once(fault)

    delivery.deliver([row.pk])

    assert state(row) == outcome
    assert len(end.taken()) == 1


@pytest.mark.parametrize("code", ["SendingPausedException", "LimitExceededException", "Throttling"])
def test_an_account_that_may_not_send_now_fails_no_letter(code: str, listening: End, settings):
    settings.DEFAULT_FROM_EMAIL = Case.sender
    row = planned(Case())
    listening.fail_once(code)
    with listening.settings("ses"):
        delivery.deliver([row.pk])

    assert state(row) == "planned"
    assert len(listening.taken()) == 1


def test_without_its_keys_amazon_is_asked_nothing_and_no_letter_is_lost(
    listening: End, settings, monkeypatch
):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    row = planned(Case())
    with listening.settings("ses"):
        params = dict(settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"])
        del params["aws_access_key_id"], params["aws_secret_access_key"]
        settings.ANYMAIL = {**settings.ANYMAIL, "AMAZON_SES_CLIENT_PARAMS": params}
        delivery.deliver([row.pk])

    assert state(row) == "planned"
    assert listening.taken() == []
