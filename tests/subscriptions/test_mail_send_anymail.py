"""What becomes of a letter, told by a provider's API behind Anymail."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from anymail.exceptions import AnymailAPIError, AnymailCancelSend, AnymailRequestsAPIError
from anymail.message import AnymailRecipientStatus
from anymail.signals import pre_send

from subscriptions.mail import Line
from subscriptions.message import Message
from subscriptions.pieces import Body, Piece
from subscriptions.smtp import Outcome, Result
from tests.servers import free_port

ADA = "ada@example.org"


def letter(to: str = ADA) -> Message:
    text = Body([Piece.of("Papers of today")])
    return Message(to, "Papers", text, text, {})


def sent(message: Message) -> Result:
    line = Line()
    try:
        line.ready()
        return line.send(message)
    finally:
        line.close()


# --- Anymail's own test backend, told what to answer -------------------------------------


@pytest.fixture
def pretended(settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"


def answered(answer: object) -> Result:
    message = letter()
    message.anymail_test_response = answer  # type: ignore[attr-defined]
    return sent(message)


def status(word: str, message_id: str | None = "esp-1") -> dict[str, dict[str, AnymailRecipientStatus]]:
    return {"recipient_status": {ADA: AnymailRecipientStatus(message_id=message_id, status=word)}}


@pytest.mark.parametrize("word", ["sent", "queued"])
def test_what_the_provider_took_is_accepted_with_its_id(pretended, mailoutbox, word):
    assert answered(status(word)) == Result(Outcome.ACCEPTED, message_id="esp-1")


def test_a_provider_without_ids_is_no_trouble(pretended, mailoutbox):
    assert answered(status("sent", None)) == Result(Outcome.ACCEPTED)


@pytest.mark.parametrize("word", ["rejected", "invalid"])
def test_a_recipient_the_provider_refuses_has_failed(pretended, mailoutbox, word):
    assert answered(status(word)).outcome is Outcome.FAILED


def test_a_letter_the_provider_says_it_could_not_send_has_failed(pretended, mailoutbox):
    """Mailjet, MailerSend, Mailtrap, Scaleway: no error, but a status beside a 200."""
    assert answered(status("failed", None)).outcome is Outcome.FAILED


def test_a_status_nobody_understands_is_uncertain(pretended, mailoutbox):
    assert answered(status("unknown", None)).outcome is Outcome.UNCERTAIN


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (None, Outcome.UNCERTAIN),
        (200, Outcome.UNCERTAIN),
        (400, Outcome.FAILED),
        (401, Outcome.RETRY),
        (403, Outcome.RETRY),
        (408, Outcome.RETRY),
        (413, Outcome.FAILED),
        (422, Outcome.FAILED),
        (425, Outcome.RETRY),
        (429, Outcome.RETRY),
        (500, Outcome.UNCERTAIN),
        (502, Outcome.UNCERTAIN),
        (503, Outcome.RETRY),
        (504, Outcome.UNCERTAIN),
    ],
)
def test_an_answer_is_sorted_by_its_status(pretended, mailoutbox, code, outcome):
    assert answered(AnymailRequestsAPIError("no", status_code=code)).outcome is outcome


@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "TooManyRequestsException"])
def test_a_provider_that_throttles_is_tried_again(pretended, mailoutbox, code):
    """Amazon SES answers through its own library: no HTTP status, but a code in the answer."""
    error = AnymailAPIError("Maximum sending rate exceeded.", response={"Error": {"Code": code}})

    assert answered(error).outcome is Outcome.RETRY


def test_an_error_without_an_answer_is_uncertain(pretended, mailoutbox):
    """Amazon SES: the connection broke, or the answer never came."""
    assert answered(AnymailAPIError("Read timeout on endpoint URL")).outcome is Outcome.UNCERTAIN


def test_a_letter_that_somebody_calls_back_is_not_counted_as_sent(pretended, mailoutbox):
    def call_back(sender: object, **kwargs: object) -> None:
        raise AnymailCancelSend

    pre_send.connect(call_back)
    try:
        result = sent(letter())
    finally:
        pre_send.disconnect(call_back)

    assert result.outcome is Outcome.FAILED
    assert not mailoutbox


# --- a real adapter against a provider on loopback ---------------------------------------


@dataclass
class Provider:
    """Answers each request with the next of these; `None` breaks off without an answer."""

    answers: list[tuple[int, str] | None] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    """Postmark's API as far as one letter needs it."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = told.answers.pop(0) if told.answers else (200, TAKEN)
            if answer is None:
                self.close_connection = True
                return
            code, words = answer
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "token",
            "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
            "REQUESTS_TIMEOUT": (2, 2),
        }
        yield told
        server.shutdown()
        thread.join()


TAKEN = json.dumps({"ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a", "To": ADA})
INACTIVE = json.dumps(
    {
        "ErrorCode": 406,
        "Message": "You tried to send to a recipient that has been marked as inactive.\n"
        f"Found inactive addresses: {ADA}.\n"
        "Inactive recipients are ones that have generated a hard bounce or a spam complaint.",
    }
)


def test_a_real_adapter_tells_the_providers_id(provider):
    assert sent(letter()) == Result(Outcome.ACCEPTED, message_id="b7bc2f4a")
    assert [request["To"] for request in provider.requests] == [ADA]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((422, INACTIVE), Outcome.FAILED),
        ((429, "{}"), Outcome.RETRY),
        ((401, "{}"), Outcome.RETRY),
        ((500, "{}"), Outcome.UNCERTAIN),
        ((200, "<html>not JSON"), Outcome.UNCERTAIN),
        (None, Outcome.UNCERTAIN),
    ],
    ids=["inactive", "slow down", "wrong key", "error", "broken answer", "no answer"],
)
def test_a_real_adapters_errors_are_sorted_alike(provider, answer, outcome):
    provider.answers = [answer]

    result = sent(letter())

    assert result.outcome is outcome
    assert "@" not in result.reason
    assert len(provider.requests) == 1, "the transport repeats nothing by itself"


def test_a_provider_that_cannot_be_reached_took_nothing(settings, provider):
    """The connection was refused before a byte of the letter left: surely not sent."""
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}/"}

    assert sent(letter()).outcome is Outcome.RETRY


def test_an_address_the_adapter_cannot_write_fails_before_anything_leaves(provider):
    assert sent(letter("ada@\N{GRINNING FACE}.example")).outcome is Outcome.FAILED
    assert not provider.requests
