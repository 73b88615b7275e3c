"""Which network a request comes from: nobody gets out of a limit, or into another's, by a header."""

from ipaddress import ip_network

import pytest
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.network import NOBODY, client_address, client_network, shortened

CLIENT, FORGED, PROXY, OUTER = "203.0.113.7", "198.51.100.1", "10.0.0.1", "10.0.0.2"


def address(peer: str, forwarded: str | None = None) -> str:
    """The address that counts for a request from this peer with this header."""
    return str(client_address(request(peer, forwarded)) or NOBODY)


def network(peer: str, forwarded: str | None = None) -> str:
    return client_network(request(peer, forwarded))


def request(peer: str, forwarded: str | None) -> HttpRequest:
    made: HttpRequest = RequestFactory().get("/", REMOTE_ADDR=peer)
    if forwarded is not None:
        made.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return made


# --- without proxies ----------------------------------------------------------------------


@pytest.mark.parametrize("forwarded", [None, "", FORGED, f"{FORGED}, {PROXY}", "garbage"])
def test_without_proxies_of_ours_the_header_counts_for_nothing(settings, forwarded):
    settings.TRUSTED_PROXIES = []

    assert address(CLIENT, forwarded) == CLIENT


@pytest.mark.parametrize("forwarded", [FORGED, f"{FORGED}, {CLIENT}"])
def test_a_number_of_none_is_no_proxy(settings, forwarded):
    settings.TRUSTED_PROXIES = ["0"]

    assert address(CLIENT, forwarded) == CLIENT


# --- so many proxies ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "forwarded"),
    [
        ("1", CLIENT),
        ("1", f"{FORGED}, {CLIENT}"),
        ("1", f"{FORGED}, {FORGED}, {FORGED}, {CLIENT}"),
        ("1", f"{PROXY}, {CLIENT}"),
        ("1", f"garbage, , {CLIENT}"),
        ("1", f" {FORGED} ,{CLIENT} "),
        ("2", f"{CLIENT}, {OUTER}"),
        ("2", f"{FORGED}, {CLIENT}, {OUTER}"),
        ("3", f"{FORGED}, {CLIENT}, {OUTER}, {OUTER}"),
    ],
)
def test_with_so_many_proxies_what_the_outermost_saw_counts(settings, number, forwarded):
    settings.TRUSTED_PROXIES = [number]

    assert address(PROXY, forwarded) == CLIENT


@pytest.mark.parametrize(("number", "forwarded"), [("1", None), ("1", ""), ("1", " , "), ("2", FORGED)])
def test_a_request_that_came_past_fewer_proxies_is_the_peers(settings, number, forwarded):
    """Somebody who reaches the server directly has only their own header to show."""
    settings.TRUSTED_PROXIES = [number]

    assert address(CLIENT, forwarded) == CLIENT


def test_a_proxy_that_speaks_over_a_socket_counts_as_one(settings):
    settings.TRUSTED_PROXIES = ["1"]

    assert address("", f"{FORGED}, {CLIENT}") == CLIENT


# --- networks of proxies ------------------------------------------------------------------


@pytest.mark.parametrize(
    "forwarded",
    [
        CLIENT,
        f"{FORGED}, {CLIENT}",
        f"{FORGED}, {CLIENT}, {OUTER}",
        f"{PROXY}, {CLIENT}, {OUTER}, {PROXY}",
        f"garbage, {CLIENT}, {OUTER}",
        f"{FORGED}, {CLIENT}, 2001:db8:9::1",
        f"{CLIENT}, ::ffff:10.9.9.9",
    ],
)
def test_with_networks_of_proxies_the_first_stranger_from_the_right_counts(settings, forwarded):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "2001:db8:9::/48"]

    assert address(PROXY, forwarded) == CLIENT


@pytest.mark.parametrize("forwarded", [None, "", FORGED, f"{FORGED}, {PROXY}"])
def test_a_stranger_who_is_the_peer_is_not_asked_for_a_header(settings, forwarded):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert address(CLIENT, forwarded) == CLIENT


