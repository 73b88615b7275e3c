r"""LaTeX as people type it into titles and abstracts, to Unicode for the eye.

One pass over the pieces knows what occurs in practice. What is rarer (environments, kets) goes to pylatexenc,
which reads all of LaTeX at a hundred times the cost. What neither knows, a macro of the authors' own, stays.
"""

import re
from collections.abc import Iterator

from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalkerError

from digest.relevance.typesetting import SHOWN, Beyond, Reading

# The usual ways to set a formula off. An opening is never passed over, or by 2,000 characters at most: no
# squared time where nothing closes.
_SET_OFF = re.compile(
    r"""\\\(((?:[^$\\]|\\[^()])+)\\\)
    | \\\[((?:[^$\\]|\\[^\[\]])+)\\\]
    | \\begin\{((?:equation|eqnarray|align|gather|multline|displaymath|math)\*?)\}
      ([^$]{1,2000}?)\\end\{\3\}""",
    re.VERBOSE,
)
_DOLLAR = re.compile(r"(?<!\\)\$")
_SURELY_MATHS = re.compile(r"\\[a-zA-Z]|[\^_=<>]|^\s*[a-zA-Z](?:\s*[-+,]\s*\w)*\s*$|^\s+\d+\s+$")
_PROSE = re.compile(r"(?:^|\s)[a-zA-Z]{3,}\s|^\s+[a-z]{2}\s|^\s*[.;)]")
_OLD_FORMULA = re.compile(r"(\$(?=\S)[^$]*(?<=\S)\$(?!\d))")
_IN_TEXT = re.compile(r"\\operatorname\*|\\[a-zA-Z]+|\\.|[{}]|[^\\{}]+|\\", re.DOTALL)
_IN_MATH = re.compile(r"\\operatorname\*|\\[a-zA-Z]+|\\.|[{}^_~]|[^\\{}^_~]+|\\", re.DOTALL)
# C:\temp or \\host\share: a word, whatever its parts may mean in LaTeX.
_PATH = re.compile(r"(?<!\S)(?:[A-Za-z]:\\|\\\\[\w.-]+\\)[^\s{}$]+")
# "Fig.~1" ties two words; "takes ~5 days" and "/~name" do not.
_TIE = re.compile(r"(?<=[\w.,;:)%}])~(?=[^\s~]|$)")
_AS_TYPED = {"---": "—", "--": "–", "``": "“", "''": "”"}
_TYPED = re.compile("---?|``|''")
_MACRO = re.compile(r"\\([a-zA-Z]+|.)", re.DOTALL)
_RARE_LIMIT = 4_000  # characters; pylatexenc is not linear in what it cannot close
_RARE_TIMES = 100  # pieces of one text; it takes a millisecond for the shortest
# What strangers write breaks the parser in ever new ways. What ends a worker's task is none of them.
BREAKS = (
    LatexWalkerError, ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError,
    StopIteration, TypeError, ValueError,
)  # fmt: skip


def to_unicode(text: str) -> str:
    r"""`$\alpha$-divergence by 2\%` to `α-divergence by 2%`; the text itself where it holds no LaTeX.

    Linear in the text's length but for what pylatexenc gets; raises nothing. Blanks may come out doubled and
    accents apart (not NFC): see `text.clean`.
    """
    pieces: list[str] = []
    turns = iter(range(_RARE_TIMES))
    between = _DOLLAR.split(_SET_OFF.sub(r"$$\1\2\4$$", text))
    at, formulas, plain = 1, 0, [between[0]]
    while at < len(between):
        dollars = _dollars(between, at)
        if not dollars:
            plain += ["$", between[at]]
            at += 1
            continue
        pieces += _pieces("".join(plain), behind_formula=formulas > 0)
        pieces.append(SHOWN + _formula(between[at + dollars - 1], "$" * dollars, turns))
        formulas += 1
        plain = [between[at + 2 * dollars - 1]]
        at += 2 * dollars
    pieces += _pieces("".join(plain), behind_formula=formulas > 0)
    reading = Reading(pieces, math=False)
    try:
        shown = reading.whole()
    except Beyond:
        return "".join(_by_pylatexenc(part, turns) for part in _OLD_FORMULA.split(text))
    return shown if reading.known or formulas else text


def _dollars(between: list[str], at: int) -> int:
    """How many dollars open a formula before this part of the text, if they do."""
    behind = between[at + 1 : at + 4]
    if behind and _is_formula(between[at], behind[0]):
        return 1
    return 2 if len(behind) > 2 and not between[at] and behind[0].strip() and not behind[1] else 0


def _is_formula(inside: str, behind: str) -> bool:
    """Is it one, what stands between two dollars? Two prices are none: "$5 and $10", "$5-$10"."""
    if not inside or inside.isspace():
        return False
    if not inside[0].isspace() and not inside[-1].isspace():
        return not behind[:1].isdigit() or "\\" in inside or not any(map(str.isalnum, inside))
    return bool(_SURELY_MATHS.search(inside)) and not _PROSE.search(inside)


def _pieces(text: str, *, behind_formula: bool) -> list[str]:
    if "~" in text:
        text = _TIE.sub(" ", text)
        if behind_formula and text[:1] == "~":
            text = f" {text[1:]}"
    if "--" in text or "``" in text or "''" in text:
        text = _TYPED.sub(lambda found: _AS_TYPED[found[0]], text)
    if "\\" not in text and "{" not in text and "}" not in text:
        return [text] if text else []
    pieces: list[str] = []
    end = 0
    for found in _PATH.finditer(text):
        pieces += _IN_TEXT.findall(text[end : found.start()])
        pieces.append(SHOWN + found[0])
        end = found.end()
    return pieces + _IN_TEXT.findall(text[end:])


def _formula(body: str, dollars: str, turns: Iterator[int]) -> str:
    try:
        return Reading(_IN_MATH.findall(body), math=True).whole().strip() or " "
    except Beyond:
        shown = _by_pylatexenc(f"${body}$", turns)
        return f"{dollars}{body}{dollars}" if shown[:1] in {"", "$"} else shown


def _by_pylatexenc(part: str, turns: Iterator[int]) -> str:
    """A part of a text, which has so many turns and no more."""
    if not (part[:1] == "$" or "\\" in part) or len(part) > _RARE_LIMIT:
        return part
    if any(
        macro in {"input", "include"} or _known.get_macro_spec(macro) is None
        for macro in _MACRO.findall(part)
    ):
        return part
    if next(turns, None) is None:
        return part
    formula = len(part) > 1 and part[0] == part[-1] == "$"
    body = part[1:-1] if formula else part
    # A percent sign starts a comment in LaTeX; in an abstract it is a percent sign.
    body = re.sub(r"(?<!\\)([%&#$])", r"\\\1", body)
    try:
        found = _to_text.latex_to_text(f"${body}$" if formula else body, tolerant_parsing=True)
    except BREAKS:
        return part
    if not found.strip() or "%s" in found:  # a macro without its arguments
        return part
    return f"{' ' * part[:1].isspace()}{found.strip()}{' ' * part[-1:].isspace()}"


_to_text = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)
_known = get_default_latex_context_db()
