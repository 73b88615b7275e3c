"""arXiv's categories: one name for each, and what they are called elsewhere."""

import re
from collections.abc import Iterable

from digest.relevance.categories import ALIASES
from digest.sources.archives import ARCHIVES, OWN_GROUP

_LOWER = frozenset({"cond-mat", "physics"})
"""Archives whose subjects are words in lower case; everywhere else they are two capitals."""
_SUBJECT = re.compile(r"[A-Z]{2}|[a-z]{2,}(?:-[a-z]+)*")
MOST = 50


def canonical(name: str) -> str:
    """The one name of a category, however it was typed; what is none comes back trimmed."""
    archive, dot, subject = name.strip().partition(".")
    archive = archive.lower()
    if archive not in ARCHIVES:
        return name.strip()
    subject = subject.lower() if archive in _LOWER else subject.upper()
    code = f"{archive}{dot}{subject}"
    return ALIASES.get(code, code)


def is_category(name: str) -> bool:
    """Is it a category (`cs.CL`, `hep-th`), not a class of another scheme (`15A66`, `I.2.7`)?"""
    archive, dot, subject = name.partition(".")
    return archive in ARCHIVES and (not dot or bool(_SUBJECT.fullmatch(subject)))


def categories_in(names: Iterable[str]) -> tuple[str, ...]:
    """The categories among these names, each once under its one name, in their order."""
    found: dict[str, None] = {}
    for name in names:
        code = canonical(name)
        if is_category(code):
            found[code] = None
        if len(found) == MOST:
            break
    return tuple(found)


def oai_set(category: str) -> str:
    """What OAI-PMH calls a category: `cs:cs:CV`, `physics:cond-mat:str-el`, `physics:hep-th`."""
    archive, dot, subject = category.partition(".")
    group = archive if archive in OWN_GROUP else "physics"
    return f"{group}:{archive}:{subject}" if dot else f"{group}:{archive}"


def of_oai_set(name: str) -> str:
    """The category that a set of OAI-PMH is, as `oai_set` reversed; '' for a whole group (`math`)."""
    _, colon, rest = name.strip().partition(":")
    return canonical(rest.replace(":", ".", 1)) if colon else ""
