"""System checks of the site and the content side."""

from datetime import date, datetime, time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

from digest.enrichers import ENRICHERS
from digest.sources import SOURCES
from digest.sources.arxiv.categories import canonical, is_category
from digest.sources.gate import SERVICES
from digest.sources.public import is_web

MIDWEEK = (date(2026, 1, 14), date(2026, 7, 15))
"""A winter's and a summer's day of announcements."""


@register(Tags.compatibility)
def values(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Settings whose value cannot be meant."""
    problems: list[CheckMessage] = []
    site = urlsplit(settings.SITE_URL)
    if site.scheme not in ("http", "https") or not site.hostname or site.path or site.query:
        problems.append(
            Error(
                f"SITE_URL is {settings.SITE_URL!r}.",
                hint="Set the address people reach the site at, like https://papers.example.org",
                id="digest.E001",
            )
        )
    if settings.EDITION_TIME_ZONE not in available_timezones():
        problems.append(
            Error(
                f"EDITION_TIME_ZONE is {settings.EDITION_TIME_ZONE!r}, which is no time zone.",
                hint="Use a name of the IANA database, like Europe/Berlin.",
                id="digest.E002",
            )
        )
    try:
        time.fromisoformat(settings.EDITION_PUBLISH_AT)
    except ValueError:
        problems.append(
            Error(
                f"EDITION_PUBLISH_AT is {settings.EDITION_PUBLISH_AT!r}, which is no time of day.",
                hint="Use hours and minutes, like 12:00.",
                id="digest.E003",
            )
        )
    live = sorted(name for name, source in SOURCES.items() if source.live)
    if unknown := sorted(set(settings.SOURCES) - set(live)):
        problems.append(
            Error(
                f"SOURCES names {', '.join(unknown)}, which cannot be fetched from.",
                hint=f"Choose from: {', '.join(live)}.",
                id="digest.E004",
            )
        )
    problems += _sources()
    if not {"digest.E002", "digest.E003"} & {problem.id for problem in problems}:
        problems += _hours()
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError as error:
        problems.append(
            Error(
                f"The mail transport {settings.EMAIL_BACKEND} cannot be loaded: {error}.",
                hint="Use a provider's name as Anymail spells it, like postmark, mailgun, resend; "
                "some need more packages: pip install 'django-anymail[amazon-ses]'.",
                id="digest.E008",
            )
        )
    if settings.SECRET_KEY_IS_DEMO and not settings.DEBUG:
        problems.append(
            Error(
                "DEBUG is off but SECRET_KEY is not set.",
                hint="Set SECRET_KEY (or SECRET_KEY_FILE) to at least 50 random characters: "
                'python -c "import secrets; print(secrets.token_urlsafe(50))"',
                id="digest.E005",
            )
        )
    return problems


def _sources() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if unknown := sorted(set(settings.ENRICHERS) - set(ENRICHERS)):
        problems.append(
            Error(
                f"ENRICHERS names {', '.join(unknown)}, which nobody knows.",
                hint=f"Choose from: {', '.join(sorted(ENRICHERS))}; or set it to nothing.",
                id="digest.E009",
            )
        )
    if wrong := [name for name in settings.ARXIV_CATEGORIES if not is_category(canonical(name))]:
        problems.append(
            Error(
                f"ARXIV_CATEGORIES names {', '.join(wrong)}, which is no category of arXiv.",
                hint="Write them like cs.CL, stat.ML, hep-th, separated by commas.",
                id="digest.E010",
            )
        )
    if "arxiv" in settings.SOURCES and not settings.ARXIV_CATEGORIES:
        problems.append(
            Error(
                "SOURCES names arxiv, but ARXIV_CATEGORIES is empty.",
                hint="arXiv is read by category: name some, like ARXIV_CATEGORIES=cs.CL,cs.CV.",
                id="digest.E011",
            )
        )
    problems.extend(
        Error(
            f"{name} is {getattr(settings, name)!r}, which is no web address.",
            hint="Write it with https:// or http://, or leave it out for the default.",
            id="digest.E012",
        )
        for name in SERVICES
        if not is_web(getattr(settings, name))
    )
    return problems


def _hours() -> list[CheckMessage]:
    """Editions that close before a source begins to tell of their day, in summer or in winter."""
    zone, at = ZoneInfo(settings.EDITION_TIME_ZONE), time.fromisoformat(settings.EDITION_PUBLISH_AT)
    late = [
        SOURCES[name].label
        for name in settings.SOURCES
        if name in SOURCES
        and any(SOURCES[name].begins(day) >= datetime.combine(day, at, zone) for day in MIDWEEK)
    ]
    if not late:
        return []
    return [
        CheckWarning(
            f"At EDITION_PUBLISH_AT ({settings.EDITION_PUBLISH_AT}, {settings.EDITION_TIME_ZONE}) "
            f"{', '.join(late)} will not have begun to tell of the day: every edition will be partial.",
            hint="Choose a later hour or another zone: days begin at midnight UTC, arXiv's in New York.",
            id="digest.W002",
        )
    ]


@register(Tags.security, deploy=True)
def deployment(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """What a demo may leave as it is and a real deployment may not."""
    problems: list[CheckMessage] = []
    if settings.EMAIL_BACKEND == "digest.outbox.OutboxBackend":
        problems.append(
            Error(
                "No mail would leave: neither ANYMAIL_ESP nor EMAIL_URL is set.",
                hint="Set ANYMAIL_ESP with that provider's keys, or EMAIL_URL=smtp+tls://user:password@host:587",
                id="digest.E006",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(
            Error(
                "ALLOWED_HOSTS allows any host.",
                hint="Name the hosts people reach the site at.",
                id="digest.E007",
            )
        )
    if not settings.REDIS_URL:
        problems.append(
            CheckWarning(
                "REDIS_URL is not set: the queue is a folder on this machine.",
                hint="Fine for one machine and a few hundred readers; set REDIS_URL for more.",
                id="digest.W001",
            )
        )
    return problems
