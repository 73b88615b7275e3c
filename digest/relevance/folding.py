"""Words as they are compared: case, plural, accents, hyphens and the spelling of Greek are gone.

A text becomes a list of surfaces (words as they stand); each surface folds to one word. Acronyms also
keep their case: "SAM" is not "Sam", and only the surface tells.
"""

import re
import unicodedata
from functools import lru_cache

BREAK = ""
"""Stands in a list of surfaces where a sentence ends: no phrase runs over it."""
LONGEST_COMPOUND = 60
"""Letters of a hyphenated word; what is longer is a formula or a trick."""
SHORTEST, LONGEST = 2, 10
"""Letters and digits of an acronym."""

# Chinese and Japanese put no blanks between words: each character counts as one.
# Without the marks for voiced sounds (U+3099 to U+309C), which are nothing by themselves.
_CJK = "\u3040-\u3098\u309d-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_C_PLUS_PLUS = r"(?:(?<=\b[A-Za-z])(?:\+\+|\#(?!\w)))?"
_BREAK = r"(?<=[^\W_]{2}[.!?;:])\s|(?<=[)\]\"'][.!?;:])\s"
_SURFACE = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+{_C_PLUS_PLUS}|{_BREAK}")
_ASCII_SURFACE = re.compile(rf"[A-Za-z0-9]+{_C_PLUS_PLUS}|{_BREAK}")
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_LONE_GREEK = re.compile(rf"(?<!(?=[{_GREEK}])\w)[{_GREEK}](?!(?=[{_GREEK}])\w)")
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])['’]s\b")
_SUBSCRIPT = re.compile(r"(?<=[^\W_])[_^]\{?(?=\d)")
_HYPHENS = re.compile(r"[-\u2010\u2011]")
_ACRONYM = re.compile(r"([A-Za-z0-9]*[A-Z][A-Za-z0-9]*?)(s?)")
_PLURAL_ACRONYM = re.compile(r"([A-Z0-9]*[A-Z][A-Z0-9]+)s")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that no accent makes, as they are written without them."""
_SHOUTED = 0.7
"""Share of capitals among the letters of a text from which it is written in capitals."""


def surfaces(text: str) -> list[str]:
    """The words of a text as they stand, with `BREAK` where a sentence ends."""
    pattern = _ASCII_SURFACE
    if not text.isascii():
        pattern = _SURFACE
        text = _LONE_GREEK.sub(r" \g<0> ", unicodedata.normalize("NFKC", text))
    if "'" in text or "’" in text:
        text = _POSSESSIVE.sub("", text)
    if "_" in text or "^" in text:
        text = _SUBSCRIPT.sub("", text)
    return [BREAK if found.isspace() else found for found in pattern.findall(text)]


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return [fold(surface) for surface in surfaces(text) if surface]


@lru_cache(maxsize=262_144)
def fold(surface: str) -> str:
    """One surface as it is compared."""
    if plural := _PLURAL_ACRONYM.fullmatch(surface):
        surface = plural[1]
    if surface.isascii():
        return singular(surface.lower())
    bare = _bare(surface)
    return singular(GREEK.get(bare, bare))


@lru_cache(maxsize=262_144)
def fold_name(surface: str) -> str:
    """One surface of a person's name: no plural, for Williams is not William."""
    return surface.lower() if surface.isascii() else _bare(surface)


def _bare(surface: str) -> str:
    """Without case and accents; never nothing."""
    folded = unicodedata.normalize("NFKD", surface.casefold().translate(_LETTERS))
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare) or surface


@lru_cache(maxsize=262_144)
def acronym(surface: str) -> str:
    """The acronym a surface is, its plural s taken off; "" for an ordinary word.

    More than half of its letters are capitals, two at least: RAG, LLMs, ViT, MoE; not ImageNet, not T5.
    """
    found = _ACRONYM.fullmatch(surface)
    if found is None:
        return ""
    name = found[1]
    capitals = sum(char.isupper() for char in name)
    letters = sum(char.isalpha() for char in name)
    return name if capitals >= 2 and 2 * capitals > letters and SHORTEST <= len(name) <= LONGEST else ""


def is_shouted(text: str) -> bool:
    """Is a text written in capitals altogether, so that these tell nothing? Long words tell it: an acronym
    of five letters is rare, two of them in one short text are rarer.
    """
    if sum(len(word) >= 5 and word.isupper() for word in text.split()) < 2:
        return False
    return sum(map(str.isupper, text)) > _SHOUTED * sum(map(str.isalpha, text))


def compounds(text: str) -> list[tuple[str, ...]]:
    """Hyphenated words as their folded parts: "pre-training" is ("pre", "training")."""
    found = []
    for word in text.split():
        if _HYPHENS.search(word, 1) and len(word) <= LONGEST_COMPOUND:
            parts = [tuple(words(part)) for part in _HYPHENS.split(word)]
            # One word each, the first with a letter: "3-4" is none, nor is "state-of-the-art/robust".
            if all(len(part) == 1 for part in parts) and any(map(str.isalpha, parts[0][0])):
                found.append(tuple(part[0] for part in parts))
    return found


def joined(text: str) -> str:
    """The text with every hyphen inside a word gone: "pre-training" becomes "pretraining"."""
    return " ".join(
        _HYPHENS.sub("", word) if word[0].isalpha() and word[-1].isalnum() else word for word in text.split()
    )


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """Fold an English plural: the three rules of the S-stemmer (Harman, 1991), a few endings it
    leaves out, and a table. What comes need not be a real word, only the same for singular and plural.
    """
    if (irregular := IRREGULAR.get(word)) is not None:
        return irregular
    if word.endswith("ics"):  # dynamics is not dynamic, optics not optic
        return word[:-1] if word in PLURAL_ICS else word
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
    "news": "news",
    "means": "means",
    "mars": "mars",
    "movies": "movie",
    "cookies": "cookie",
    "selfies": "selfie",
    "calories": "calorie",
    "gases": "gas",
    "axes": "axis",
    "axis": "axis",
    "crises": "crisis",
    "crisis": "crisis",
    "diagnoses": "diagnosis",
    "diagnosis": "diagnosis",
    "phenomena": "phenomenon",
    "spectra": "spectrum",
    "nuclei": "nucleus",
    "women": "woman",
    "men": "man",
    "children": "child",
    "mice": "mouse",
    "potatoes": "potato",
    "echoes": "echo",
    "momenta": "momentum",
    "automata": "automaton",
    "formulae": "formula",
    "bacteria": "bacterium",
}
"""Plurals of this field that no rule of endings brings together."""

_PLURAL_ICS = """
    topics metrics heuristics critics clinics fabrics mosaics relics comics epidemics pandemics generics
"""
PLURAL_ICS = frozenset(_PLURAL_ICS.split())
"""The few words in -ics that are plurals; others are names of fields."""
_SPELT_OUT = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau
    upsilon phi chi psi omega
"""
GREEK = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _SPELT_OUT.split(), strict=True))
"""Letters that stand alone, as mathematics and biology have them, to how they are spelt out."""
