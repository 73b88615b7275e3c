"""The digest as it leaves: its parts, its headers, its weight, and hostile content as mere text."""

import email
import email.policy
import json
import re
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from digest import delivery, ingest, outbox
from digest.models import Delivery, Edition, Entry, Paper
from digest.outbox import KeptMail
from digest.sources import SOURCES
from subscriptions.mail import MAX_HTML
from subscriptions.models import Subscriber
from tests.digest.conftest import make_delivery
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """What a reader of the HTML sees, which links it has, and whether anything could act."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str] = []
        self.acting: list[str] = []
        self._silent = 0
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join("".join(self.seen).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "form", "input", "svg", "base", "img", "marquee"}:
            self.acting.append(tag)
        self.acting += [name for name, _ in attrs if name.startswith("on")]
        if tag in {"style", "title"}:
            self._silent += 1
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "title"}:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.seen.append(data)


def sent(subscriber: Subscriber, edition: Edition, *papers: Paper, **fields: Any) -> KeptMail:
    """The one mail that this digest becomes."""
    made = make_delivery(subscriber, edition, *papers, **fields)
    delivery.deliver([made.pk])
    made.refresh_from_db()
    assert (made.state, made.reason) == (Delivery.State.ACCEPTED, "")
    [mail] = outbox.kept()
    return mail


def take_in(*records: dict[str, Any]) -> Edition:
    """The edition of these records, read as a file's would be."""
    for look in SOURCES["file"].read(json.dumps(records).encode(), name="x.json", day=DAY, today=DAY):
        ingest.take_in(look)
    return Edition.objects.get()


def lines_of(text: str) -> str:
    return " ".join(text.split())


# --- Hostile content ------------------------------------------------------------------------

