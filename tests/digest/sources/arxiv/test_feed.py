"""A day's feed, recorded: every field, every announce type, every kind of damage."""

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.sources.arxiv import ArxivSource
from digest.sources.base import FoundPaper, Look, Proof, SourceError
from tests.digest.sources.arxiv.conftest import adding, aside, papers
from tests.digest.sources.arxiv.payloads import FEED_ERROR, FRIDAY, MONDAY, item, rss

TODAY = date(2026, 5, 4)


def read(payload: bytes, *, day: date | None = None, today: date = TODAY) -> Look:
    [look] = ArxivSource().read(payload, name="feed.xml", day=day, today=today)
    return look


def test_an_item_with_every_field_is_a_paper_with_every_field():
    look = read(
        rss(
            item(
                "2205.06398v2",
                "cross",
                title="Outlier  Detection\n for Networks",
                abstract="Abstract: what is odd?\n  More & <more>.",
                categories=("cs.NA", "math.NA", "62H12", "stat.ML"),
                more="<arxiv:DOI>10.1093/Bioinformatics/btac431</arxiv:DOI>",
            )
        )
    )

    assert papers(look) == [
        FoundPaper(
            title="Outlier Detection for Networks",
            announced_at=datetime(2026, 4, 27, 4, tzinfo=UTC),
            arxiv_id="2205.06398",
            version=2,
            doi="10.1093/bioinformatics/btac431",
            authors=("Emmy Noether", "Sofia Kovalevskaya"),
            abstract="Abstract: what is odd? More & <more>.",
            primary_category="math.NA",
            categories=("math.NA", "stat.ML"),
            licence="http://creativecommons.org/licenses/by/4.0/",
            url="https://arxiv.org/abs/2205.06398",
            pdf_url="https://arxiv.org/pdf/2205.06398",
        )
    ]
    assert (look.day, look.category, look.proof, look.reason) == (MONDAY, "cs.CV", Proof.COMPLETE, "")
    assert look.announced == ("2205.06398v2",)


def test_new_and_cross_add_and_replacements_only_enrich():
    kinds = ["new", "cross", "replace", "replace-cross", "absonly"]
    look = read(rss(*(item(f"2604.2193{n}v1", kind) for n, kind in enumerate(kinds))))

    assert adding(look) == ["2604.21930", "2604.21931"]
    assert len(papers(look)) == 5
    assert look.announced == ("2604.21930v1", "2604.21931v1")


def test_what_is_announced_is_the_same_in_any_order():
    one, other = item("2604.00001v1"), item("2604.00002v1")

    assert read(rss(one, other)).announced == read(rss(other, one)).announced


def test_the_atom_variant_says_the_same():
    feed = b"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns="http://www.w3.org/2005/Atom"><id>http://rss.arxiv.org/atom/cs.CV</id>
<title>cs.CV updates on arXiv.org</title><updated>2026-04-27T04:00:02+00:00</updated>
<link href="http://rss.arxiv.org/atom/cs.CV" rel="self" type="application/atom+xml"/>
<entry><id>oai:arXiv.org:2604.21935v1</id><title>Counting sheep</title>
<updated>2026-04-27T04:00:02+00:00</updated>
<link href="https://arxiv.org/abs/2604.21935" rel="alternate" type="text/html"/>
<summary>arXiv:2604.21935v1 Announce Type: new
Abstract: We count sheep: all of them.</summary><category term="cs.CV"/><category term="cs.LG"/>
<published>2026-04-27T00:00:00-04:00</published><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
<dc:creator>Emmy Noether, Sofia Kovalevskaya</dc:creator></entry></feed>"""

    as_atom, as_rss = read(feed), read(rss(item()))

    assert papers(as_atom) == papers(as_rss)
    assert (as_atom.day, as_atom.category, as_atom.proof) == (as_rss.day, as_rss.category, as_rss.proof)


def test_the_feed_of_somebody_else_brings_what_it_leads_to():
    feed = b"""<rss version="2.0"><channel><title>Papers we liked</title><link>https://example.org</link>
<lastBuildDate>Thu, 30 Apr 2026 06:56:48 +0000</lastBuildDate>
<item><title>A</title><link>https://example.org/p/2604.26238</link><description>We count.</description></item>
<item><title>B</title><link>https://example.org/posts/7</link><guid>https://arxiv.org/abs/2604.26239v2</guid></item>
<item><title>C</title><link>https://example.org/posts/8</link></item></channel></rss>"""

    look = read(feed)

    assert adding(look) == ["2604.26238", "2604.26239"]
    assert [(one.position, one.reason) for one in aside(look)] == [(2, "no arXiv id")]
    assert (look.day, look.category, look.proof) == (date(2026, 4, 30), "", None)
    assert papers(look)[0].abstract == "We count."


def test_an_error_feed_is_an_error_that_says_why():
    with pytest.raises(SourceError, match="no such category"):
        read(FEED_ERROR)


# --- Which day it is of ---------------------------------------------------------------------


