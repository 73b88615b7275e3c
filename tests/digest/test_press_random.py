"""Whatever a digest holds, its print obeys the same few rules."""

import re
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from digest import printed
from digest.letter import LINKS
from digest.press import print_digest, print_page
from subscriptions.mail import MAX_HTML
from tests.conftest import share_of
from tests.digest.letters.handed import read_raw
from tests.digest.letters.printed import YOURS, Told, digest, message_of, told
from tests.digest.test_letter_sent import Page

# Without digits: those that stand before a blank are numbers of papers.
SIGNS = "abc ABC <>&\"'{}%#$\\=?_-.:;/()\u00e4\u0301\u05d0\u0639\u8ad6\u200d\u202e\U0001f9e0"
WORDS = st.text(SIGNS, min_size=1, max_size=40).filter(str.strip)
LONG = st.builds(lambda text, times: text * times, WORDS, st.sampled_from([1, 1, 3, 60, 400]))
URLS = st.builds(
    lambda text, times: "https://example.org/" + text * times, WORDS, st.sampled_from([1, 1, 50])
)
ADDRESSED = re.compile(r"/papers?/(2509\.\d{5})")
Said = dict[str, Any]

SAID = st.fixed_dictionaries(
    {"title": LONG},
    optional={
        "abstract": LONG,
        "note": LONG,
        "authors": st.lists(LONG, max_size=9),
        "terms": st.lists(WORDS, max_size=3).map(tuple),
        "links": st.dictionaries(st.sampled_from(LINKS), URLS),
    },
)
HEAVY = SAID.map(lambda said: said | {"note": "<&" * 500})
"""One of some 10 KB: nothing takes more room in HTML."""
PAPERS = st.one_of(
    st.lists(SAID, min_size=1, max_size=20),
    st.builds(lambda few, times: few * times, st.lists(HEAVY, min_size=1, max_size=3), st.integers(1, 12)),
)
FRAMES = st.fixed_dictionaries(
    {},
    optional={
        "intro": LONG,
        "keywords": st.lists(WORDS, max_size=30).map(tuple),
        "left_out": st.integers(0, 3_000),
        "nothing_matched": st.booleans(),
    },
)


def some(cases: int) -> settings:
    """Without making a failing case smaller: that takes minutes, and the cases are plain enough."""
    return settings(max_examples=share_of(cases), phases=[Phase.reuse, Phase.generate])


def papers_of(said: list[Said]) -> list[Told]:
    return [told(one["title"], **{key: one[key] for key in one if key != "title"}) for one in said]


def in_order(html: str) -> list[str]:
    """Of the papers that stand there, by their own pages."""
    return list(dict.fromkeys(found[1] for link in Page(html).links if (found := ADDRESSED.search(link))))


@some(200)
@given(PAPERS, st.lists(st.one_of(SAID, HEAVY), max_size=3), FRAMES)
def test_a_print_keeps_to_its_limit_order_and_numbers(papers: list[Said], related: list[Said], frame: Said):
    exact, near = papers_of(papers), papers_of(related)
    whole = digest(*exact, related=tuple(near), **frame)
    names = [shown.public_id for shown, _ in (*exact, *near)]

    pages = print_digest(whole, YOURS)

    kept = in_order(pages.html.text)
    assert kept == names[: len(kept)]
    assert kept
    assert pages.html.size == len(pages.html.text.encode()) <= MAX_HTML
    assert list(dict.fromkeys(ADDRESSED.findall(pages.text.text))) == kept
    numbers = [int(number) for number in re.findall(r"(?m)^(\d+)\. ", pages.text.text)]
    assert numbers == list(range(1, len(kept) + 1))
    left_out = whole.left_out + len(names) - len(kept)
    assert (f"{left_out:,} more matched" in Page(pages.html.text).text) == (left_out > 0)


@some(200)
@given(PAPERS, FRAMES)
def test_what_is_joined_comes_back_whole_and_holds_no_mark(papers: list[Said], frame: Said):
    pages = print_digest(digest(*papers_of(papers), **frame), YOURS)

    handed = read_raw(message_of(pages).wire(), [])

    assert (handed.subject, handed.text, handed.html) == (pages.subject, pages.text.text, pages.html.text)
    for part in (handed.subject, handed.text, handed.html):
        assert printed.CHANCE not in part
        assert not re.search(r"(?:slot|cut)-[0-9a-f]{16}", part)
    assert Page(handed.html).acting == []
    assert max(map(len, handed.raw.split(b"\r\n"))) <= 998


@some(100)
@given(PAPERS)
def test_a_page_for_the_browser_shows_them_all_however_long(papers: list[Said]):
    exact = papers_of(papers)

    page = print_page(digest(*exact), YOURS)

    assert in_order(page) == [shown.public_id for shown, _ in exact]
