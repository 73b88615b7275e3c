"""MJML to HTML: the only importer of the MJML wrapper. Pure."""

import re

from mjml import mjml2html

MAX_SOURCE = 1_000_000
MAX_DEPTH = 200
# What XML 1.0 (2.2) has no place for, or HTML: a letter must not fail for one pasted character.
_NOT_XML = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"""<!--.*?-->|<(/?)([^\s/>"'<]++)((?:"[^"]*+"|'[^']*+'|[^>"'])*+)>""", re.DOTALL)
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"})
_LEFT_OVER = re.compile(r"<mj-", re.IGNORECASE)


class MjmlError(ValueError):
    """The source is not MJML the engine understands; the message says where."""


def compile_mjml(source: str) -> str:
    """Compile one MJML document to an HTML document.

    The engine is silent about unknown tags and dies on very deep nesting, so both are refused
    here; it fails on CRLF, so newlines are normalised. `fonts={}` keeps it from linking a font
    server: a letter loads nothing from elsewhere.

    Raises:
        MjmlError: malformed, too large, too deep, or with a tag that is not MJML.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n").strip()
    source = without_controls(source)
    if len(source) > MAX_SOURCE:
        raise MjmlError(f"the source is larger than {MAX_SOURCE} characters")
    if _depth(source) > MAX_DEPTH:
        raise MjmlError(f"tags are nested deeper than {MAX_DEPTH}")
    try:
        html = mjml2html(source, fonts={}, disable_comments=False)
    except ValueError as error:
        raise MjmlError(str(error)) from error
    if left := _LEFT_OVER.search(html):
        raise MjmlError(f"unknown tag near {html[left.start() : left.start() + 40]!r}")
    return html


def without_controls(text: str) -> str:
    """What a document can hold of a text."""
    return text if text.isprintable() else _NOT_XML.sub("", text)


def _depth(source: str) -> int:
    """How deep tags are nested, as the engine sees it: whatever follows a `<` names one."""
    deepest = depth = 0
    for closing, name, rest in _TAG.findall(source):
        if closing:
            depth = max(0, depth - 1)
        elif name and not rest.endswith("/") and name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest
