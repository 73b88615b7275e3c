"""How we ask other people's servers: who we say we are, how often, and when we come back."""

import email.utils
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from digest.sources import http, waiting
from digest.sources.base import AskedToWait, SourceError, Unreachable
from tests.digest.loopback import Answer
from tests.digest.sources.wire import Wire, answer
from tests.servers import free_port

# --- What is sent ---------------------------------------------------------------------------


def test_whoever_is_asked_learns_who_asks_and_how_to_reach_us(wire: Wire, settings: Any):
    settings.HTTP_CONTACT = "mailto:papers@example.org"

    http.get(f"{wire.url}/list", {"day": "2025-09-26", "q": "ä & b"})

    [asked] = wire.asked
    assert asked.path == "/list?day=2025-09-26&q=%C3%A4+%26+b"
    assert asked.headers == {
        "host": f"127.0.0.1:{wire.port}",
        "user-agent": "PaperRound (+mailto:papers@example.org)",
        "accept-encoding": "gzip",
    }


def test_fields_come_after_those_an_address_has(wire: Wire):
    http.get(f"{wire.url}/list?a=1", {"b": "2"})

    assert wire.paths == ["/list?a=1&b=2"]


def test_a_field_that_is_no_text_is_asked_for_all_the_same(wire: Wire):
    """Ids come out of payloads, where half a letter may stand."""
    http.get(wire.url, {"id": "\ud800x"})

    assert wire.paths == ["/?id=%3Fx"]


def test_a_question_is_posted_as_json(wire: Wire):
    wire.says(answer(b'{"a": 1}'))

    found = http.post_json(f"{wire.url}/batch", {"ids": ["ä"]}, {"fields": "x"}, headers={"x-api-key": "k"})

    [asked] = wire.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/batch?fields=x", b'{"ids": ["\\u00e4"]}')
    assert (asked.headers["content-type"], asked.headers["x-api-key"]) == ("application/json", "k")
    assert found.body == b'{"a": 1}'


def test_a_connection_is_kept_for_the_next_request(wire: Wire):
    for body in (b"one", b"two" * 50_000, b"", b"four"):
        wire.says(answer(body))
        assert http.get(wire.url).body == body

    assert wire.connections == 1


def test_a_packed_answer_is_unpacked_and_counted_as_it_came(wire: Wire):
    text = random.Random(1).randbytes(100_000) + bytes(500_000)
    packed = Answer.packed(text).body
    wire.says(answer(packed, Content_Encoding="gzip"))

    found = http.get(wire.url)

    assert found.body == text
    assert found.bytes_read == len(packed) < len(text)


def test_an_answer_packed_in_two_parts_is_unpacked_whole(wire: Wire):
    wire.says(answer(Answer.packed(b"one,").body + Answer.packed(b"two").body, Content_Encoding="x-gzip"))

    assert http.get(wire.url).body == b"one,two"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "huggingface.co/api",
        "//huggingface.co/api",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://[::1/x",
        "http://127.0.0.1:99999/",
        "http://exa mple.org/",
        "http://a\ud800b.example/",
        "http://" + "a" * 300,
        # Two readers, two hosts.
        "http://example.org\\@127.0.0.1/",
    ],
)
def test_what_is_no_web_address_is_not_asked(url: str):
    with pytest.raises(SourceError, match=r"is no web address\. Check the settings whose names end in _URL"):
        http.get(url)


# --- Troubles that pass, and others ---------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_trouble_that_may_pass_is_waited_out_a_few_times(wire: Wire, naps: list[float], status: int):
    wire.says(answer(b"later", status))

    with pytest.raises(http.Refused) as refused:
        http.get(wire.url)

    assert refused.value.status == status
    assert str(refused.value) == f"127.0.0.1 answered {status} instead of a list. Try again later."
    assert len(wire.asked) == http.TRIES == 4


@pytest.mark.parametrize("status", [201, 400, 401, 403, 404, 410, 418, 501])
def test_a_refusal_is_not_asked_again(wire: Wire, naps: list[float], status: int):
    wire.says(answer(b"no", status))

    with pytest.raises(http.Refused) as refused:
        http.get(wire.url)

    assert refused.value.status == status
    assert (len(wire.asked), naps) == (1, [])


def test_a_status_that_was_expected_is_an_answer_at_once(wire: Wire, naps: list[float]):
    wire.says(answer(b"<error/>", 503))

    found = http.get(wire.url, statuses=frozenset({200, 503}))

    assert (found.status, found.body, len(wire.asked), naps) == (503, b"<error/>", 1, [])


def test_between_attempts_we_wait_twice_as_long_each_time_and_by_chance(
    wire: Wire, naps: list[float], monkeypatch: pytest.MonkeyPatch
):
    wire.says(answer(b"", 500))
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return 0.75

    monkeypatch.setattr(random, "uniform", uniform)

    with pytest.raises(http.Refused):
        http.get(wire.url)

    assert naps == [1.5, 3.0, 6.0]
    assert set(drawn) == {(0.5, 1.0)}


@pytest.mark.parametrize("attempt", [1, 2, 3, 4, 5, 50])
def test_a_wait_is_never_shorter_than_half_of_the_longest_one(attempt: int):
    longest = min(2.0**attempt, 30)

    waits = [waiting.backoff(attempt) for _ in range(500)]

    assert longest / 2 <= min(waits) < max(waits) <= longest
    assert max(waits) - min(waits) > longest / 4


