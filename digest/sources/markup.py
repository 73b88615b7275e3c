"""HTML, JATS and HighWire's marks to plain text, in time that grows with the text and no faster.

JATS is the XML of journals, which Crossref and those who read there hand on as it is. HighWire, whose system
preprint servers run on, turns its own into marks (`O_LI`, `C_LI`) that nobody turns back.
"""

import html
import re
from dataclasses import dataclass, field

from digest.relevance.text import clean

_INLINE = [
    "b",
    "i",
    "em",
    "strong",
    "italic",
    "bold",
    "sub",
    "sup",
    "span",
    "br",
    "hr",
    "wbr",
    "img",
    "tt",
    "small",
    "big",
    "font",
    "abbr",
    "sc",
    "kbd",
    "samp",
    "cite",
    "u",
    "a",
    "q",
    "code",
    "mark",
    "monospace",
    "roman",
    "sans-serif",
    "underline",
    "overline",
    "named-content",
    "styled-content",
    "xref",
    "ext-link",
    "uri",
    "email",
    "label",
    "inline-formula",
    "inline-graphic",
    "tex-math",
    "alternatives",
    "math",
    "chem-struct",
    "script",
    "style",
    "annotation",
    "annotation-xml",
]
_HEADINGS = frozenset(["title", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "subtitle"])
_SENTENCES = frozenset(["p", "para", "dd", "blockquote", "disp-quote", "caption"])
_ITEMS = frozenset(["li", "list-item"])
_BLOCKS = frozenset(
    [
        "div",
        "sec",
        "section",
        "br",
        "hr",
        "list",
        "ul",
        "ol",
        "dl",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "abstract",
        "trans-abstract",
        "pre",
        "disp-formula",
        "boxed-text",
        "fig",
        "def-list",
        "html",
        "head",
        "body",
        "article",
    ]
)
_KNOWN = frozenset(_INLINE) | _HEADINGS | _SENTENCES | _ITEMS | _BLOCKS
# "<title>" may as well be a placeholder or a token the paper is about: a tag only where it ends, too.
_IN_PAIRS = frozenset(
    [
        "title",
        "subtitle",
        "label",
        "code",
        "mark",
        "a",
        "q",
        "u",
        "i",
        "list",
        "table",
        "cite",
        "email",
        "caption",
        "head",
        "body",
        "section",
        "article",
        "abstract",
        "script",
        "style",
        "math",
        "annotation",
        "para",
    ]
)
_HIDDEN = frozenset(["script", "style", "annotation", "annotation-xml"])
_RAISED = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzβγδ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟ",
        strict=True,
    )
)
_LOWERED = dict(
    zip("0123456789+-−–=()aehijklmnoprstuvxβγ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧ", strict=True)
)
_SHIFTED = {"sup": _RAISED, "sub": _LOWERED}
_LONGEST_SHIFT = 40