HOSTILE = {
    "script": "<script>alert('x')</script> & <img src=x onerror=alert(1)>",
    "mjml": '<mj-raw><mj-include path="/etc/passwd" /></mj-raw>',
    "closing": "</mj-text></mj-column></mj-section></mj-body></mjml>",
    "attribute": '" onmouseover="alert(1)" x=\'y',
    "braces": "{{ braces }} {% include 'secret' %} {# gone #}",
    "percent": "100% of %s and %(name)s and %d",
    "ampersand": "AT&T: x<y, y>z &amp; &lt; &#60;",
    "cdata": "<![CDATA[ x ]]> <!-- y --> <?xml z ?>",
    "hebrew": "שלום עולם: על רשתות",
    "arabic": "التعلم العميق لمعالجة اللغة",
    "override": "abc \u202eevil\u202c def",
    "emoji": "🧠 Brains 𝒜 and ﷽",
    "url": "https://evil.example/<b>?a=1&b=2",
    "header": "Innocent\r\nBcc: everyone@example.org\r\n\r\nbody",
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_comes_out_as_text_everywhere(title: str):
    edition = take_in({"title": title, "abstract": title, "authors": [title]}, {"title": "Second"})
    edition.intro = title
    edition.save()
    Entry.objects.update(note=title)
    shown = lines_of(title)

    mail = sent(make_subscriber(keywords="nothing"), edition, *Paper.objects.order_by("entry__pk"))

    page = Page(mail.html)
    assert page.acting == []
    assert page.text.count(shown) >= 4  # intro, title, note, snippet
    assert lines_of(mail.text).count(shown) >= 4
    assert mail.subject.strip().startswith(shown[:60])
    assert {name.lower() for name, _ in mail.headers}.isdisjoint({"bcc", "cc"})
    assert mail.to == Subscriber.objects.get().email


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_keyword_comes_out_as_text(title: str):
    edition = make_edition(make_paper("Graphs"))
    keyword = lines_of(title)[:80].strip()
    subscriber = make_subscriber()
    subscriber.keywords.create(text=keyword, key="k")

    mail = sent(subscriber, edition, terms=[(keyword, "title")])

    page = Page(mail.html)
    assert page.acting == []
    assert page.text.count(keyword) >= 2  # the reason, the footer
    assert lines_of(mail.text).count(keyword) == 2


@pytest.mark.parametrize("hidden", ["\x00", "\x0b", "\x1b", "\x7f", "\ud800", "\ufffe", "\uffff"])
def test_characters_that_no_document_may_hold_never_reach_a_letter(hidden: str):
    title = f"neu{hidden}ral"

    mail = sent(make_subscriber(), take_in({"title": title, "abstract": title, "authors": [title]}))

    assert "ral" in Page(mail.html).text
    assert hidden.encode(errors="surrogatepass") not in mail.raw


@pytest.mark.parametrize("pasted", ["\x0b", "\x0c", "\x1f", "\uffff", "\u2028", "\r\n", "\t"])
def test_what_an_editor_pastes_holds_no_digest_back(pasted: str):
    """A vertical tab, for one, is what slides hold in the place of a line break."""
    edition = make_edition(make_paper("Graphs"))
    edition.intro = f"Good{pasted}morning."
    edition.save()
    edition.entries.update(note=f"Read{pasted}this.")

    page = Page(sent(make_subscriber(), edition).html)

    assert re.search(r"Good.?morning\.", page.text)
    assert re.search(r"Read.?this\.", page.text)


def test_a_title_of_3000_characters_is_cut_everywhere():
    mail = sent(make_subscriber(), take_in({"title": "endless " * 375}))

    assert len(mail.subject) <= 120
    assert mail.html.count("endless") < 60
    assert "…" in mail.text


def test_a_title_without_any_blank_breaks_no_line_limit():
    mail = sent(make_subscriber(), take_in({"title": "界" * 3_000, "abstract": "界" * 9_000}))

    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    assert "界" * 100 in mail.text


def test_664_authors_are_three_and_a_number():
    edition = take_in({"title": "x", "authors": [f"Author {n}" for n in range(664)]})

    mail = sent(make_subscriber(), edition)

    assert "Author 0, Author 1, Author 2 and 661 others" in Page(mail.html).text
    assert "Author 3" not in mail.html + mail.text


def test_a_hostile_address_in_a_link_stays_an_address():
    url = 'https://example.org/a"onclick="x"\'<b>&lt;?q=1&r=2'
    edition = make_edition(make_paper(code_url=url))

    mail = sent(make_subscriber(), edition)

    page = Page(mail.html)
    assert page.acting == []
    assert url in page.links
    assert url in mail.text


# --- Weight ---------------------------------------------------------------------------------


def test_twenty_usual_papers_are_well_under_the_limit():
    papers = [
        make_paper(
            f"A usual title of some length about networks and images, number {n}",
            abstract="We propose a method. " * 40,
            upvotes=n,
            pdf_url="https://arxiv.org/pdf/2509.00001",
            code_url="https://github.example/some/repository",
        )
        for n in range(20)
    ]

    mail = sent(make_subscriber(size=20), make_edition(*papers))

    assert len(mail.html.encode()) < 0.9 * MAX_HTML


def test_twenty_papers_with_the_longest_fields_still_leave_under_the_limit():
    papers = [
        make_paper(
            "<&\"'" * 750,
            abstract="& " * 5_000,
            authors=["'" * 300] * 664,
            upvotes=2_147_483_647,
            pdf_url="https://example.org/?" + "&a=" * 650,
            code_url="https://example.org/?" + "&b=" * 650,
            project_url="https://example.org/?" + "&c=" * 650,
        )
        for _ in range(20)
    ]
    edition = make_edition(*papers)
    edition.entries.update(note="& " * 2_000)
    subscriber = make_subscriber(keywords=",".join(f"{n} " + "&" * 75 for n in range(30)), size=20)
    terms = [(keyword.text, "title") for keyword in subscriber.keywords.all()]

    mail = sent(subscriber, edition, terms=terms)

    assert len(mail.html.encode()) <= MAX_HTML
    assert len(Page(mail.html).links) > 3


def test_an_intro_of_any_length_does_not_hold_the_digest_back():
    edition = make_edition(make_paper("Graphs"))
    edition.intro = "Long words of an editor. " * 6_000
    edition.save()

    mail = sent(make_subscriber(), edition)

    assert len(mail.html.encode()) <= MAX_HTML
    assert "Graphs" in mail.html


# --- Both parts say the same ----------------------------------------------------------------


def test_the_text_holds_every_link_of_the_html():
    papers = [
        make_paper(
            f"Paper {n}",
            pdf_url=f"https://example.org/pdf/{n}?a=1&b=2",
            code_url=f"https://example.org/code/{n}",
            project_url=f"https://example.org/~project_{n}/(x)",
        )
        for n in range(10)
    ]

    mail = sent(make_subscriber(), make_edition(*papers))

    links = set(Page(mail.html).links)
    # Each paper's page, links and opinions; the site, the edition, this digest in the browser, the way to
    # change things, the way out.
    assert len(links) == 10 * (4 + 2) + 5
    assert [link for link in links if link not in mail.text] == []


def test_both_parts_say_what_there_is():
    edition = make_edition(make_paper("Graphs", upvotes=41), make_paper("Trees"))
    edition.intro = "Good morning."
    edition.save()
    subscriber = make_subscriber(keywords="graph, tree")

    mail = sent(subscriber, edition, terms=[("graph", "title")], left_out=7)

    for part in (Page(mail.html).text, lines_of(mail.text)):
        for said in (
            "Friday, 26 September 2025",
            "Good morning.",
            "Graphs",
            "Trees",
            "Matches “graph” in the title",
            "41 upvotes",
            "1 Demo Street, Example Town",
            "7 more matched",
            "Ada Lovelace and Mary Somerville",
            "graph, tree",
            "Unsubscribe",
        ):
            assert said in part
    assert "<" not in mail.text


def test_a_digest_without_any_match_says_so_in_both_parts():
    mail = sent(make_subscriber(keywords="graph"), make_edition(make_paper("Soup")))

    said = "Nothing matched your keywords in these days, so here is what is trending."
    assert said in Page(mail.html).text
    assert said in lines_of(mail.text)


def test_the_subject_names_the_first_paper_and_how_many_more():
    papers = [make_paper(f"Paper {n}", upvotes=9 - n) for n in range(4)]
    assert sent(make_subscriber(), make_edition(*papers), *papers).subject == "Paper 0 + 3 more"


def test_the_subject_of_one_paper_is_its_title():
    assert (
        sent(make_subscriber(), make_edition(make_paper("Graphs and what they are"))).subject
        == "Graphs and what they are"
    )


def test_nothing_in_a_letter_is_loaded_from_elsewhere():
    mail = sent(make_subscriber(), make_edition(make_paper(thumbnail_url="https://cdn.example.org/x.png")))

    assert not re.search(r"<(?:img|link|script|iframe)\b|@import|url\(", mail.html)


# --- Headers --------------------------------------------------------------------------------


def test_a_digest_is_list_mail_that_can_be_left_with_one_click(settings: Any):
    settings.SITE_URL, settings.LIST_ID = "https://papers.example.org", "papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Papers <papers@example.org>"

    mail = sent(make_subscriber(), make_edition(make_paper()))

    headers: EmailMessage = mail.parsed
    [way_out] = [value.strip() for value in headers.get_all("List-Unsubscribe", [])]
    assert re.fullmatch(r"<https://papers\.example\.org/unsubscribe/[\w:.-]+/>", way_out)
    assert way_out.strip("<>") in mail.text
    assert way_out.strip("<>") in Page(mail.html).links
    assert headers.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert str(headers["List-Id"]).endswith("<papers.example.org>")
    assert headers.get_all("Feedback-ID") == ["20250926:digest:edition:paperround"]
    assert headers["From"] == "Papers <papers@example.org>"
    assert "Auto-Submitted" not in headers


def test_a_digest_has_one_message_id_made_of_its_delivery(settings: Any):
    settings.DEFAULT_FROM_EMAIL = "Papers <papers@example.org>"

    mail = sent(make_subscriber(), make_edition(make_paper()))

    assert mail.parsed.get_all("Message-ID") == [f"<{Delivery.objects.get().public_id.hex}@example.org>"]


def test_the_parts_are_text_first_and_then_html():
    mail = sent(make_subscriber(), make_edition(make_paper()))

    assert mail.parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.parsed.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in mail.parsed.iter_parts()} == {"utf-8"}


