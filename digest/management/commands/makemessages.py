"""Django's `makemessages` for this house: every language, letters too, and nothing that changes by itself."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

ELSEWHERE = ["tests", "benchmarks", "deploy", "docs", "var", "staticfiles", "requirements*.txt"]
"""Folders and files beside the house that say nothing to readers."""


class Command(makemessages.Command):
    # A guess from a similar sentence looks finished; an empty line does not.
    msgmerge_options = ["--quiet", "--backup=none", "--update", "--no-fuzzy-matching"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(
            locale=[code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE],
            extensions=["html", "txt", "py", "mjml"],
            ignore_patterns=ELSEWHERE,
            no_location=True,
            no_obsolete=True,
        )

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Without the moment of the extraction: a run that finds nothing new changes no line."""
        super().write_po_file(potfile, locale)
        path = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        text = re.sub(r'^"POT-Creation-Date:.*\n', "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
