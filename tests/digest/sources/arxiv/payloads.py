"""Small answers in the shapes that arXiv's three services give, for tests to bend."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from digest.sources.arxiv.calendar import announcement_moment, window

FRIDAY = date(2026, 4, 24)
MONDAY = date(2026, 4, 27)


def rss(
    *items: str,
    day: date | None = MONDAY,
    category: str = "cs.CV",
    title: str = "",
    head: str = "",
) -> bytes:
    """A feed of rss.arxiv.org that bears a day."""
    dated = f"<pubDate>{day:%a, %d %b %Y} 00:00:00 -0400</pubDate>" if day else ""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>
<title>{title or f"{category} updates on arXiv.org"}</title><link>http://rss.arxiv.org/rss/{category}</link>
<description>{category} updates on the arXiv.org e-print archive.</description>
<atom:link href="http://rss.arxiv.org/rss/{category}" rel="self" type="application/rss+xml"/>
<lastBuildDate>Mon, 27 Apr 2026 04:00:00 +0000</lastBuildDate>{dated}{head}
<skipDays><day>Sunday</day><day>Saturday</day></skipDays>
{"".join(items)}</channel></rss>""".encode()


def item(
    paper_id: str = "2604.21935v1",
    kind: str = "new",
    *,
    title: str = "Counting sheep",
    abstract: str = "We count sheep: all of them.",
    authors: str = "Emmy Noether, Sofia Kovalevskaya",
    categories: Iterable[str] = ("cs.CV", "cs.LG"),
    more: str = "",
) -> str:
    """One item of it."""
    bare = paper_id.partition("v")[0]
    return f"""<item><title>{escape(title)}</title><link>https://arxiv.org/abs/{bare}</link>
<description>arXiv:{paper_id} Announce Type: {kind}
Abstract: {escape(abstract)}</description><guid isPermaLink="false">oai:arXiv.org:{paper_id}</guid>
{"".join(f"<category>{name}</category>" for name in categories)}
<pubDate>Mon, 27 Apr 2026 00:00:00 -0400</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>{more}
<dc:creator>{escape(authors)}</dc:creator></item>"""


def submitted_for(day: date, hours: float = 2) -> datetime:
    """A moment in the window of submission of a day's announcement."""
    found = window(day)
    assert found
    return datetime.fromtimestamp(found[0].timestamp() + hours * 3600, UTC)


def oai(*records: str, token: str | None = None, verb: str = "ListRecords") -> bytes:
    """A page of OAI-PMH."""
    rest = "" if token is None else f"<resumptionToken>{escape(token)}</resumptionToken>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-04-28T02:40:00Z</responseDate>
<request verb="{verb}" metadataPrefix="arXivRaw">https://oaipmh.arxiv.org/oai</request>
<{verb}>{"".join(records)}{rest}</{verb}></OAI-PMH>""".encode()


def oai_error(code: str, told: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-04-28T02:40:00Z</responseDate>
<request>https://oaipmh.arxiv.org/oai</request><error code="{code}">{told}</error></OAI-PMH>""".encode()


def raw(
    paper_id: str = "2604.21935",
    *dates: datetime,
    title: str = "Counting sheep",
    comments: str = "",
    source_type: str = "D",
    categories: str = "cs.CV cs.LG",
    more: str = "",
) -> str:
    """A record in `arXivRaw`, with one version for each date."""
    versions = "".join(
        f'<version version="v{n}"><date>{format_datetime(at, usegmt=True)}</date><size>12kb</size>'
        f"<source_type>{source_type if n == len(dates) else 'D'}</source_type></version>"
        for n, at in enumerate(dates, 1)
    )
    return f"""<record><header><identifier>oai:arXiv.org:{paper_id}</identifier>
<datestamp>2026-04-27</datestamp><setSpec>cs:cs:CV</setSpec></header><metadata>
<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{paper_id}</id><submitter>E. Noether</submitter>
{versions}<title>{escape(title)}</title><authors>Emmy Noether, Sofia Kovalevskaya</authors>
<categories>{categories}</categories><comments>{escape(comments)}</comments>{more}
<license>http://creativecommons.org/licenses/by/4.0/</license>
<abstract>  We count
sheep.</abstract></arXivRaw></metadata></record>"""


DELETED = """<record><header status="deleted"><identifier>oai:arXiv.org:2604.00001</identifier>
<datestamp>2026-04-27</datestamp></header></record>"""


def atom(*entries: str, total: int | str | None = None) -> bytes:
    """A page of the API."""
    count = len(entries) if total is None else total
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/UY2mqR74Vu</id>
<title>arXiv Query: search_query=cat:cs.CV</title><updated>2026-04-12T22:10:19Z</updated>
<opensearch:itemsPerPage>500</opensearch:itemsPerPage>
<opensearch:totalResults>{count}</opensearch:totalResults>{"".join(entries)}</feed>""".encode()


def entry(
    paper_id: str = "2604.21935v1",
    at: datetime | str | None = None,
    *,
    title: str = "Counting sheep",
    categories: Iterable[str] = ("cs.CV", "cs.LG"),
    more: str = "",
) -> str:
    """One entry of it. `at` is when the first version was submitted."""
    at = at or announcement_moment(FRIDAY)
    told = at if isinstance(at, str) else f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return f"""<entry><id>http://arxiv.org/abs/{paper_id}</id><title>{escape(title)}</title>
<updated>{told}</updated><published>{told}</published><summary>We count sheep.</summary>
<link href="https://arxiv.org/abs/{paper_id}" rel="alternate" type="text/html"/>
{"".join(f'<category term="{name}" scheme="http://arxiv.org/schemas/atom"/>' for name in categories)}
<arxiv:primary_category term="{next(iter(categories))}"/>{more}
<author><name>Emmy Noether</name><arxiv:affiliation>Göttingen</arxiv:affiliation></author>
<author><name>Sofia Kovalevskaya</name></author></entry>"""


API_ERROR = b"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/</id><title>arXiv Search Results</title>
<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id><title>Error</title>
<summary>incorrect id format for abc</summary></entry></feed>"""
FEED_ERROR = rss(
    title="Feed error for query: cs.XX", day=None, head="<description>no such category</description>"
).replace(b"<description>cs.CV updates on the arXiv.org e-print archive.</description>", b"")
BOMB = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title></channel></rss>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<rss><channel><title>&a;</title></channel></rss>"""
DOCTYPE = b"""<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://example.org/rss.dtd"><rss><channel/></rss>"""