# No part of it can match "<", so each attempt ends at the next one, and nothing is read twice.
_TAG = re.compile(
    r"<(?P<end>/?)(?:(?P<space>jats|mml|html|xhtml):)?(?P<name>[A-Za-z][A-Za-z0-9-]*+)"
    r"(?:\s++[\w:.-]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++))*+\s*+(?P<empty>/?)>"
)
_INSTRUCTION = re.compile(r"<\?xml[^<>]*+>|<!DOCTYPE[^<>]*+>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARK = re.compile(r"[OC]_(ST_ABS|LI|ULI|OLI|QD|TEXTBOX|SCPLOW|SCPCAP|INLINEFIG)")
_MARKS = {"ST_ABS": "title", "LI": "li", "QD": "p", "TEXTBOX": "div", "ULI": "ul", "OLI": "ol"}
_FIGURE_LEFT = re.compile(
    r"[OM]_(?:FIG|TBL)\b|O_LINKSMALLFIG[^>]{0,500}+>|View larger version \(\d++K\):|"
    r"org\.highwire\.dtl\.DTLVardef@[0-9a-f]++"
    r"|_HPS_FORMAT_FIGEXP"
)
_FIGURE_TITLE = re.compile(r"\b(?:Graphical abstract|TOC graphic)\s*+\Z", re.IGNORECASE)
# "ResultsWe found": where a section began, and its title was not marked at all.
_GLUED = re.compile(
    r"(?m)(?:^|(?<=[.!?)] ))(?:"
    r"(Background|Introduction|Motivation|Objectives?|Aims?|Purpose|Importance|Methods?|Methodology|Design|Setting|"
    r"Findings|Results?|Discussion|Interpretation|Conclusions?|Significance|Summary|Funding|Abstract)(?=[A-Z0-9])|"
    r"(BACKGROUND|INTRODUCTION|OBJECTIVES?|METHODS?|RESULTS?|CONCLUSIONS?|SUMMARY|ABSTRACT)(?=[A-Z][a-z ])"
    r")"
)
_ITS_OWN_NAME = re.compile(r"\Aabstract\s?[:.]\s", re.IGNORECASE)


def plain(text: str) -> str:
    """The text without its tags, cleaned.

    Only names of HTML and JATS go, so that `p < 0.05`, `<think>` and `<NAME>` stay. The end of a block ends
    the sentence, a title gets a colon, `<sub>2</sub>` becomes `₂`. Entities are read once, after the tags:
    `&lt;b&gt;` stays the text `<b>`.
    """
    text = _GLUED.sub(lambda found: f"<title>{found[1] or found[2]}</title>", _without_marks(text))
    if "<" not in text and "&" not in text:
        return clean(text)
    text = _without(text, "<!--", "-->")
    if "<![CDATA[" in text:
        text = text.replace("<![CDATA[", "").replace("]]>", "")
    # A formula as a document of its own: what stands between its dollars is all of it.
    text = _without(_INSTRUCTION.sub("", text), "\\documentclass", "\\begin{document}$")
    return _ITS_OWN_NAME.sub("", clean(_Reader(text).read()))


@dataclass(slots=True)
class _Reader:
    """Walks through tags and what stands between them."""

    text: str
    out: list[str] = field(default_factory=list)
    last: str = ""
    """The last character that is not blank."""
    gap: str = ""
    """What a block left to be said before the next text: a blank, or the end of a sentence."""
    blank: bool = False
    """Whether a blank was said since."""
    shifts: list[tuple[str, int]] = field(default_factory=list)
    """Open `sub` and `sup`: which, and where in `out` they began."""
    hidden: str = ""
    """The open element whose content is no text."""
    behind: list[str] = field(default_factory=list)
    """What stood in it so far, should it turn out never to end."""

    def read(self) -> str:
        ended = {tag["name"].lower() for tag in _TAG.finditer(self.text) if tag["end"]}
        secret = _HIDDEN | {"math"} if "tex-math" in ended else _HIDDEN
        at = 0
        for tag in _TAG.finditer(self.text):
            if not _is_tag(tag, ended):
                continue
            self._say(self.text[at : tag.start()])
            at = tag.end()
            name = tag["name"].lower()
            if self.hidden:
                if tag["end"] and name == self.hidden:
                    self.hidden, self.behind = "", []
            elif name in secret and name in ended and not tag["end"] and not tag["empty"]:
                self.hidden = name
            else:
                self._pass(name, end=bool(tag["end"]), empty=bool(tag["empty"]))
        self._say(self.text[at:])
        if self.hidden:
            self.hidden = ""
            self._say(" ".join(self.behind))
        return "".join(self.out)

    def _say(self, raw: str) -> None:
        if not raw:
            return
        if self.hidden:
            self.behind.append(raw)
            return
        said = _ENTITY.sub(lambda found: html.unescape(found[0]), raw).replace("$\\end{document}", "")
        bare = said.strip()
        self.blank |= said[:1].isspace()
        if not bare:
            return
        if self.gap and self.last:
            ends = self.last.isalnum() or self.last in ")]}%\"'”’"
            self.out.append(f"{_stop(self.gap, bare[0]) if ends else ''} ")
        elif self.blank:
            self.out.append(" ")
        self.out.append(bare)
        self.gap, self.last, self.blank = "", bare[-1], said[-1].isspace()

    def _pass(self, name: str, *, end: bool, empty: bool) -> None:
        if name in _SHIFTED and not empty:
            if not end:
                self.shifts.append((name, len(self.out)))
            elif self.shifts and self.shifts[-1][0] == name:
                self._shift(*self.shifts.pop())
            return
        if name in _HEADINGS:
            gap = ":" if end else "."
        elif name in _ITEMS:
            gap = ";"
        elif name in _SENTENCES:
            gap = "." if end else " "
        elif name in _BLOCKS:
            gap = " "
        else:
            return
        self.gap = max(self.gap, gap, key=" .;:".find) if self.gap else gap

    def _shift(self, name: str, since: int) -> None:
        """Raise or lower what was said since then, where Unicode has every character of it."""
        said = self.out[since:] if len(self.out) - since <= _LONGEST_SHIFT else []
        if sum(map(len, said)) > _LONGEST_SHIFT:
            return
        told = "".join(said)
        signs = [_SHIFTED[name].get(sign, "") for sign in told.strip()]
        if signs and all(signs):
            self.out[since:] = [told.replace(told.strip(), "".join(signs))]
            self.last = signs[-1]


def _is_tag(tag: re.Match[str], ended: set[str]) -> bool:
    name = tag["name"].lower()
    if tag["space"]:
        return True
    if name not in _KNOWN:
        return False
    if tag["end"] or tag["empty"] or name in ("br", "hr"):
        return True
    return name in ended if name in _IN_PAIRS or tag["name"] != name else True


def _stop(gap: str, begins: str) -> str:
    """What ends the sentence before a text that begins so."""
    if gap == ";":
        return ";" if begins.islower() else "."
    if gap == ".":
        return "" if begins.islower() else "."
    return gap.strip()


def _without(text: str, opening: str, closing: str) -> str:
    """The text without what stands between the two, them included. What does not end stays."""
    kept, at = [], 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
        kept.append(text[at:start])
        at = end + len(closing)
    return "".join([*kept, text[at:]]) if kept else text


def _without_marks(text: str) -> str:
    """HighWire's marks as the tags they were; its figures gone with their captions."""
    if "_FIG" in text or "_TBL" in text:
        bare = _without(_without(text, "O_FIG", "C_FIG"), "O_TBL", "C_TBL")
        bare = _FIGURE_LEFT.sub(" ", bare) if "O_LINKSMALLFIG" in bare else bare
        text = _FIGURE_TITLE.sub("", bare) if bare != text else text
    both = {name for name in set(_MARK.findall(text)) if f"O_{name}" in text and f"C_{name}" in text}

    def tag(mark: re.Match[str]) -> str:
        if mark[1] not in both:
            return mark[0]
        name = _MARKS.get(mark[1])
        return f"<{'/' if mark[0][0] == 'C' else ''}{name}>" if name else ""

    return _MARK.sub(tag, text) if both else text
