"""System checks of the mail side: told by id, with a hint, before the first request."""

from email.message import EmailMessage
from ipaddress import ip_network

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from subscriptions.address import AddressRefused, parse_address
from subscriptions.rates import parse_rate


@register(Tags.compatibility)
def sender(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        parse_address(_only_address(settings.DEFAULT_FROM_EMAIL))
    except AddressRefused as error:
        return [
            Error(
                f"DEFAULT_FROM_EMAIL is not an address: {error}",
                hint='Set it like "Paper Round <papers@your-domain.org>".',
                id="subscriptions.E001",
            )
        ]
    return []


@register(Tags.compatibility)
def limits(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for name in ("SIGN_UP_RATE", "SIGN_UP_RATE_PER_NETWORK", "SIGN_UP_RATE_PER_DOMAIN"):
        try:
            parse_rate(getattr(settings, name))
        except ValueError as error:
            problems.append(
                Error(f"{name}: {error}.", hint=f"Leave {name} out for its default.", id="subscriptions.E004")
            )
    try:
        _proxies(settings.TRUSTED_PROXIES)
    except ValueError as error:
        problems.append(
            Error(
                f"TRUSTED_PROXIES cannot be read: {error}.",
                hint="Set how many proxies of yours are in front, like 1, or their networks: 10.0.0.0/8.",
                id="subscriptions.E005",
            )
        )
    return problems


def _proxies(trusted: list[str]) -> None:
    if len(trusted) == 1 and trusted[0].isascii() and trusted[0].isdecimal():
        return
    for network in trusted:
        ip_network(network, strict=False)


@register(Tags.security, deploy=True)
def strangers(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Behind a proxy that is not trusted all visitors come from one network: the proxy's."""
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and not settings.TRUSTED_PROXIES:
        return [
            CheckWarning(
                "BEHIND_TLS_PROXY is on but TRUSTED_PROXIES is not set.",
                hint="All visitors would share one sign-up limit. Set TRUSTED_PROXIES=1 for one proxy.",
                id="subscriptions.W001",
            )
        ]
    return []


def _only_address(sender: str) -> str:
    """The one address of a From header, read as strictly as mail servers may read it."""
    message = EmailMessage()
    try:
        message["From"] = sender
        header = message["From"]
        [address] = header.addresses
    except (ValueError, IndexError) as error:
        raise AddressRefused("it does not hold exactly one address.") from error
    if header.defects:
        raise AddressRefused(str(header.defects[0]))
    return str(address.addr_spec)


@register(Tags.security, deploy=True)
def law(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if not settings.POSTAL_ADDRESS.strip():
        problems.append(
            Error(
                "POSTAL_ADDRESS is empty.",
                hint="Bulk mail must show where its sender can be reached by post "
                "(CAN-SPAM 7704(a)(5), CASL 6(2)). Set it; every letter's footer shows it.",
                id="subscriptions.E002",
            )
        )
    if not settings.SITE_URL.startswith("https://"):
        problems.append(
            Error(
                "SITE_URL does not start with https://.",
                hint="One-click unsubscribe needs an https address (RFC 8058, 3.1).",
                id="subscriptions.E003",
            )
        )
    return problems
