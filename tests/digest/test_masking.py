"""What never stands in a log, whatever stands around it; and what has to stay to be of use."""

import logging
import sys
import time
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.masking import MaskingFormatter, mask, mask_handlers
from subscriptions.tokens import Purpose, make_token
from tests.conftest import share_of

TOKEN = make_token(Purpose.CONFIRM, public_id=UUID(int=1815), epoch=1)


# --- Tokens ---


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Not Found: /{0}/abc/", "Not Found: /{0}/…/"),
        ("/{0}/abc.atom", "/{0}/…"),
        ("https://papers.example.org/{0}/abc?page=2", "https://papers.example.org/{0}/…?page=2"),
        ("?next=/{0}/abc/&page=2", "?next=/{0}/…/&page=2"),
        ("?next=%2F{0}%2Fabc%2f&page=2", "?next=%2F{0}%2F…%2f&page=2"),
        ("%252F{0}%252Fabc%252F", "%252F{0}%252F…%252F"),
        ("{{'path': '{0}/abc/'}}", "{{'path': '{0}/…/'}}"),
        ('{{"path": "\\/{0}\\/abc\\/"}}', '{{"path": "\\/{0}\\/…\\/"}}'),
        ("/{0}//abc", "/{0}//…"),
        ("/{0}/abc%3Adef/ghi", "/{0}/…/ghi"),
    ],
)
def test_what_follows_the_word_of_a_purpose_is_masked(purpose: Purpose, text: str, masked: str):
    assert mask(text.format(purpose)) == masked.format(purpose)


@pytest.mark.parametrize(
    "text",
    [
        'File "/opt/paper-round/digest/models/delivery.py", line 3, in claim',
        'File "/opt/paper-round/digest/management/commands/ingest.py", line 3',
        "Task digest.tasks.dispatch_due[0d9f2c52-7f0a-4c1e-9d61-0e6f3a5b7c88] succeeded in 0.01s: None",
        "/papers/2025-09-26/",
        "/subscribe/asked/",
        "/confirm/",
        "letters@worker-1 ready.",
        "@app.task",
        "x = a @ b.T",
        "Mail to a person @ some.place",
    ],
)
def test_what_is_neither_token_nor_address_stays(text: str):
    assert mask(text) == text


IN_LINKS: dict[str, Callable[[str], str]] = {
    "as it is": lambda token: token,
    "in a query": lambda token: quote(token, safe=""),
    "in a query in a query": lambda token: quote(quote(token, safe=""), safe=""),
}
# Text that means something to us, and any other.
PIECES = st.sampled_from(
    [
        *(f"{purpose}/" for purpose in Purpose),
        *"/@.:'\"+=%#&-_… \r\na9",
        *("%2F", "%2", "2F", "%40", "%2540", "x%3A", "\\/", "b.c", ".py", "@d", "ada@example.org"),
        *("\\", r"\xf6", r"\u4f8b", "\u0301"),
        *(TOKEN[:30], TOKEN[-50:], "a" * 21),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


@settings(max_examples=share_of(500), deadline=None)
@given(
    purpose=st.sampled_from(Purpose),
    public_id=st.uuids(),
    epoch=st.integers(0, 99_999),
    written=st.sampled_from(sorted(IN_LINKS)),
    before=TEXTS,
    after=TEXTS,
)
def test_no_token_survives_whatever_stands_around_it(
    purpose: Purpose, public_id: UUID, epoch: int, written: str, before: str, after: str
):
    token = make_token(purpose, public_id=public_id, epoch=epoch)
    signature = token.rpartition(":")[2]

    masked = mask(f"{before}{IN_LINKS[written](token)}{after}")

    assert signature not in masked


# --- Addresses ---


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Key (email_key)=(ada@example.org) already exists.", "Key (email_key)=(…@…) already exists."),
        ("To: Ada <ada@example.org>, b@example.org.", "To: Ada <…@…>, …@…."),
        ("{'email': 'ada@example.org'}", "{'email': '…@…'}"),
        ("/subscribe/?email=ada%40example.org&cadence=daily", "/subscribe/?…@…&cadence=daily"),
        ("ada%2540example.org", "…@…"),
        ("ada+papers@mail.example.org;o'brien@example.org", "…@…;…@…"),
        ('"ada lovelace"@example.org', "…@…"),
        ('"\\"ada lovelace\\"@example.org"', '"\\…@…"'),
        ("jörg@bücher.example", "…@…"),
        ("jörg@xn--bcher-kva.example", "…@…"),
        ("用户@例え。テスト", "…@…"),
        ("ada@उदाहरण.भारत", "…@…"),
        ("jose\u0301@example.org", "…@…"),
        (r"j\xf6rg@b\xfccher.example, then \nada@example.org", r"…@…, then \…@…"),
        ("ada@[192.0.2.7]", "…@…"),
        ("bounces+ada=example.org@papers.example.org", "…@…"),
        ("a@b.example+c@d.example", "…@…"),
    ],
)
def test_an_address_is_masked(text: str, masked: str):
    assert mask(text) == masked


