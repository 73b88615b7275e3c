"""When are two records one paper? By the names they carry."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from digest.models import Identifier
from digest.sources.base import FoundPaper
from digest.sources.fields import ARXIV_DOI

Name = tuple[str, str]
"""A scheme of `Identifier` and a value in it."""

_MACRO = re.compile(r"\\[a-zA-Z]+")
_TOKEN = re.compile(r"[^\W_]+")
_FITS_URL = re.compile(r"[a-z0-9][a-z0-9._()/:;-]{0,298}[a-z0-9()]")


def names_of(found: FoundPaper) -> list[Name]:
    """The identifiers of a record, the most telling first."""
    names: list[Name] = []
    paper_id, paper_doi = found.arxiv_id, found.doi
    if paper_doi.startswith(ARXIV_DOI):  # the arXiv id once more, in another dress
        paper_id, paper_doi = paper_id or paper_doi.removeprefix(ARXIV_DOI), ""
    if paper_id:
        names.append((Identifier.Scheme.ARXIV.value, paper_id))
    if paper_doi:
        names.append((Identifier.Scheme.DOI.value, paper_doi))
    title = " ".join(_TOKEN.findall(_plain(_MACRO.sub(" ", found.title)))) or found.title
    key = hashlib.sha256(f"{title}|{_family_name(found.authors)}".encode()).hexdigest()[:32]
    names.append((Identifier.Scheme.TITLE.value, key))
    return names


def _plain(text: str) -> str:
    """Folded for a key that is stored: unlike the reading of LaTeX and the folding for keywords, which
    get better with time, this must never change.
    """
    return unicodedata.normalize("NFKC", text).casefold()


def _family_name(authors: Sequence[str]) -> str:
    """The first author's last word, or what stands before the comma of "Lovelace, Ada"."""
    if not authors:
        return ""
    name, comma, _ = authors[0].partition(",")
    found = _TOKEN.findall(_plain(name))
    return " ".join(found) if comma else "".join(found[-1:])


def same_work(one: tuple[str, Sequence[str]], other: tuple[str, Sequence[str]]) -> bool:
    """Might two titles with their authors be of one work: the first author's family name is the same, or
    half of the titles' longer words?
    """
    names = {_family_name(authors) for _, authors in (one, other)}
    if len(names) == 1 and names != {""}:
        return True
    plain = [_plain(_MACRO.sub(" ", title)) for title, _ in (one, other)]
    words = [{word for word in _TOKEN.findall(title) if len(word) > 3} for title in plain]
    return plain[0] == plain[1] or len(words[0] & words[1]) * 2 >= max(1, *map(len, words))


def public_id_of(name: Name) -> str:
    """A paper's name in URLs: the identifier itself, or a hash where that would not fit into one."""
    scheme, value = name
    if scheme == Identifier.Scheme.TITLE:
        return f"t-{value}"
    if _FITS_URL.fullmatch(value) and ".." not in value:
        return value
    return f"d-{hashlib.sha256(value.encode()).hexdigest()[:32]}"


STRONG = (Identifier.Scheme.ARXIV.value, Identifier.Scheme.DOI.value)
"""Names that are somebody's to give: sharing one proves that two papers are one."""
STRENGTH = [Identifier.Scheme.ARXIV.value, Identifier.Scheme.DOI.value, Identifier.Scheme.TITLE.value]


def contradicts(own: dict[str, str], names: set[Name], *, weaker: str) -> bool:
    """They share a name, but both carry a stronger one of the same kind, and these differ.

    Two parts of a work may give one DOI, and two papers one title: their arXiv ids tell them apart.
    """
    stronger = STRENGTH[: STRENGTH.index(weaker)]
    return any(scheme in stronger and own.get(scheme, value) != value for scheme, value in names)
