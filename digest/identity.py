"""When are two records one paper? By the names they carry."""

import hashlib
import re

from digest.models import Identifier
from digest.relevance.text import words
from digest.sources.base import FoundPaper

Name = tuple[str, str]
"""A scheme of `Identifier` and a value in it."""

ARXIV_DOI = "10.48550/arxiv."
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
    first_author = words(found.authors[0])[-1:] if found.authors else []
    folded = " ".join(words(found.title)) or found.title
    key = hashlib.sha256(f"{folded}|{' '.join(first_author)}".encode()).hexdigest()[:32]
    names.append((Identifier.Scheme.TITLE.value, key))
    return names


def public_id_of(name: Name) -> str:
    """A paper's name in URLs: the identifier itself, or a hash where that would not fit into one."""
    scheme, value = name
    if scheme == Identifier.Scheme.TITLE:
        return f"t-{value}"
    if _FITS_URL.fullmatch(value) and ".." not in value:
        return value
    return f"d-{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def contradicts(own: dict[str, str], names: set[Name]) -> bool:
    """Same title, but both carry a stronger name of the same kind, and these differ."""
    for scheme, value in names:
        if scheme != Identifier.Scheme.TITLE and own.get(scheme, value) != value:
            return True
    return False
