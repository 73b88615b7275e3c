"""From what a person typed to something that can be looked for in a paper.

    diffusion model                 the words in this order, whatever their case, plural and hyphens
    "diffusion model"               just these words: no acronym, no other spelling
    RAG                             the acronym, and what it stands for in the papers at hand
    flow matching OR diffusion      one or the other
    diffusion -medical              without the other
    diffusion AND protein           both, wherever they stand
    author:LeCun  cat:cs.CL  org:DeepMind

What does not make sense as that is taken literally; nothing is an error.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from digest.relevance.categories import names_of
from digest.relevance.folding import acronym, fold, fold_name, joined, surfaces
from digest.relevance.lexicon import NOTHING_LEARNED, Lexicon, Phrase

GAP = 2
"""Words that may stand before the noun of "X of Y": they only tell which Y."""
MOST_READINGS = 24
"""Ways to read one term: every hyphen and acronym in it doubles them."""
SHORT = 4
"""Letters up to which a single word is not looked for among authors: Gan, Sam and Moe are names, too."""
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
_CATEGORY = re.compile(
    r"(?:cs|math|stat|eess|econ|q-bio|q-fin|physics|astro-ph|cond-mat|nlin)\.[a-z-]{2,}"
    r"|hep-(?:ex|lat|ph|th)|nucl-(?:ex|th)|quant-ph|astro-ph|math-ph|gr-qc|cond-mat",
    re.IGNORECASE,
)
"""A category of arXiv's, typed as a keyword. Others may look like one: node.js."""
_GROUPED = re.compile(r"\(.*\b(?:OR|AND|NOT)\b.*\)|(?:\b(?:OR|AND|NOT)|\|)\s*\(")
_TOKEN = re.compile(
    r'(?<!\S)(?P<no>-)?(?:(?P<field>author|au|category|cat|org):\s*)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))'
    r"|(?P<rest>\S+)",
    re.IGNORECASE,
)


class Field(StrEnum):
    """Where a term is looked for."""

    ANY = "any"
    AUTHOR = "author"
    CATEGORY = "category"
    ORGANIZATION = "organization"


_FIELDS = {
    "author": Field.AUTHOR,
    "au": Field.AUTHOR,
    "category": Field.CATEGORY,
    "cat": Field.CATEGORY,
    "org": Field.ORGANIZATION,
}


@dataclass(frozen=True, slots=True)
class Word:
    """One place of a reading: a folded word, or an acronym in its own letters."""

    text: str
    is_acronym: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Words to find one after the other.

    `shown` says in words what was found, where that is not what was typed; `short_for` is the long form
    that an acronym was taken for: papers that define it as something else are not meant. `gap` is how many
    words may stand before the last one: a mixture of diffusion experts is a mixture of experts.
    """

    words: tuple[Word, ...]
    shown: str = ""
    short_for: Phrase = ()
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """Something to find in one field, in one of several readings."""

    field: Field
    readings: tuple[Reading, ...]
    name: Reading | None = None
    """For a term of no field that may be a name: how it is looked for among authors."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A paper matches if it has all of these terms and none of those."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyword:
    """As typed, and the clauses of which one must match. No clauses: it matches nothing."""

    text: str
    clauses: tuple[Clause, ...] = ()

    @property
    def meant(self) -> str:
        """Its words, with an acronym spelt out, to look for what is near to it in meaning; "" for a query
        of several terms, a field or a quotation: who types that wants just that.
        """
        if len(self.clauses) != 1 or len(self.clauses[0].wanted) != 1 or self.clauses[0].unwanted:
            return ""
        [term] = self.clauses[0].wanted
        if term.field != Field.ANY or '"' in self.text.translate(_QUOTES):
            return ""
        return next((one.shown for one in term.readings if one.shown and not one.short_for), self.text)


def compile_keyword(text: str, lexicon: Lexicon = NOTHING_LEARNED) -> Keyword:
    """Compile one keyword. The lexicon tells its acronyms and compounds; nothing is ever an error."""
    clauses = _parsed(text.translate(_QUOTES), lexicon)
    if clauses is None:  # no sense in it: literally, then
        term = _term(_Group([text.replace('"', " ")]), lexicon)
        clauses = [Clause((term,))] if term else []
    return Keyword(text, tuple(clauses))


@dataclass(slots=True)
class _Group:
    """A term as typed."""

    said: list[str]
    field: Field = Field.ANY
    quoted: bool = False
    unwanted: bool = False

    @property
    def is_open(self) -> bool:
        """Does a bare word that follows belong to it? A category is one word, and so is what is unwanted."""
        return not (self.quoted or self.unwanted or self.field == Field.CATEGORY)


def _parsed(text: str, lexicon: Lexicon) -> list[Clause] | None:
    """None where it makes no sense as a query."""
    if text.count('"') % 2 or _GROUPED.search(text):
        return None  # brackets promise an order of operators that there is not
    clauses: list[Clause] = []
    for groups in _alternatives(text):
        terms = [(group.unwanted, _term(group, lexicon)) for group in groups]
        if any(term is None for _, term in terms):
            return None
        wanted = tuple(term for unwanted, term in terms if term and not unwanted)
        if not wanted:
            return None
        clauses.append(Clause(wanted, tuple(term for unwanted, term in terms if term and unwanted)))
    return clauses


