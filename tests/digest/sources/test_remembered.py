"""What need not be told twice: conditional requests, and that losing the memory costs a download only."""

import random
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from digest.sources import http, remembered
from tests.digest.sources.wire import Asked, Wire, answer
from tests.servers import free_port

TAG = 'W/"a1-2"'
DATE = "Fri, 26 Sep 2025 04:00:00 GMT"


def has_not_changed(wire: Wire, body: bytes = b"the list") -> None:
    """Serve a body that stays the same, to whoever does not have it."""

    def script(asked: Asked, sock: Any) -> None:
        same = asked.headers.get("if-none-match") == TAG
        sock.sendall(answer(b"", 304, ETag=TAG) if same else answer(body, ETag=TAG, Last_Modified=DATE))

    wire.script = script


def test_what_has_not_changed_is_not_told_again(wire: Wire):
    has_not_changed(wire)

    first, second, third = (http.get(f"{wire.url}/list") for _ in range(3))

    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, TAG, TAG]
    assert [asked.headers.get("if-modified-since") for asked in wire.asked] == [None, DATE, DATE]
    assert {one.body for one in (first, second, third)} == {b"the list"}
    assert [one.unchanged for one in (first, second, third)] == [False, True, True]
    assert [one.status for one in (first, second, third)] == [200, 200, 200]
    assert [one.bytes_read for one in (first, second, third)] == [8, 0, 0]


def test_a_date_alone_is_enough_to_ask_by(wire: Wire):
    wire.says(answer(b"old", Last_Modified=DATE), answer(b"", 304))

    assert [http.get(wire.url).body for _ in range(2)] == [b"old", b"old"]
    assert "if-none-match" not in wire.asked[1].headers
    assert wire.asked[1].headers["if-modified-since"] == DATE


def test_what_has_changed_takes_the_place_of_what_was_kept(wire: Wire):
    wire.says(answer(b"one", ETag='"1"'), answer(b"two", ETag='W/"2"'), answer(b"", 304))

    found = [http.get(wire.url) for _ in range(3)]

    assert [one.body for one in found] == [b"one", b"two", b"two"]
    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, '"1"', 'W/"2"']


def test_a_tag_is_bound_to_the_token_it_was_given_for(wire: Wire):
    has_not_changed(wire)
    http.get(wire.url, headers={"Authorization": "Bearer one"})

    for token in ("Bearer two", None, "Bearer one"):
        http.get(wire.url, headers={"Authorization": token} if token else None)

    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, None, None, TAG]


def test_a_tag_is_bound_to_the_question(wire: Wire):
    has_not_changed(wire)

    for page in "121":
        http.get(wire.url, {"p": page})

    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, None, TAG]


def test_only_what_was_got_in_full_is_kept(wire: Wire, naps: list[float]):
    wire.says(
        answer(b"no", 404, ETag='"1"'),
        answer(b"half", ETag='"2"', length=9),
        answer(b"whole", ETag='"3"'),
        answer(b"more", ETag='"4"'),
        then_close=True,
    )

    with pytest.raises(http.Refused):
        http.get(wire.url)
    http.get(wire.url)  # breaks off, and is asked again
    http.get(wire.url)

    assert [asked.headers.get("if-none-match") for asked in wire.asked] == [None, None, None, '"3"']


def test_a_posted_question_is_asked_in_full_each_time(wire: Wire):
    has_not_changed(wire)

    assert [http.post_json(wire.url, {}).body for _ in range(2)] == [b"the list"] * 2
    assert "if-none-match" not in wire.asked[1].headers


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({}, id="no tag"),
        pytest.param({"ETag": TAG, "Cache_Control": "private, No-Store"}, id="no-store"),
        pytest.param({"ETag": '"' + "x" * 2_000 + '"'}, id="a tag too long to be sent back"),
        pytest.param({"ETag": '"\xe9"'}, id="a tag that is no ASCII"),
        pytest.param({"ETag": '"a\x01b"'}, id="a tag with control characters"),
    ],
)
def test_nothing_is_kept_that_should_or_could_not_be_asked_for(wire: Wire, told: dict[str, str]):
    wire.says(answer(b"a list", **told))

    assert [http.get(wire.url).body for _ in range(2)] == [b"a list"] * 2
    assert "if-none-match" not in wire.asked[1].headers


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nETag: x\r\n\r\nha", b"HTTP/1.1 200 OK\r\nETag: x\r\nConten"]
)
def test_what_may_be_half_is_not_kept(wire: Wire, said: bytes):
    """Without a length, an answer ends where its connection does, for whatever reason."""
    wire.says(said, then_close=True)

    assert [http.get(wire.url).status for _ in range(2)] == [200, 200]
    assert "if-none-match" not in wire.asked[1].headers


def test_a_big_body_is_not_kept(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remembered, "LARGEST", 8)

    has_not_changed(wire, b"12345678")
    assert [http.get(f"{wire.url}/fits").unchanged for _ in range(2)] == [False, True]
    has_not_changed(wire, b"123456789")
    assert [http.get(f"{wire.url}/big").unchanged for _ in range(2)] == [False, False]


def test_a_body_of_any_bytes_comes_back_as_it_was(wire: Wire):
    body = random.Random(1).randbytes(1_000_000)
    has_not_changed(wire, body)

    http.get(wire.url)

    assert http.get(wire.url).body == body


@pytest.mark.parametrize(
    "rubbish",
    [
        7,
        b"",
        "abc",
        ("only one",),
        (None, zlib.compress(b"x")),
        (["If-None-Match"], zlib.compress(b"x")),
        ({"If-None-Match": '"a"'}, b"not packed"),
        ({"If-None-Match": '"a"'}, zlib.compress(b"cut off")[:-3]),
        ({"If-None-Match": '"a"'}, "text"),
        ({"If-None-Match": 5, 6: None}, zlib.compress(b"x")),
    ],
    ids=repr,
)
def test_rubbish_in_the_cache_costs_a_download(wire: Wire, rubbish: object):
    has_not_changed(wire)
    cache.set(remembered._key(wire.url, {}), rubbish)

    assert http.get(wire.url).body == b"the list"
    assert http.get(wire.url).unchanged


def test_a_cache_that_is_down_costs_a_download(wire: Wire, settings: Any):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }
    has_not_changed(wire)

    assert [http.get(wire.url).body for _ in range(2)] == [b"the list"] * 2


def test_a_cache_without_a_place_costs_a_download(wire: Wire, settings: Any, tmp_path: Path):
    (tmp_path / "file").touch()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path / "file" / "cache",
        }
    }
    has_not_changed(wire)

    assert [http.get(wire.url).body for _ in range(2)] == [b"the list"] * 2


def test_a_server_that_says_unchanged_unasked_has_refused(wire: Wire):
    wire.says(answer(b"", 304))

    with pytest.raises(http.Refused, match="answered 304"):
        http.get(wire.url)