LOCALS = st.from_regex(r"[a-zé0-9]([a-zé0-9.+=_~%!*'-]{0,20}[a-zé0-9])?", fullmatch=True)
DOMAINS = st.from_regex(r"[a-zé0-9]([a-zé0-9-]{0,8}[a-zé0-9])?(\.[a-zé]{2,8}){1,3}", fullmatch=True)


@settings(max_examples=share_of(500), deadline=None)
@given(local=LOCALS, domain=DOMAINS, at=st.sampled_from(["@", "%40", "%2540"]), before=TEXTS, after=TEXTS)
def test_no_address_survives_whatever_stands_around_it(
    local: str, domain: str, at: str, before: str, after: str
):
    assert f"{local}{at}{domain}" not in mask(f"{before}{local}{at}{domain}{after}")


# --- Both ---


@settings(max_examples=share_of(1_000), deadline=None)
@given(text=TEXTS)
def test_masking_twice_is_masking_once(text: str):
    assert mask(mask(text)) == mask(text)


HOSTILE = [
    *("a", "a@", "a%40", "a''", "a'", "%25", '"', '"a@', "a.b@", "+d", "a@b.c+", "%2F", "\\/"),
    *(
        "confirm/",
        "/digest/a",
        "digest/a/",
        "a" * 22 + ".1:",
        "a" * 22 + ".1:t:",
        "a@b.c'a",
        r"\xf6",
        r"\xf6@",
        "\\",
    ),
]


def seconds(piece: str, size: int) -> float:
    """What masking so much of it takes of this thread's own time."""
    text = (piece * (size // len(piece) + 1))[:size] + "!"
    start = time.thread_time()
    mask(text)
    return time.thread_time() - start


@pytest.mark.parametrize("piece", HOSTILE)
def test_eight_times_the_text_takes_about_eight_times_the_time_up_to_a_megabyte(piece: str):
    short = max(0.0005, min(seconds(piece, 2**14) for _ in range(3)))
    longer = seconds(piece, 2**17)
    assert longer < 3 * 8 * short  # a slow one fails here, and not only after its megabyte
    assert seconds(piece, 2**20) < 3 * 8 * longer


# --- The formatter ---


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("digest", logging.ERROR, __file__, 1, message, arguments, info)


def test_a_log_line_is_masked_with_its_arguments_and_its_traceback():
    try:
        raise ValueError(f"Key (email)=(ada@example.org), link /confirm/{TOKEN}/")
    except ValueError as error:
        told = MaskingFormatter().format(record("%s asks for %s", "ada@example.org", TOKEN, error=error))

    first, *traceback = told.splitlines()
    assert first == "…@… asks for …"
    assert traceback[0] == "Traceback (most recent call last):"
    assert traceback[-1] == "ValueError: Key (email)=(…@…), link /confirm/…/"


def test_a_record_stays_one_line_whatever_is_in_its_message():
    told = MaskingFormatter("%(levelname)s %(message)s").format(
        record("Not Found: %s", "/x\r\n2026 ERROR made up\x1b[2J\u2028\x85\x0b…\n")
    )

    assert told == "ERROR Not Found: /x\\r\\n2026 ERROR made up\\x1b[2J\\u2028\\x85\\x0b…"


def test_a_record_that_cannot_be_formatted_is_told_without_what_it_holds():
    told = MaskingFormatter().format(record("%d subscribers", "ada@example.org"))

    assert told.startswith("ERROR digest: %d subscribers ('…@…',) (")
    assert "number is required" in told


def test_other_handlers_get_the_record_as_it_was():
    try:
        raise ValueError("ada@example.org")
    except ValueError as error:
        own = record("for %s", "ada@example.org", error=error)
    before = dict(own.__dict__)

    MaskingFormatter().format(own)

    assert own.__dict__ == before


def test_masked_handlers_keep_their_format_and_are_masked_once():
    logger = logging.getLogger("tests.of a library")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logger.addHandler(handler)

    mask_handlers(logger)
    first = handler.formatter
    mask_handlers(logger)

    assert handler.formatter is first
    assert handler.format(record("to %s", "ada@example.org")) == "[ERROR] to …@…"


def test_what_django_writes_by_itself_is_masked_too():
    handlers = [
        (name, handler)  # those of the settings have a name, those of pytest have none
        for name, logger in logging.Logger.manager.loggerDict.items()
        if name.startswith("django") and isinstance(logger, logging.Logger)
        for handler in logger.handlers
        if handler.name
    ]

    assert {name for name, _ in handlers} == {"django.server"}
    assert all(isinstance(handler.formatter, MaskingFormatter) for _, handler in handlers)
