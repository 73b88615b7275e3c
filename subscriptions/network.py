"""Which network a request comes from, as far as it can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

NOBODY = "unknown"
"""The network of a request that does not say: all such share one limit."""

PREFIX = {4: 24, 6: 64}


def client_network(request: HttpRequest) -> str:
    """The client's network, like `203.0.113.0/24` or `2001:db8::/64`: no person, only a neighbourhood."""
    address = client_address(request)
    return shortened(address) if address else NOBODY


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Who stands before our own proxies.

    `X-Forwarded-For` is a list that every proxy adds to at the right; whatever stands left of what our
    own proxies added, a client may have made up. So it is read from the right, past as many
    entries as `TRUSTED_PROXIES` says: a number of proxies, or their networks. With none, the header
    counts for nothing.
    """
    trusted: Sequence[str] = settings.TRUSTED_PROXIES
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if not trusted:
        return peer
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if len(trusted) == 1 and trusted[0].isdecimal():
        number = int(trusted[0])
        return _address(hops[-number]) if 0 < number <= len(hops) else peer
    networks = [ip_network(network, strict=False) for network in trusted]
    # A proxy on the same machine that speaks over a socket has no address.
    address = peer
    for hop in reversed(hops):
        if address is not None and not any(address in network for network in networks):
            break
        address = _address(hop)
        if address is None:
            break
    return address


def shortened(address: IPv4Address | IPv6Address) -> str:
    """The network of an address: /24, or /64, which is what one IPv6 customer gets at least."""
    return str(ip_network((address, PREFIX[address.version]), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Also with a port, in brackets, or an IPv4 address dressed as IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