def _alternatives(text: str) -> list[list[_Group]]:
    """The groups between the ORs."""
    parts: list[list[_Group]] = [[]]
    may_go_on, negated = False, False
    for token in _TOKEN.finditer(text):
        groups, bare = parts[-1], token["bare"] or token["rest"]
        named = token["field"]
        if bare in ("OR", "|") and not named and not token["no"]:
            parts.append([])
            may_go_on = negated = False
        elif bare in ("AND", "NOT") and not named and not token["no"]:
            may_go_on, negated = False, bare == "NOT"
        elif bare and not named and not token["no"] and may_go_on and groups and groups[-1].is_open:
            groups[-1].said.append(bare)
        else:
            group = _Group(
                said=[bare or token["quoted"] or ""],
                field=_FIELDS[named.lower()] if named else Field.ANY,
                quoted=bare is None,
                unwanted=bool(token["no"]) or negated,
            )
            groups.append(group)
            may_go_on, negated = True, False
    return parts


def _term(group: _Group, lexicon: Lexicon) -> Term | None:
    """None where nothing is left of it that could be found."""
    text, field = " ".join(group.said).strip(), group.field
    found = [surface for surface in surfaces(text) if surface]
    if not found:
        return None
    if field == Field.ANY and not group.quoted and _CATEGORY.fullmatch(text):
        field = Field.CATEGORY
    if field == Field.CATEGORY:
        return Term(field, tuple(Reading(_plain(surfaces(name))) for name in names_of(text)))
    if field == Field.AUTHOR:
        return Term(field, (_name(found),))
    if field != Field.ANY:
        return Term(field, (Reading(_plain(found)),))
    known = NOTHING_LEARNED if group.quoted else lexicon
    readings = tuple(dict.fromkeys(_readings(text, found, known)))[:MOST_READINGS]
    if group.quoted:  # just these words
        readings = tuple(replace(reading, gap=0) for reading in readings)
    alone = len(found) == 1 and (len(found[0]) <= SHORT or bool(acronym(found[0])))
    return Term(field, readings, None if alone else _name(found))


def _name(found: Iterable[str]) -> Reading:
    return Reading(tuple(Word(fold_name(surface)) for surface in found if surface))


def _plain(found: Iterable[str]) -> tuple[Word, ...]:
    return tuple(Word(fold(surface)) for surface in found if surface)


def _readings(text: str, found: Sequence[str], lexicon: Lexicon) -> Iterable[Reading]:
    """As typed first, then with other hyphens, then with acronyms for their long forms and the reverse."""
    shouted = len(found) > 1 and all(surface.isupper() for surface in found) and len("".join(found)) > 10
    own = tuple(_word(surface, lexicon, shouted=shouted) for surface in found)
    gap = GAP if len(own) == 3 and own[1].text == "of" else 0
    yield Reading(own, gap=gap)
    for spelled in _spellings(own, lexicon):
        yield Reading(spelled)
    one_word = tuple(fold(surface) for surface in surfaces(joined(text)) if surface)
    if len(one_word) < len(own):
        yield Reading(tuple(map(Word, one_word)))
    yield from _with_acronyms(own, lexicon)


def _with_acronyms(own: tuple[Word, ...], lexicon: Lexicon) -> Iterable[Reading]:
    """With an acronym as papers write it, with what it stands for, and with one in the place of its words."""
    for at, word in enumerate(own):
        before, after = own[:at], own[at + 1 :]
        name = lexicon.acronym_for(word.text)
        if word.is_acronym:
            name = word.text
            if word.text.isupper() and (usual := lexicon.usual(word.text)):
                yield Reading((*before, Word(usual, is_acronym=True), *after), usual)
                name = usual
        if name and (phrase := lexicon.long_form(name)):
            for spelled in _spellings(tuple(map(Word, phrase)), lexicon):
                yield Reading((*before, *spelled, *after), " ".join(phrase))
    for length in range(len(own), 1, -1):
        for at in range(len(own) - length + 1):
            phrase = tuple(word.text for word in own[at : at + length])
            if short := lexicon.short_form(phrase):
                words = (*own[:at], Word(short, is_acronym=True), *own[at + length :])
                yield Reading(words, short, short_for=phrase)


def _word(surface: str, lexicon: Lexicon, *, shouted: bool) -> Word:
    name = "" if shouted else acronym(surface)
    if name and not lexicon.is_only_everyday(name):
        return Word(name, is_acronym=True)
    return Word(fold(surface))


def _spellings(own: tuple[Word, ...], lexicon: Lexicon) -> Iterable[tuple[Word, ...]]:
    """The same words with each compound in one word or in its parts, as papers were seen to spell it."""
    options: list[tuple[tuple[Word, ...], ...]] = []
    at = 0
    while at < len(own):
        choices: list[tuple[Word, ...]] = [(own[at],)]
        step = 1
        text, numbered = own[at].text, any(map(str.isdigit, own[at].text))  # GPT4 is GPT-4
        if (numbered or not own[at].is_acronym) and (parts := lexicon.parts.get(fold(text))):
            choices.append(tuple(map(Word, parts)))
        for length in (3, 2):
            some = own[at : at + length]
            if len(some) == length and not any(word.is_acronym for word in some):
                together = "".join(word.text for word in some)
                if together in lexicon.parts:
                    choices = [some, (Word(together),)]
                    step = length
                    break
        options.append(tuple(choices))
        at += step
    for chosen in list(product(*options[:4]))[:MOST_READINGS]:
        rest = tuple(word for choices in options[4:] for word in choices[0])
        yield (*(word for part in chosen for word in part), *rest)
