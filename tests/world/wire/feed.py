"""rss.arxiv.org: `GET /rss/cs.CV+cs.CL`, RSS 2.0 of one announcement day."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from tests.world.calendar import feed_day, midnight
from tests.world.exchange import Ask, Reply, document, sha256
from tests.world.papers import ORDER, Told
from tests.world.wire.oai import GROUPS, PHYSICS

LIMIT = 2_000
"""Items; what is cut off beyond it is the *new* papers, as in life."""
ARCHIVES = PHYSICS | GROUPS
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'version="2.0">\n  <channel>\n'
)
_TAIL = "  </channel>\n</rss>\n"
_CATEGORY = re.compile(r"[a-z-]+(\.[a-z-]+)?$", re.IGNORECASE)


def answer(ask: Ask) -> Reply:
    kind, _, asked = ask.path.strip("/").partition("/")
    if kind not in ("rss", "") or not asked:
        return Reply(404, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>Not Found</h1>")
    wanted = [_spelled(name) for name in asked.split("+")]
    if bad := next((name for name in wanted if not _exists(name)), None):
        return _refusal(ask, asked, bad)
    today = feed_day(ask.now)
    content = ask.batch or today
    told = ask.world.announced(content, wanted)
    # The server sorts the other way round before it cuts.
    kept = sorted(told, key=lambda row: -ORDER.index(row.kind))[: ask.sizes.get("arxiv_feed", LIMIT)]
    rows = sorted(kept, key=told.index)
    shown = today if ask.redated else content
    items = "".join(_item(row, shown) for row in ask.page(rows, rows, len(rows)))
    title = f"{', '.join(wanted)} updates on"
    body = (
        _HEAD
        + _channel(f"{title} arXiv.org", f"{title} the arXiv.org e-print archive.", "+".join(wanted), ask.now)
        + f"    <pubDate>{_rfc822(midnight(shown))}</pubDate>\n"
        "    <skipDays>\n      <day>Sunday</day>\n      <day>Saturday</day>\n    </skipDays>\n"
        + items
        + _TAIL
    ).encode()
    until = midnight(today + timedelta(days=1)) - ask.now
    return document(
        ask,
        body,
        "application/rss+xml",
        etag=sha256(body),  # not quoted, against the RFC
        Cache_Control=f"max-age={max(0, int(until.total_seconds()))}",
    )


def _channel(title: str, description: str, query: str, now: datetime) -> str:
    link = f"http://rss.arxiv.org/rss/{query}"
    return (
        f"    <title>{escape(title)}</title>\n    <link>{escape(link)}</link>\n"
        f"    <description>{escape(description)}</description>\n"
        f'    <atom:link href={quoteattr(link)} rel="self" type="application/rss+xml"/>\n'
        "    <docs>http://www.rssboard.org/rss-specification</docs>\n    <language>en-us</language>\n"
        f"    <lastBuildDate>{_rfc822(now.astimezone(UTC))}</lastBuildDate>\n"
        "    <managingEditor>rss-help@arxiv.org</managingEditor>\n"
    )


def _item(row: Told, day: date) -> str:
    paper = row.paper
    full = f"{paper.arxiv_id}v{row.version}"
    description = f"arXiv:{full} Announce Type: {row.kind} \nAbstract: {paper.abstract}"
    fields = [
        ("title", paper.title),
        ("link", f"https://arxiv.org/abs/{paper.arxiv_id}"),
        ("description", description),
        ('guid isPermaLink="false"', f"oai:arXiv.org:{full}"),
        *(("category", category) for category in paper.told_in(day)),
        ("pubDate", _rfc822(midnight(day))),
        ("arxiv:announce_type", row.kind),
        ("dc:rights", paper.licence),
        ("arxiv:DOI", paper.doi),
        ("arxiv:journal_reference", paper.journal_ref),
        ("dc:creator", creators(row)),
    ]
    lines = [f"      <{name}>{escape(value)}</{name.partition(' ')[0]}>\n" for name, value in fields if value]
    return f"    <item>\n{''.join(lines)}    </item>\n"


def creators(row: Told) -> str:
    """All authors in one string, affiliations in parentheses."""
    return ", ".join(
        f"{author.name} ({author.affiliation})" if author.affiliation else author.name
        for author in row.paper.authors
    )


def _refusal(ask: Ask, asked: str, bad: str) -> Reply:
    reason = (
        f"Bad archive '{bad}'. Valid archives are: {', '.join(sorted(ARCHIVES))}."
        if "." not in bad
        else f"Bad subject class '{bad.partition('.')[2]}' for archive '{bad.partition('.')[0]}'."
    )
    title = f"Feed error for query: http://rss.arxiv.org/rss/{asked}"
    body = (
        _HEAD
        + _channel(title, reason, asked, ask.now)
        + f"    <pubDate>{_rfc822(midnight(feed_day(ask.now)))}</pubDate>\n"
        + _TAIL
    ).encode()
    return Reply(400, {"Content-Type": "application/rss+xml", "ETag": sha256(body)}, body)


def _spelled(name: str) -> str:
    """As arXiv spells it: `CS.cv` is `cs.CV`, `cond-mat.str-el` stays."""
    archive, dot, subject = name.strip().partition(".")
    plain = "-" in subject or archive.lower() in ("physics", "cond-mat")
    return archive.lower() + dot + (subject.lower() if plain else subject.upper())


def _exists(name: str) -> bool:
    return bool(_CATEGORY.match(name)) and name.partition(".")[0] in ARCHIVES


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)
