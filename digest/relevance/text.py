"""Text from strangers: cleaned for storing, made readable, and folded for comparing."""

import re
import unicodedata
from functools import lru_cache

from digest.relevance.latex import to_unicode

# C0/C1 controls, unpaired surrogates, noncharacters: no source means them, and neither databases nor
# documents may hold them all.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Chinese and Japanese put no blanks between words: each character counts as one.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
# "GPUs", "LLMs": the plural of an acronym, told by its case before that is folded.
_ACRONYMS = re.compile(r"\b([A-Z0-9]*[A-Z][A-Z0-9]+)s\b")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=[^\W\d_])")
_LATEX_LIMIT = 20_000


def clean(text: str) -> str:
    """NFC, without control characters, every run of white space one blank, ends trimmed."""
    text = text.replace("\n", " ")
    if not text.isprintable() or "  " in text:  # a blank is the only white space that is printable
        text = " ".join(text.split())  # first: some controls are white space and part words
        if not text.isprintable():
            text = " ".join(_UNPRINTABLE.sub("", text).split())
    return unicodedata.normalize("NFC", text).strip()


def readable(text: str) -> str:
    r"""LaTeX to Unicode for the eye: `$\ell_2$` becomes `ℓ_2`, `2\%` becomes `2%`.

    Text without a backslash or dollar sign comes back as it is, and so does text that is not
    LaTeX after all (a price, a Windows path, a formula that does not close).
    """
    if ("\\" not in text and "$" not in text) or len(text) > _LATEX_LIMIT:
        return text
    shown = to_unicode(text)
    return text if shown == text else clean(shown)


def joined(text: str) -> str:
    """The text with every hyphen between two letters gone: "Pre-Training" becomes "PreTraining"."""
    return _HYPHEN.sub("", text)


def words(text: str) -> list[str]:
    """The words of a text, folded: compatibility forms, case, accents, hyphens, plurals are gone."""
    text = _ACRONYMS.sub(r"\1", unicodedata.normalize("NFKC", text))
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return [singular(word) for word in _WORD.findall(unicodedata.normalize("NFC", bare))]


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """Fold an English plural: the three rules of the S-stemmer (Harman, 1991), a few endings it
    leaves out, and a table. What comes need not be a real word, only the same for singular and plural.
    """
    if (irregular := IRREGULAR.get(word)) is not None:
        return irregular
    if word.endswith(("ches", "shes", "xes", "sses", "uses")):
        return word[:-2]
    if word.endswith(("che", "she", "xe", "use")):  # so that "caches" and "cache" meet
        return word[:-1]
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ea":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] not in "us":
        return word[:-1]
    return word


IRREGULAR = {
    "bias": "bias",
    "biases": "bias",
    "lens": "lens",
    "lenses": "lens",
    "analyses": "analysis",
    "analysis": "analysis",
    "hypotheses": "hypothesis",
    "hypothesis": "hypothesis",
    "syntheses": "synthesis",
    "synthesis": "synthesis",
    "theses": "thesis",
    "thesis": "thesis",
    "basis": "basis",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "criteria": "criterion",
    "corpora": "corpus",
    "series": "series",
    "species": "species",
}
"""Plurals of this field that no rule of endings brings together."""