def test_a_day_that_is_given_overrides_the_feeds_own():
    look = read(rss(item()), day=FRIDAY)

    assert (look.day, look.proof) == (FRIDAY, Proof.COMPLETE)
    assert papers(look)[0].announced_at == datetime(2026, 4, 24, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("Mon, 27 Apr 2026 00:00:00 -0400", MONDAY),
        ("Mon, 27 Apr 2026 04:00:00 +0000", MONDAY),
        ("Tue, 28 Apr 2026 02:00:00 GMT", MONDAY),  # still Monday in New York
        ("Mon, 27 Apr 2026 00:00:00 GMT", MONDAY),  # midnight: a date without a time
        ("2026-04-27", MONDAY),
    ],
)
def test_the_date_of_a_feed_is_that_of_new_york(told: str, day: date):
    feed = rss(item(), day=None, head=f"<pubDate>{told}</pubDate>")

    assert read(feed).day == day


def test_a_feed_without_a_date_is_of_the_day_most_of_its_items_bear():
    """Not of the day it was made: that may be today while its papers are yesterday's."""
    fridays = item().replace("Mon, 27 Apr", "Fri, 24 Apr")

    assert read(rss(fridays, fridays, item(), day=None)).day == FRIDAY


def test_a_feed_whose_items_bear_no_date_either_is_of_the_day_it_was_made():
    assert read(rss(item(), day=None).replace(b"pubDate", b"x")).day == MONDAY


def test_a_feed_without_any_date_is_of_today():
    feed = rss(item(), day=None).replace(b"lastBuildDate", b"x").replace(b"pubDate", b"x")

    look = read(feed)

    assert (look.day, look.proof) == (TODAY, Proof.COMPLETE)


def test_a_feed_of_the_future_is_refused():
    with pytest.raises(SourceError, match="lies in the future"):
        read(rss(item(), day=TODAY + timedelta(days=2)))


# --- What it proves -------------------------------------------------------------------------


def test_an_empty_feed_at_a_weekend_is_a_holiday():
    assert read(rss(day=date(2026, 4, 25))).proof == Proof.HOLIDAY


def test_an_empty_feed_after_a_holiday_is_a_holiday():
    assert read(rss(day=date(2026, 1, 2))).proof == Proof.HOLIDAY


def test_an_empty_feed_on_a_day_of_announcements_is_a_word_that_has_to_be_seconded():
    look = read(rss(day=FRIDAY))

    assert (look.proof, look.records) == (Proof.EMPTY, [])
    assert look.reason == "The feed of this day is empty."


def test_the_last_batch_again_at_a_weekend_is_stale_and_stays_fridays():
    look = read(rss(item(), day=date(2026, 4, 25)))

    assert (look.day, look.proof) == (date(2026, 4, 25), Proof.STALE)
    assert [paper.day for paper in papers(look)] == [FRIDAY]
    assert [paper.announced_at for paper in papers(look)] == [datetime(2026, 4, 24, 4, tzinfo=UTC)]


def test_a_feed_with_as_many_items_as_the_server_gives_is_partial():
    look = read(rss(*(item(f"2604.{n:05d}v1") for n in range(2_000))))

    assert look.proof == Proof.PARTIAL
    assert "2000 items" in look.reason


def test_a_feed_that_breaks_off_gives_what_is_whole():
    whole = rss(item("2604.00001v1"), item("2604.00002v1"), item("2604.00003v1"))

    look = read(whole[: whole.index(b"2604.00003v1</guid>")])

    assert adding(look) == ["2604.00001", "2604.00002"]
    assert look.proof == Proof.PARTIAL
    assert "breaks off" in look.reason


@pytest.mark.parametrize("end", [0, 5, 60, 400, 900])
def test_a_feed_that_breaks_off_before_its_first_item_is_an_error(end: int):
    with pytest.raises(SourceError):
        read(rss(item())[:end])


# --- Bad items ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("<item><title>A</title></item>", "no arXiv id"),
        ("<item><title> </title><guid>oai:arXiv.org:2604.1v1</guid></item>", "no arXiv id"),
        ("<item><guid>oai:arXiv.org:2604.00001v1</guid></item>", "no title"),
        ("<item/>", "no arXiv id"),
    ],
)
def test_a_bad_item_is_set_aside_and_the_others_go_in(bad: str, reason: str):
    look = read(rss(item("2604.00005v1"), bad, item("2604.00007v1")))

    assert adding(look) == ["2604.00005", "2604.00007"]
    assert [(one.position, one.reason) for one in aside(look)] == [(1, reason)]


def test_a_title_that_is_zero_is_a_title():
    assert papers(read(rss(item(title="0"))))[0].title == "0"


def test_an_old_id_loses_its_version_and_keeps_its_archive():
    paper = papers(read(rss(item("hep-th/9901001v3", "replace"))))[0]

    assert (paper.arxiv_id, paper.version) == ("hep-th/9901001", 3)


def test_a_withdrawal_is_told_by_the_abstract():
    look = read(rss(item(abstract="This paper has been withdrawn by the author due to an error.")))

    assert papers(look)[0].withdrawn


@pytest.mark.parametrize(
    "abstract",
    [
        "This work studies how money was withdrawn by anxious depositors.",
        "Withdrawn drugs are drugs that were sold for a while.",
        "Withdrawn consent is a core right. We study it.",
        "Our preprint was withdrawn erroneously by its journal in 2024. We study how.",
    ],
)
def test_what_else_is_withdrawn_withdraws_no_paper(abstract: str):
    look = read(rss(item(abstract=abstract)))

    assert not papers(look)[0].withdrawn
