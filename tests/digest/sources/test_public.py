"""Which addresses everybody can reach, and that we connect to those we looked at."""

import socket
import time
from typing import Any

import pytest

from digest.sources import http, public
from digest.sources.base import SourceError
from tests.digest.sources.wire import Wire, answer


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.216.34",
        "172.15.255.255",
        "172.32.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "::ffff:1.1.1.1",
        "2002:101:101::1",
        "64:ff9b::101:101",
    ],
)
def test_what_everybody_can_reach(address: str):
    assert public.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.255.255.255",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1.1.1.1",
        "100::1",
        "2001:0:1:2::3",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "",
        "localhost",
        "1.1.1",
        "01.1.1.1",
    ],
)
def test_what_is_inside_some_network_or_nothing(address: str):
    assert not public.is_public(address)


@pytest.fixture
def pretend_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 127.0.0.2 were out there, and all other addresses were not."""
    monkeypatch.setattr(public, "is_public", lambda address: address == "127.0.0.2")


def test_the_address_that_was_looked_at_is_the_one_connected_to(
    fresh_client: None, pretend_public: None, monkeypatch: pytest.MonkeyPatch
):
    """A name may lead elsewhere at each look, and elsewhere is inside."""
    with Wire("127.0.0.2") as outside, Wire("127.0.0.1", outside.port) as inside:
        looks: list[str] = []

        def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
            looks.append(host)
            address = "127.0.0.2" if len(looks) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        url = f"http://rebinding.example:{outside.port}/"
        outside.says(answer(b"outside", Connection="close"))

        assert http.get(url).body == b"outside"
        assert looks == ["rebinding.example"]
        with pytest.raises(SourceError) as error:
            http.get(url)

        assert str(error.value) == (
            "rebinding.example leads to 127.0.0.1, which is not a public address: not asked."
        )
        assert (outside.connections, inside.connections) == (1, 0)
        assert outside.asked[0].headers["host"] == f"rebinding.example:{outside.port}"


def test_where_one_address_is_dead_the_next_is_taken(
    settings: Any, fresh_client: None, names: dict[str, list[str]]
):
    with Wire() as server:
        names["two.example"] = ["127.0.0.3", "127.0.0.1"]
        settings.HUGGINGFACE_URL = f"http://two.example:{server.port}"

        assert http.get(settings.HUGGINGFACE_URL).body == b"[]"


@pytest.mark.parametrize("host", ["a" * 70, "nowhere.invalid"])
def test_a_name_that_is_none_cannot_be_reached(fresh_client: None, one_try: None, host: str):
    with pytest.raises(SourceError, match=r"cannot be reached \(NameResolutionError\)"):
        http.get(f"http://{host}/")


def test_a_time_limit_that_nobody_needs_leaves_no_trace():
    begun = time.monotonic()
    with public.at_most(60):
        pass
    with pytest.raises(ZeroDivisionError), public.at_most(0):
        1 / 0  # noqa: B018

    assert time.monotonic() - begun < 5


def test_a_limit_reached_where_nothing_is_open_is_told_too():
    with pytest.raises(public.TooSlow), public.at_most(0.05):
        time.sleep(0.2)
