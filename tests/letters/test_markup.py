"""The HTML of every letter, judged by html-validate: markup, headings, and what WCAG asks of it."""

import re
from html import unescape

import pytest

from tests.letters.gallery import Case
from tests.letters.judging import Known, accept, ask

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'<div style="display: none;[^"]*">(.*?)</div>', re.DOTALL)
LEAST, MOST = 40, 110
"""Characters that an inbox has room for. Invented titles may be shorter than any real ones."""
KNOWN = [
    Known("no-conditional-comment", ".*", "Outlook's Word engine gets its columns from MJML's ghost tables."),
    Known("no-inline-style", ".*", "Some clients drop style sheets."),
    Known(
        "no-deprecated-attr",
        'Attribute "(align|bgcolor|cellpadding|cellspacing|valign|width)" is .* <(table|td)> element',
        "Old Outlooks know these and not their successors in CSS.",
    ),
    Known("void-style", r"Expected omitted end tag <(meta|br)> .*", "MJML is XML and writes it as such."),
    Known("doctype-style", ".*", "MJML writes `doctype` in small letters, which HTML allows."),
    Known(
        "prefer-native-element",
        ".* <article> element",
        "MJML's wrapper is a <div role=article>: Gmail and Outlook.com know no <article>.",
    ),
]


def test_the_markup_of_every_letter_is_in_order(gallery: list[Case]):
    findings, _ = ask("html-validate", {case.name: case.html for case in gallery})

    accept(findings, KNOWN)


def test_an_inbox_shows_a_line_that_is_worth_showing(gallery: list[Case]):
    """What hides at the top is what an inbox shows behind the subject."""
    for case in gallery:
        [hidden] = HIDDEN.findall(case.html)
        line = " ".join(unescape(hidden).split())
        least = LEAST if case.name.startswith("recorded") else 1
        assert least <= len(line) <= MOST, (case.name, line)
        assert "://" not in line, case.name
        assert line != case.subject, case.name