@pytest.mark.parametrize(
    "title", ["Plain", "Ünïcödé " * 40, "界" * 200, "x" * 3_000], ids=["plain", "accents", "cjk", "x"]
)
def test_no_line_is_over_998_octets(title: str):
    edition = make_edition(make_paper(title, abstract=title * 5), make_paper(title))
    subscriber = make_subscriber(keywords=", ".join(f"word{n} {'k' * 70}" for n in range(30)))

    mail = sent(subscriber, edition)

    head, _, _ = mail.raw.partition(b"\r\n\r\n")
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    assert head.isascii()
    assert email.message_from_bytes(mail.raw, policy=email.policy.default).defects == []


# --- Its name -------------------------------------------------------------------------------


def next_subject(reader: Subscriber, edition: Edition, *papers: Paper) -> str:
    delivery.deliver([make_delivery(reader, edition, *papers).pk])
    return next(outbox.kept()).subject


def test_two_digests_in_a_row_never_have_one_name():
    reader = make_subscriber()
    days = [DAY + timedelta(days=n) for n in range(4)]
    subjects = []
    for day in days:
        papers = [
            make_paper("Counting sheep, again", upvotes=9),
            make_paper("Goats on the roof"),
            make_paper("Cows"),
        ]
        if day == days[-1]:
            papers = papers[:1]
        subjects.append(next_subject(reader, make_edition(*papers, day=day), *papers))

    assert subjects[:3] == [
        "Counting sheep, again + 2 more",
        "Goats on the roof + 2 more",
        "Counting sheep, again + 2 more",
    ]
    assert all(one != other for one, other in pairwise(subjects))


def test_where_nothing_else_tells_two_digests_apart_the_day_does():
    reader, title = make_subscriber(), "Counting sheep, again"
    days = [DAY, DAY + timedelta(days=1)]
    first, second = [next_subject(reader, make_edition(make_paper(title), day=day)) for day in days]

    assert (first, second) == (title, f"{title} (Saturday, 27 September 2025)")
