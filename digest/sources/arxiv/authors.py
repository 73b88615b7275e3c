r"""Authors as arXiv strings them together: `A. Doe (MIT, USA), B. O\'Neil, Jr. and the X Collaboration`."""

import re

from digest.relevance.text import clean, readable

LIMIT = 300_000
"""Characters of one string of authors: more than 10,000 names."""
MOST = 5_000
NAME_LIMIT = 300
DEEPEST = 8
"""Of parentheses within parentheses."""

_GROUP = re.compile(r"\([^()]*\)")
_UNCLOSED = re.compile(r"\([^,;]*")
_MARK = re.compile(r"\$\s*\^?\s*\{?[\d,\s*]*\\?(?:dagger|ast|star)?\}?\s*\$")
_BETWEEN = re.compile(r"[,;]|:(?=\s|$)|\s+and\s+|\s+&\s+|^\s*and\s+", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d)\.?", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(?:collaborations|teams|consortia)\b", re.IGNORECASE)
_BEHALF = re.compile(
    r"\s*\b(?:on behalf of|for)\s+(?:the\s+)?(?=.*\b(?:collaboration|team|consortium))", re.IGNORECASE
)
_ARTICLE = re.compile(r"^the\s+(?=.*\b(?:collaborations?|teams?|consorti))", re.IGNORECASE)
_OTHERS = re.compile(r"\s*\bet\.? al\.?$|^(?:others|and)$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def split(joined: str) -> tuple[str, ...]:
    """The names in a string of authors, in order, without affiliations; collaborations are authors."""
    # Cleaned before and after: these expressions are fast only where no two blanks stand together.
    bare = clean(_MARK.sub("", clean(_without_groups(clean(joined[:LIMIT].replace("~", " "))))))
    pieces: list[str] = []
    for piece in _pieces(bare):
        if pieces and _SUFFIX.fullmatch(piece):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
        if len(pieces) == MOST:
            break
    return tuple(pieces)


def name(forenames: str, keyname: str, suffix: str) -> tuple[str, ...]:
    """One author told in parts: one name, none where nothing in it is one, or somebody and those
    they write for.
    """
    return split(" ".join(part for part in (forenames, keyname, suffix) if part).replace(",", " "))


def turned(inverted: str) -> tuple[str, ...]:
    """`Luger, Rodrigo` or `Doe, Jane, Jr.` the way they are said."""
    family, _, rest = inverted.partition(",")
    given, _, suffix = rest.partition(",")
    return name(given, family, suffix)


def _without_groups(joined: str) -> str:
    for _ in range(DEEPEST):
        if "(" not in joined:
            break
        bare = _GROUP.sub(" ", joined)
        if bare == joined:
            break
        joined = bare
    return _UNCLOSED.sub(" ", joined).replace(")", " ")


def _pieces(joined: str) -> list[str]:
    found = []
    for piece in _split_names(joined)[: 4 * MOST]:
        for part in _BEHALF.split(piece[: 4 * NAME_LIMIT], maxsplit=1):
            person = _ARTICLE.sub("", _OTHERS.sub("", _spoken(part)))[:NAME_LIMIT].strip()
            if _LETTER.search(person):
                found.append(person)
    return found


def _split_names(joined: str) -> list[str]:
    """At every comma; at every "and", unless it joins what writes together."""
    if not _TOGETHER.search(joined):
        return _BETWEEN.split(joined)
    pieces = []
    for part in re.split(r"[,;]|:(?=\s|$)", joined):
        pieces += [part] if _TOGETHER.search(part) else _BETWEEN.split(part)
    return pieces


def _spoken(part: str) -> str:
    if "\\" in part:
        part = readable(clean(part))
    return clean(part.replace("{", "").replace("}", ""))
