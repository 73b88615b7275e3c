"""What mail clients can show of every letter, judged by the data of caniemail.com: what one of them lacks.
What one shows in part is not judged.
"""

import re

import pytest

from tests.letters.gallery import Case
from tests.letters.judging import Known, accept, ask

pytestmark = pytest.mark.django_db

LAYOUT = {
    "align-items",
    "clear",
    "css column properties",
    "column-count",
    "display",
    "display:flex",
    "display:grid",
    "flex-direction:column",
    "flex-wrap: wrap",
    "float",
    "gap, column-gap, row-gap",
    "grid-template-* properties",
    "inset",
    "justify-content",
    "left, right, top, bottom",
    "margin",
    "max-width",
    "min-width property",
    "object-fit",
    "padding",
    "position",
    "table-layout",
    "transform",
    "width property",
    "writing-mode",
    "z-index",
}
"""Features that say where things stand. A letter uses none that one of the clients lacks."""
KNOWN = [
    Known(
        "<style> element|@media|.* combinator|.* selectors?",
        "not in gmail.mobile-webmail",
        "Knows no style sheet: letters are judged without any, too.",
    ),
    Known(
        "Chaining selectors",
        "not in outlook.outlook-com",
        "MJML's rule for pictures of full width; no letter holds a picture.",
    ),
    Known("display:none", "not in gmail.mobile-webmail", "The preheader is read at the top there."),
    Known(
        "height property",
        "not in yahoo.*",
        "It makes a least height of it.",
    ),
    Known("word-break", "not in yahoo.*", "A word without an end goes beyond the edge there."),
    Known("aria-label attribute", "not in yahoo.*", "The headline says what the label says."),
    Known("cursor", ".*", "MJML sets `auto` in every button, which is what it is without."),
    Known("target attribute", ".*", "A new window is what these clients open by themselves."),
    Known(
        "<body> element", "not in yahoo.(ios|android)", "Goes: language and colours stand on a wrapper, too."
    ),
]


def test_no_letter_stands_on_a_layout_that_a_client_lacks(gallery: list[Case]):
    findings, told = ask("caniemail", {case.name: case.html for case in gallery})

    assert set(told["features"]) >= LAYOUT, "all of these are judged"
    accept(findings, KNOWN)


def test_no_exception_is_about_layout():
    assert [known for known in KNOWN for feature in LAYOUT if re.fullmatch(known.rule, feature)] == []
