"""When are two records one paper? By the names they carry."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from digest.models import Identifier
from digest.sources.base import FoundPaper
from digest.sources.fields import ARXIV_DOI, arxiv_id

Name = tuple[str, str]
"""A scheme of `Identifier` and a value in it."""
Titled = tuple[str, Sequence[str]]
"""A title and its authors."""

_MACRO = re.compile(r"\\([a-zA-Z]+)")
_LOOKS = """
    bf bm boldsymbol boldmath emph ensuremath it left mathbb mathbf mathcal mathit mathrm mathsf mathtt mbox
    operatorname right rm sc sf text textbf textit textrm textsc textsf textsl texttt textup tt uppercase
    """
_STYLES = frozenset(_LOOKS.split())
"""Macros that say how a word looks: one source has them, another not."""
_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon
    phi chi psi omega
    """
_GREEK = {
    ord(letter): f" {name} "
    for letter, name in zip("αβγδεζηθικλμνξοπρστυφχψω", _LETTERS.split(), strict=True)
}
_TOKEN = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"[^\W_]+|[+#*]")
"""A word, or a sign that makes another of it: C, C++ and C#."""
_COMMON = """
    about across based between beyond does from into over that their this through toward towards under using
    what when where with within without your
    """
_SAYS_NOTHING = frozenset(_COMMON.split())
"""Words that say nothing of what a paper is on."""
_FITS_URL = re.compile(r"[a-z0-9][a-z0-9._()/:;-]{0,298}[a-z0-9()]")


def names_of(found: FoundPaper) -> list[Name]:
    """The identifiers of a record, the most telling first."""
    names: list[Name] = []
    paper_id, paper_doi = found.arxiv_id, found.doi
    if paper_doi.startswith(ARXIV_DOI) and (same := arxiv_id(paper_doi.removeprefix(ARXIV_DOI))[0]):
        paper_id, paper_doi = paper_id or same, ""  # the arXiv id once more, in another dress
    if paper_id:
        names.append((Identifier.Scheme.ARXIV.value, paper_id))
    if paper_doi:
        names.append((Identifier.Scheme.DOI.value, paper_doi))
    title = " ".join(_SIGN.findall(_said(found.title))) or found.title
    key = hashlib.sha256(f"{title}|{_family_name(found.authors)}".encode()).hexdigest()[:32]
    names.append((Identifier.Scheme.TITLE.value, key))
    return names


def _plain(text: str) -> str:
    """Folded for a key that is stored: unlike the reading of LaTeX and the folding for keywords, which
    get better with time, this must never change.
    """
    return unicodedata.normalize("NFKC", text).casefold()


def _said(title: str) -> str:
    r"""A title, folded, with `\rho` and `ρ` as the word they are. Never to change, either."""
    bare = _MACRO.sub(lambda macro: " " if macro[1] in _STYLES else f" {macro[1]} ", title)
    return _plain(bare).translate(_GREEK)


def _family_name(authors: Sequence[str]) -> str:
    """The first author's last word, or what stands before the comma of "Lovelace, Ada"."""
    if not authors:
        return ""
    name, comma, _ = authors[0].partition(",")
    found = _TOKEN.findall(_plain(name))
    return " ".join(found) if comma else "".join(found[-1:])


def same_work(one: Titled, other: Titled) -> bool:
    """Might two titles with their authors be of one work: they share half of their longer words, or one of
    them and the first author's family name? Millions are called Wang, so the name alone does not do.
    """
    names = {_family_name(authors) for _, authors in (one, other)}
    said = [" ".join(_SIGN.findall(_said(title))) for title, _ in (one, other)]
    words = [{word for word in title.split() if len(word) > 3} - _SAYS_NOTHING for title in said]
    shared = len(words[0] & words[1])
    if len(names) == 1 and names != {""} and (shared or not all(words)):
        return True
    return said[0] == said[1] or shared * 2 >= max(1, *map(len, words))


def may_share_doi(
    names: Iterable[Name], titles: Iterable[Titled], its_names: Iterable[Name], its_title: Titled
) -> bool:
    """Are a record, of any of these titles, and a row one work, because they share a DOI? Authors type the
    DOI of their arXiv record themselves, and some type another work's: where one side alone is arXiv's, the
    titles have their say.
    """
    of_arxiv = [Identifier.Scheme.ARXIV in {scheme for scheme, _ in some} for some in (names, its_names)]
    return of_arxiv[0] == of_arxiv[1] or any(same_work(title, its_title) for title in titles)


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