def test_whoever_cannot_be_reached_is_tried_twice(
    settings: Any, naps: list[float], fresh_client: None, monkeypatch: pytest.MonkeyPatch
):
    settings.HUGGINGFACE_URL = url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(Unreachable) as error:
        http.get(url)

    assert str(error.value) == (
        "127.0.0.1 cannot be reached (NewConnectionError). Check the network and try again, "
        "or read a recorded payload with --file."
    )
    assert len(naps) == 1


def test_nobody_waits_beyond_their_patience(wire: Wire, naps: list[float], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "PATIENCE", 2.5)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)  # noqa: ARG005
    wire.says(answer(b"", 502))

    with pytest.raises(http.Refused):
        http.get(wire.url)

    assert naps == [2.0]  # four more would be too many


# --- Retry-After ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("007", 7),
        ("  7\t", 7),
        ("3600", 3600),
        # Nonsense, or nothing to wait for: then our own pauses hold.
        ("0", None),
        ("-7", None),
        ("+7", None),
        ("1.5", None),
        ("1e3", None),
        ("7 seconds", None),
        ("86400", 86_400),
        ("86401", 86_400),
        ("604800", 86_400),
        ("604801", None),
        ("9" * 20, None),
        ("9" * 100_000, None),
        ("٣", None),
        ("７", None),
        ("²", None),
        ("", None),
        (" ", None),
        ("\x00", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        (None, None),
    ],
)
def test_seconds_to_wait_are_read_strictly(value: str | None, seconds: float | None):
    assert waiting.retry_after(value) == seconds


MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def in_seconds(seconds: float, form: str = "%a, %d %b %Y %H:%M:%S GMT") -> str:
    return (MOMENT + timedelta(seconds=seconds)).strftime(form)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (in_seconds(600), 600),
        (in_seconds(600, "%a, %d %b %Y %H:%M:%S"), 600),
        (in_seconds(600, "%a, %d %b %Y %H:%M:%S -0000"), 600),
        (in_seconds(600 + 7_200, "%a, %d %b %Y %H:%M:%S +0200"), 600),
        (in_seconds(600, "%A, %d-%b-%y %H:%M:%S GMT"), 600),
        (in_seconds(600, "%a %b %d %H:%M:%S %Y"), 600),
        (in_seconds(600, " %a, %d %b %Y %H:%M:%S GMT "), 600),
        (in_seconds(-1), None),
        (in_seconds(-1e9), None),
        (in_seconds(7_200), 7_200),
        (in_seconds(2 * 86_400), 86_400),
        (in_seconds(30 * 86_400), None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Mon, 01 Jan 0001 00:00:00 +1200", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Sun, 32 Nov 2026 25:61:61 GMT", None),
        ("Sun, 22 Nov 2026 12:00:00 +9999", None),
        ("Sun, 22 Nov 2026", None),
        ("Sun, 22 Nov 2026 " * 1_000, None),
    ],
)
def test_a_moment_to_come_back_at_is_read_in_every_form(value: str, seconds: float | None):
    with time_machine.travel(MOMENT, tick=False):
        assert waiting.retry_after(value) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_says_when_to_come_back_is_asked_no_sooner(wire: Wire, naps: list[float], status: int):
    then = email.utils.formatdate(time.time() + 21, usegmt=True)
    wire.says(answer(b"", status, Retry_After="40"), answer(b"", status, Retry_After=then), answer(b"ok"))

    assert http.get(wire.url).body == b"ok"
    assert 40 <= sum(naps) <= 62
    assert len(wire.asked) == 3


def test_a_wish_is_everybodys(wire: Wire, naps: list[float], one_try: None):
    wire.says(answer(b"", 429, Retry_After="40"), answer(b"ok"))
    with pytest.raises(http.Refused):
        http.get(f"{wire.url}/a")
    assert naps == []

    http.get(f"{wire.url}/b")

    assert sum(naps) == pytest.approx(40, abs=1)


def test_a_wish_is_about_one_service_alone(wire: Wire, naps: list[float], settings: Any, one_try: None):
    with Wire() as other:
        settings.GITHUB_URL = other.url
        wire.says(answer(b"", 429, Retry_After="40"))
        with pytest.raises(http.Refused):
            http.get(wire.url)

        http.get(other.url)

    assert naps == []


def test_a_wish_beyond_our_patience_is_told_and_not_slept_through(wire: Wire, naps: list[float]):
    wire.says(answer(b"", 503, Retry_After="600"), answer(b"ok"))

    until = datetime.now(UTC) + timedelta(seconds=600)
    for _ in range(2):
        with pytest.raises(AskedToWait) as asked_to_wait:
            http.get(wire.url)
        assert str(asked_to_wait.value) in {
            f"127.0.0.1 wants no request before {moment:%H:%M} UTC on {moment:%Y-%m-%d}. Try again then."
            for moment in (until, until + timedelta(seconds=10), until - timedelta(seconds=5))
        }
    assert (len(wire.asked), naps) == (1, [])


@pytest.mark.parametrize("wish", ["-1", "soon", "999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wish_that_is_nonsense_leaves_us_our_own_pauses(wire: Wire, naps: list[float], wish: str):
    wire.says(answer(b"", 429, Retry_After=wish), answer(b"ok"))

    assert http.get(wire.url).body == b"ok"
    assert [1 <= nap <= 2 for nap in naps] == [True]
