"""Send a digest to one address, to see what arrives."""

import uuid
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from digest import specimen
from digest.management.base import Command as BaseCommand
from digest.management.base import day
from digest.models import Edition
from subscriptions.keywords import KeywordsRefused, parse_keywords
from subscriptions.mail import LetterRefused, Line, check_envelope, message_id
from subscriptions.management.whom import address_of, subscriber_of
from subscriptions.message import Message
from subscriptions.models import Subscriber
from subscriptions.pieces import Body, Piece
from subscriptions.smtp import Outcome, Result
from subscriptions.suppression import is_suppressed


class Command(BaseCommand):
    help = (
        "Send the digest of an edition to one address, whose it may be, by the configured transport. It is "
        "kept in no ledger, and its links do nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="EMAIL", help="where to; no need to be subscribed")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--as", dest="as_", metavar="EMAIL", help="what this subscriber would get")
        whose.add_argument("--keywords", default="", metavar="A, B", help="what these keywords would bring")
        parser.add_argument(
            "--date", type=day, metavar="D", help="of which edition, open or published (default: the newest)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to = address_of(options["to"])
        if is_suppressed(to.key):
            raise CommandError("That address is suppressed: no letter of any kind goes there.")
        reader = _reader(options)
        try:
            edition = specimen.edition_of(options["date"])
            shown = specimen.specimen(specimen.of_edition(edition, reader), reader)
        except specimen.NothingToShow as error:
            raise CommandError(str(error)) from error
        self._tell(_send(_test_of(shown, to.email), to.email), edition)

    def _tell(self, result: Result, edition: Edition) -> None:
        match result.outcome:
            case Outcome.ACCEPTED:
                self.stdout.write(f"Accepted: the digest of the {edition} is on its way.")
            case Outcome.FAILED:
                raise CommandError(f"Refused: {result.reason}.")
            case Outcome.RETRY:
                raise CommandError(f"Not sent, try again later: {result.reason}.")
            case Outcome.UNCERTAIN:
                raise CommandError(f"Uncertain, it may arrive or not: {result.reason}.")


def _reader(options: dict[str, Any]) -> Subscriber:
    if options["as_"]:
        return subscriber_of(options["as_"])
    try:
        return specimen.made_up(parse_keywords(options["keywords"]))
    except KeywordsRefused as error:
        raise CommandError(str(error)) from error


def _test_of(shown: Message, to: str) -> Message:
    """The same letter for another address. It is no list mail, so nothing of a list is in its headers, and
    a provider's events about it find no delivery.
    """
    headers = {"Message-ID": message_id(uuid.uuid4()), "Auto-Submitted": "auto-generated"}
    text, html = Body([Piece.of(str(shown.body))]), Body([Piece.of(specimen.html_of(shown))])
    return Message(to, f"[Test] {shown.subject}", text, html, headers)


def _send(message: Message, address: str) -> Result:
    try:
        check_envelope(message, address)
        line = Line()
    except (LetterRefused, ImproperlyConfigured) as error:
        raise CommandError(f"Not sent: {error}") from error
    try:
        line.ready()
        return line.send(message)
    except OSError as error:
        raise CommandError(f"Not sent: no connection ({type(error).__name__}). Check EMAIL_URL.") from error
    finally:
        line.close()
