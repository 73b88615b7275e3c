"""Text from strangers: cleaned for storing, made readable, and folded for comparing."""

import re
import unicodedata
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text

_BLANKS = re.compile(r"\s+")
# C0/C1 controls, unpaired surrogates, noncharacters: no source means them, and neither databases nor
# documents may hold them all.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LATEX = re.compile(r"[\\$]")
# Chinese and Japanese put no blanks between words: each character counts as one.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_LATEX_LIMIT = 20_000

_to_text = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)


def clean(text: str) -> str:
    """NFC, without control characters, every run of white space one blank, ends trimmed."""
    text = _BLANKS.sub(" ", text)  # first: some controls are white space and part words
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))).strip()


def readable(text: str) -> str:
    r"""LaTeX to Unicode for the eye: `$\ell_2$` becomes `ℓ_2`, `2\%` becomes `2%`.

    Text without a backslash or dollar sign comes back as it is, and so does text that is not
    LaTeX after all (a price, a Windows path, a formula that does not close).
    """
    if not _LATEX.search(text) or len(text) > _LATEX_LIMIT:
        return text
    if "\\" not in text and text.count("$") % 2:
        return text
    # A percent sign starts a comment in LaTeX; in an abstract it is a percent sign.
    escaped = re.sub(r"(?<!\\)%", r"\\%", text)
    try:
        converted = clean(_to_text.latex_to_text(escaped, tolerant_parsing=True))
    except Exception:  # noqa: BLE001  (what strangers write breaks the parser in ever new ways)
        return text
    return converted or text


def words(text: str) -> list[str]:
    """The words of a text, folded: compatibility forms, case, hyphens and plurals are gone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [singular(word) for word in _WORD.findall(folded)]


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """Fold an English plural by the three rules of the S-stemmer (Harman, 1991).

    It need not be a real word, only the same for singular and plural.
    """
    if len(word) < 4 or not word.endswith("s"):
        # "LLMs", "GANs", "RAGs" are acronyms of three letters and more; "gas", "bus" are words.
        return word
    if word.endswith("sses"):  # not of Harman's three: "losses", "classes"
        return word[:-2]
    if word.endswith("ies") and word[-4] not in "ea":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] not in "us":
        return word[:-1]
    return word
