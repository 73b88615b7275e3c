"""Neither keys nor tokens in what is told or logged of a request, however it ends."""

import logging
import traceback

import pytest

from digest.sources import http
from digest.sources.base import SourceError, Unreachable
from tests.digest.sources.test_http_limits import GARBAGE, HALVES
from tests.digest.sources.wire import Wire, answer

SECRET = "sesame-4711"


@pytest.mark.parametrize(
    "said",
    [
        *GARBAGE.values(),
        HALVES["shorter than it says"],
        HALVES["packed, damaged"],
        answer(b"no", 403),
        answer(b"no", 500),
        answer(b"", 302, Location="http://[::1/"),
        answer(b"", 302, Location=f"http://10.0.0.1/?api_key={SECRET}"),
        answer(b"", 302, Location=f"ftp://{SECRET}@10.0.0.1/?api_key={SECRET}"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon\r\n\r\nok",
    ],
)
def test_no_secret_is_told_whatever_happens(
    wire: Wire, said: bytes, one_try: None, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    wire.says(said, then_close=True)

    told = ""
    try:
        http.get(wire.url, {"api_key": SECRET}, headers={"Authorization": f"Bearer {SECRET}"})
    except SourceError as error:
        told = "".join(traceback.format_exception(error))

    assert SECRET in wire.asked[0].path
    assert SECRET in wire.asked[0].headers["authorization"]
    assert SECRET not in told + caplog.text


def test_a_host_that_cannot_be_reached_is_named_without_its_secrets(fresh_client: None, one_try: None):
    with pytest.raises(Unreachable) as error:
        http.get(f"http://nowhere.invalid/?api_key={SECRET}", headers={"x-api-key": SECRET})

    assert str(error.value).startswith("nowhere.invalid cannot be reached (NameResolutionError).")
    assert SECRET not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize("broken", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f"{SECRET}é", f"{SECRET}\x00"])
def test_a_token_that_cannot_be_sent_is_not_shown(wire: Wire, broken: str):
    with pytest.raises(SourceError) as error:
        http.get(wire.url, headers={"Authorization": f"Bearer {broken}"})

    assert str(error.value) == "A header for 127.0.0.1 cannot be sent. Check its token in the settings."
    assert SECRET not in "".join(traceback.format_exception(error.value))
    assert wire.asked == []


@pytest.mark.parametrize(
    "url", [f"ftp://example.org/?api_key={SECRET}", f"ftp://me:{SECRET}@example.org/", f"/x?{SECRET}"]
)
def test_an_address_that_is_none_is_named_without_its_secrets(url: str):
    with pytest.raises(SourceError) as error:
        http.get(url)

    assert SECRET not in str(error.value)
