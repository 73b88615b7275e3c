"""Values nobody would send, and what somebody sends one day all the same."""

from typing import Any

HUGE = 200_000
NESTED, TOO_DEEP = 200, 5_000
"""Lists within lists: as many as may stand in a record, and more than any reader takes."""

SIGNS = [
    "\0", "\x01", "\x0b", "\x1b", "\x7f", "\x85", "\xa0", "\ud800", "\udfff", "\udc00\ud800", "\ufdd0",
    "\ufffe", "\uffff", "\ufeff", "\u200b", "\u202e", "\u2028", "\n", "\r\n", "\t", "\U0001d160", "\ufb2c",
    "\u0301", "İ", "ß", "😀", "\U0010ffff", "<", "&", "]]>", "<b>", "&#0;", "&#xd800;", "&lt;", "$", "\\",
    "%", "$x_{", "\\frac{", "'", '"', ";", ",", "@", "  ", "٣",
]  # fmt: skip
DATES = [
    "", "0000-00-00", "0000-01-01", "0001-01-01T00:00:00+23:59", "1899-12-31", "1900-01-01T00:00:00+14:00",
    "2026-02-31", "2026-02-31T25:61:61Z", "9000-12-31T23:59:59-23:59", "9999-12-31T23:59:59-12:00",
    "10000-01-01", "-2026-01-01", "yesterday", "the 3rd of May", "2026-W20-1", "20260504", "2026-05-04 ",
    "2026-05-04T00:00:00.123456789Z", "2026-05-04T00:00:00+99:99", "Mon, 31 Feb 2026 00:00:00 -0400",
    "Mon, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 27 Apr 10000 00:00:00 +0000",
    "Mon, 27 Apr 2026 00:00:00 -9999", "1e9", "1780000000",
]  # fmt: skip
NAMES = [
    "2604.1", "2604.00001v0", "2604.00001v99999", "hep-th/9901001v2", "math.AG/0210288", "cs/",
    "x/0000000", "oai:arXiv.org:", "https://arxiv.org/abs/", "٢٦٠٤.٠٠٠٠١", "10.1/x", "10.1234/",
    "10.1234/" + "😀" * 400, "10.1234/a b", "https://doi.org/10.5555/" + "x" * 400,
    "https://doi.org/10.5555/A?b=c#d",
]  # fmt: skip
ADDRESSES = [
    "http://", "http://x", "http://[::1]/", "http://[a.b/c", "http://a].b/",
    "https://user:pw@example.org/", "javascript:alert(1)//http://a.b", "//example.org/x",
    "https://example.org:99999/", "https://exa mple.org/", "HTTPS://EXAMPLE.ORG/\u202e",
    "https://example.org/" + "a" * 3_000, "https://example.org/\n", "ftp://example.org",
    "http://example.org\\@x.org/", "https://github.com/../..", "http://.../", "http://a.b\0",
]  # fmt: skip
WORDS = [
    "x", "0", "NA", "null", "true", " ", "\n", "ResultsWe found it. " * 20, "O_LIone C_LI" * 40,
    "<jats:p>" * 30, "&amp;lt;" * 60, "This paper has been withdrawn", "WITHDRAWN: x", "; ; ;", ", and ,",
    "a" * 5_000, "(" * 400, "$" * 301, "{" * 301, "e\u0301" * 500, "a" + "\u0301" * 2_000,
    "\U0001d160" * 300, "Ünïcödé", "-1", "1e400", "NaN", "cs.CV", "cs.XX", "v1", "new", "replace-cross",
    "error", "no posts found",
]  # fmt: skip
TEXTS = [*SIGNS, *DATES, *NAMES, *ADDRESSES, *WORDS]
PIECES = [
    "a", " ", "a ", "\n", "<", "&", "<b>", "</b>", "(", ")", "((a), ", ",", ";", " and ", "$", "\\",
    "\\a{", "arXiv:", "http://", "-", "😀", "e\u0301", "\u0301", "\ud800", "\0", "O_FIG", "ResultsWe ",
    "<li>a</li>", "C_LIO_LIx ", "<sub>2", "9", "/abs/",
]  # fmt: skip
# What JSON can say and Python cannot, or not in a tree: put in when it is written.
LONG = "9" * 5_000
"""A number of more digits than Python reads."""
LITERALS = [
    "1e400", "-1e400", LONG, "-0", "1E-999", "0.1e+5", "[" * NESTED + "]" * NESTED,
    '{"a":' * NESTED + "0" + "}" * NESTED,
]  # fmt: skip
DEEP = ["[" * TOO_DEEP + "]" * TOO_DEEP, '{"paper":' * TOO_DEEP + "0" + "}" * TOO_DEEP]
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 7, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.0, 1e18, float("nan"),
    float("inf"), -float("inf"), [], {}, [None], [[]], [{}], {"": ""}, {"name": None}, [{"name": 7}],
    {"x": []}, [True, 1, "a", None, ["b"]], [""] * 60, ["name"] * 6_000, {"term": "cs.CV"},
]  # fmt: skip


SOUND = [
    "<!-- -->", "<!---->", "<![CDATA[<b>&nbsp;]]>", "<![CDATA[]]>", "<?php x?>", "&#65;", "&#x1F600;",
    "&amp;amp;", "<x:y xmlns:x='urn:z'>a</x:y>", "<title xmlns='urn:z'>other</title>", "<p>a<br/>b</p>",
    "&#9;", "&#10;", "<id/>", "<entry/>", "<item/>", "<record/>", "<name/>",
]  # fmt: skip
BREAKING = [
    "&nbsp;", "&#0;", "&#xD800;", "\0", "\x1b", "<", "&", "</item>", "<!DOCTYPE x>", "<a b=c>", "]]>",
    "<u:p/>", "\ufffe", "<a b='1' b='2'/>", "<!-- -- -->", "<?xml version='1.0'?>", "<![CDATA[", "\ud800",
]  # fmt: skip
ELEMENTS = [
    "title", "id", "guid", "link", "author", "name", "description", "summary", "category", "item", "entry",
    "record", "metadata", "arXivRaw", "header", "version", "dc:creator", "arxiv:doi", "x", "published",
    "error", "totalResults", "resumptionToken", "pubDate", "channel", "arXiv", "authors",
]  # fmt: skip


MARKS = [
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"+/v8", b"\0", b" \n",
    b"\xef\xbb",
]  # fmt: skip
ENCODINGS = [
    "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7", "cp037", "shift_jis",
]  # fmt: skip
DECLARED = [
    b"UTF-16", b"latin-1", b"klingon-8", b"utf-7", b"shift_jis", b"", b"ebcdic-cp-be", b"us-ascii",
]  # fmt: skip