def test_our_own_monitoring_behind_all_proxies_is_what_it_is(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert address(PROXY, OUTER) == OUTER
    assert address(PROXY) == PROXY


def test_one_address_is_a_network_too(settings):
    settings.TRUSTED_PROXIES = [PROXY]

    assert address(PROXY, CLIENT) == CLIENT
    assert address(OUTER, CLIENT) == OUTER


def test_a_network_may_be_written_with_the_address_of_a_machine_in_it(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.9/24"]

    assert address(PROXY, CLIENT) == CLIENT


def test_a_socket_is_our_own_machine(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert address("", f"{FORGED}, {CLIENT}, {OUTER}") == CLIENT


def test_what_cannot_be_read_ends_the_chain(settings):
    """Left of it anybody may have written anything."""
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert network(PROXY, f"{FORGED}, garbage, {OUTER}") == NOBODY


# --- how addresses are written ------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:49152", "203.0.113.7"),
        ('"203.0.113.7:49152"', "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:49152", "2001:db8::7"),
        ('"[2001:db8::7]:49152"', "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:49152", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("\t203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_an_address_is_read_as_proxies_write_it(settings, written, read):
    settings.TRUSTED_PROXIES = ["1"]

    assert address(PROXY, written) == read
    assert address(PROXY, f"{FORGED}, {written}") == read


@pytest.mark.parametrize(
    "written",
    [
        "unknown",
        "_hidden",
        "203.0.113",
        "203.0.113.256",
        "203.0.113.007",
        "0xcb.0.113.7",
        "3405803783",
        "203.0.113.7/24",
        "٢٠٣.0.113.7",
        "203.0.113.7 OR 1=1",
        "[]",
        "[",
        "]",
        ":",
        "::g",
        "%",
        "localhost",
        "\x00",
        "ada@example.org",
    ],
)
@pytest.mark.parametrize("trusted", [["1"], ["10.0.0.0/8"]])
def test_whoever_comes_with_garbage_shares_one_network(settings, written, trusted):
    """Else a new piece of garbage would be a new allowance each time."""
    settings.TRUSTED_PROXIES = trusted

    assert network(PROXY, written) == NOBODY


def test_a_peer_that_cannot_be_read_shares_it_too(settings):
    settings.TRUSTED_PROXIES = []

    assert network("") == NOBODY
    assert network("garbage", CLIENT) == NOBODY


# --- networks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
    ],
)
def test_an_address_is_kept_only_as_its_network(settings, one, shown):
    settings.TRUSTED_PROXIES = []

    assert network(one) == shown


def test_one_customer_of_ipv6_cannot_be_many(settings):
    settings.TRUSTED_PROXIES = []

    assert len({network(f"2001:db8::{number:x}") for number in range(300)}) == 1


@given(st.ip_addresses())
def test_every_network_fits_its_column_and_holds_its_address(one):
    assert len(shortened(one)) <= 64
    assert str(one) != shortened(one)
    assert shortened(one).endswith("/24" if one.version == 4 else "/64")


hops = st.one_of(st.ip_addresses().map(str), st.text(max_size=20), st.just(PROXY))


@given(forged=st.lists(hops, max_size=5).map(",".join), client=st.ip_addresses())
def test_whatever_a_client_sends_its_own_address_counts(forged, client):
    """The proxy adds the client's real address at the right of what the client sent."""
    told = f"{forged}, {client}" if forged else str(client)
    true = str(client_address(request(str(client), None)))
    with override_settings(TRUSTED_PROXIES=["1"]):
        assert address(PROXY, told) == true
    if true != PROXY:
        with override_settings(TRUSTED_PROXIES=[f"{PROXY}/32"]):
            assert address(PROXY, told) == true


@given(header=st.text(max_size=60), peer=st.text(max_size=30))
def test_no_header_and_no_peer_is_an_error(header, peer):
    for trusted in ([], ["1"], ["3"], ["10.0.0.0/8", "::1"]):
        with override_settings(TRUSTED_PROXIES=trusted):
            found = network(peer, header)
        if found != NOBODY:
            ip_network(found)
