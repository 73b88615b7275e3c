"""A digest for other eyes than its reader's: an operator's, an editor's.

Its links lead to the site's home page, for who looks at it must not unsubscribe somebody by a click or
speak for them. What it shows is chosen and composed by the code that sends; nothing is written.
"""

import re
from collections.abc import Iterable
from datetime import date
from email.utils import format_datetime

from django.conf import settings
from django.template import TemplateSyntaxError
from django.utils import timezone

from digest import editions
from digest.delivery import compose
from digest.dispatch import Table, draft
from digest.letter import NothingLeft
from digest.models import Delivery, Edition
from digest.press import Links
from digest.shelf import shelf
from digest.words import day as day_in_words
from subscriptions.keywords import TypedKeyword
from subscriptions.mail import LetterRefused
from subscriptions.message import Message
from subscriptions.mjml import MjmlError
from subscriptions.models import Keyword, Subscriber
from subscriptions.suppression import is_suppressed

NOBODY = -1
"""The key of readers who are made up: no row has it."""
_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL)
_IN_THE_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")


class NothingToShow(Exception):
    """There is no digest to look at; the message says why, and what would help."""


def nowhere() -> Links:
    """Links in the place of a reader's own that do nothing."""
    home = f"{settings.SITE_URL}/"
    return Links(unsubscribe=home, feedback=home, web=home)


def specimen(delivery: Delivery, reader: Subscriber) -> Message:
    """The message of a delivery, saved or not, with links that do nothing.

    Raises:
        NothingToShow: no pick may be shown any more, or there is no room for a single one.
    """
    try:
        message = compose(delivery, reader, nowhere())
    except NothingLeft:
        raise NothingToShow("No paper of it may be shown any more: all were hidden or withdrawn.") from None
    except LetterRefused as error:
        raise NothingToShow(f"It cannot be sent: {error}.") from error
    except (MjmlError, TemplateSyntaxError) as error:
        raise NothingToShow(f"A template of it is broken: {error}.") from error
    if delivery.handed_over_at:  # then it has left, and this is how
        message.subject = delivery.subject or message.subject
        message.extra_headers["Date"] = format_datetime(delivery.handed_over_at)
    return message


def made_up(
    keywords: Iterable[TypedKeyword], *, size: int = Subscriber.Size.TEN, language: str = "en"
) -> Subscriber:
    """Somebody who is in no table, with these keywords, to whom a digest would be the first: that one comes
    whatever their keywords find.
    """
    reader = Subscriber(pk=NOBODY, email="reader@example.org", size=size, language=language)
    rows = [Keyword(subscriber=reader, text=k.text, key=k.key, stance=k.stance) for k in keywords]
    # As if they had been read with the person: rows that are nowhere can be had in no other way.
    vars(reader)["_prefetched_objects_cache"] = {"keywords": rows}
    return reader


def due_to(reader: Subscriber) -> Delivery:
    """What somebody would get if their hour were now, not saved.

    Raises:
        NothingToShow: nothing.
    """
    if obstacle := _obstacle(reader):
        raise NothingToShow(f"{obstacle} What an edition would bring them: --date YYYY-MM-DD")
    table = Table.load()
    if not table.days:
        raise NothingToShow("No edition is published yet. Publish one first: manage.py publish")
    days = table.unseen_by(reader)
    if not days:
        raise NothingToShow(_seen_all(reader, table.days[-1].date))
    delivery = draft(reader, days)
    if delivery is None:
        span = f"{days[0].date}" if len(days) == 1 else f"{days[0].date} to {days[-1].date}"
        raise NothingToShow(
            f"Nothing in the editions they have not seen ({span}) matches their keywords, and they want no "
            "mail on such days. Other keywords would help, or the wish to have thin days filled."
        )
    return delivery


def of_edition(edition: Edition, reader: Subscriber, *, patience: float | None = None) -> Delivery:
    """What somebody would get of one edition, published or not, not saved.

    Raises:
        NothingToShow: nothing.
    """
    held = {day.edition: day for day in shelf.fetch(patience=patience).days}
    on, day = (shelf, held[edition.pk]) if edition.pk in held else shelf.beside(edition)
    if not day.candidates:
        raise NothingToShow(
            f"The {edition} has no papers to show. Fetch some first: manage.py ingest --date {edition.date}"
        )
    delivery = draft(reader, (day,), on=on)
    if delivery is None:
        raise NothingToShow(
            f"Nothing in the {edition} matches their keywords, and they want no mail on such days."
        )
    return delivery


def edition_of(day: date | None) -> Edition:
    """That of a day, or the newest up to today that has papers; published or open.

    Raises:
        NothingToShow: there is none.
    """
    if day is not None:
        edition = Edition.objects.filter(date=day).first()
        help_ = f"There is no edition of {day}. Fetch its papers first: manage.py ingest --date {day}"
    else:
        edition = Edition.objects.filter(date__lte=editions.today()).with_papers().first()
        help_ = "No edition has papers. Fetch some first: manage.py ingest"
    if edition is None:
        raise NothingToShow(help_)
    return edition


def html_of(message: Message) -> str:
    return str(message.alternatives[0].content)


def in_scheme(html: str, *, dark: bool) -> str:
    """A letter as clients show it that are set to dark, or are not, whatever the browser is set to: the
    question in its styles is replaced by the answer. A title that happens to hold it stays as it is.
    """
    answer = "all" if dark else "not all"
    return _STYLE.sub(lambda style: style[1] + _IN_THE_DARK.sub(answer, style[2]) + style[3], html)


def _obstacle(reader: Subscriber) -> str:
    """Why somebody gets nothing at the moment, whatever is published; ''."""
    if reader.status == Subscriber.Status.PENDING:
        return "Nothing is due to them: they have not confirmed yet."
    if reader.status == Subscriber.Status.UNSUBSCRIBED:
        return "Nothing is due to them: they are unsubscribed."
    if is_suppressed(reader.email_key):
        return "Nothing is due to them: the address is suppressed."
    if reader.paused_until and reader.paused_until > timezone.now():
        return f"Nothing is due to them: they paused until {day_in_words(reader.paused_until.date())}."
    return ""


def _seen_all(reader: Subscriber, newest: date) -> str:
    last = Delivery.objects.filter(subscriber=reader).select_related("edition").first()
    told = f"; their digest of {last.edition.date} is {last.get_state_display()}" if last else ""
    return (
        f"Nothing is due to them: they were considered for every edition up to {newest}{told}. "
        f"To see one again: --date {last.edition.date if last else newest}"
    )
