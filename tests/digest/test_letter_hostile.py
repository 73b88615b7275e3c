"""What a table might hold at its worst, printed: literal and readable in both parts and in the subject.

Titles that try to be markup are in `test_letter_sent.py`, on their whole way from a source.
"""

import re
from typing import Any

import pytest

from digest.letter import INTRO, NOTE, TITLE
from digest.printed import CHANCE
from subscriptions.mail import MAX_HTML, MAX_SUBJECT
from tests.digest.letters.handed import read_raw
from tests.digest.letters.printed import YOURS, message_of, printed, told
from tests.digest.test_letter_sent import Page, lines_of

HOSTILE = {
    "combining marks": "Z\u0351\u0343\u0320a\u0300\u0301\u0302lgo e\u0301tudes",
    "jamo and virama": "\u1112\u1161\u11ab\u1100\u1173\u11af क्षत्रिय நிலை",
    "right to left": "שלום AT&T x<y עולם (1) والتعلم",
    "mixed directions": "\u2067abc \u05d0\u2069 and \u200fdef\u200e",
    "formula": r"$\ell_2$ norms and $\frac{x<y}{z\&w}$",
    "template": "{% raw %}{{ site_url }}{% endraw %}{{{ x }}}",
    "comment": "{# gone #}{% comment %} y {% endcomment %}",
    "interpolation": "%(lead)s, %(titles)s, %(terms)s, {lead}, $lead, %%",
    "script": "<script>document.write('{{ x }}')</script>",
    "a slot's mark": "slot-0123456789abcdef-why- slot-0123456789abcdef-reason-",
    "a cut's mark": "cut-0123456789abcdef- cut--",
    "quoted-printable": "=3D=C3=A4= =20 =\u00e4",
    "encoded word": "=?utf-8?q?Bcc?= =?x?b?=",
    "boundary": "--=_paper-round_=-- . From here",
    "escaped": r"\u0041 \n \x00 &#x41; &amp;amp; %3Cb%3E",
}
each = pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)


@each
def test_it_is_mere_text_in_whatever_field_it_stands(said: str):
    """Of a paper: title, snippet, authors, note, and the keyword it matches; of an edition: its intro."""
    paper = told(said, abstract=said, authors=[said], note=said, terms=(said,))

    pages = printed(paper, told("Second"), intro=said, keywords=(said, "graphs"))

    page, shown = Page(pages.html.text), lines_of(said)
    assert page.acting == []
    # Intro, title, authors, reason, note, snippet, foot.
    assert page.text.partition("Read in the browser")[2].count(shown) == 7  # below what an inbox shows
    assert lines_of(pages.text.text).count(shown) == 7
    assert pages.subject == f"{shown} + 1 more"
    for part in (pages.html.text, pages.text.text, pages.subject):
        assert CHANCE not in part


@each
def test_it_hides_nothing_that_stands_around_it(said: str):
    pages = printed(told(said, abstract=said), told("After it"), keywords=(said,), left_out=3)

    page, text = Page(pages.html.text), lines_of(pages.text.text)
    for whole in (page.text, text):
        part = whole.partition("2 papers for you")[2]  # what inboxes preview stands above
        assert part.index(lines_of(said)) < part.index("After it")
        assert part.index("After it") < part.index("3 more matched") < part.index("Unsubscribe")
    assert set(page.links) >= {YOURS.unsubscribe, YOURS.web, f"{YOURS.feedback}{more_of(page)}"}
    assert f"Unsubscribe: {YOURS.unsubscribe}\n" in pages.text.text


def more_of(page: Page) -> str:
    return next(link for link in page.links if link.endswith("say=more")).removeprefix(YOURS.feedback)


@each
def test_it_comes_back_from_the_wire_as_it_was(said: str):
    pages = printed(told(said, abstract=said, note=said), intro=said, keywords=(said,))

    handed = read_raw(message_of(pages).wire(), [])

    assert (handed.subject, handed.text, handed.html) == (pages.subject, pages.text.text, pages.html.text)


@each
def test_its_likes_end_to_end_are_cut_and_break_nothing(said: str):
    """3,000 characters of it, without a blank."""
    long = (said.replace(" ", "\u00b7") * 3_000)[:3_000]

    pages = printed(told(long, abstract=long, authors=[long] * 9, note=long, terms=(long,)), intro=long)

    page = Page(pages.html.text)
    assert page.acting == []
    assert page.text.count(long[: TITLE // 2]) >= 5
    assert pages.html.size <= MAX_HTML
    assert len(pages.subject) <= MAX_SUBJECT
    assert pages.subject.startswith(long[:50])
    assert len(pages.text.text) < 2 * (INTRO + NOTE + 4 * TITLE) + len(long)
    handed = read_raw(message_of(pages).wire(), [])
    assert (handed.subject, handed.text, handed.html) == (pages.subject, pages.text.text, pages.html.text)


@pytest.mark.parametrize("hidden", ["\x00", "\x01", "\x08", "\x1b", "\x7f", "\x85", "\x9b", "\ufffe"])
def test_what_no_document_may_hold_breaks_nothing(hidden: str):
    """A source's are taken out on the way in; these stood in the table already."""
    said = f"neu{hidden}ral"

    pages = printed(told(said, abstract=said, note=said, terms=(said,)), intro=said, keywords=(said,))

    for part in (Page(pages.html.text).text, pages.text.text, pages.subject):
        assert re.search(r"neu.?ral", part)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", pages.subject)
    assert read_raw(message_of(pages).wire(), []).subject == pages.subject


def test_664_authors_are_three_and_a_number_in_both_parts():
    pages = printed(told("x", authors=[f"Author {n}" for n in range(664)]))

    for part in (Page(pages.html.text).text, lines_of(pages.text.text)):
        assert "Author 0, Author 1, Author 2 and 661 others" in part


@pytest.mark.parametrize("fields", [{"note": ""}, {"authors": []}, {"abstract": ""}])
def test_what_is_not_there_is_not_said(fields: dict[str, Any]):
    said: dict[str, Any] = {"note": "Read this.", "authors": ["Ada King"], "abstract": "Long."} | fields
    pages = printed(told("Graphs", **said))

    for part in (Page(pages.html.text).text, pages.text.text):
        assert not re.search(r"\bNone\b|\(\)|\[\]|Editor:\s*$", part)
