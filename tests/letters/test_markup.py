"""The HTML of every letter, judged by html-validate: markup, headings, and what WCAG asks of it."""

import pytest

from tests.letters.gallery import Case
from tests.letters.judging import Known, accept, ask

pytestmark = pytest.mark.django_db

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
