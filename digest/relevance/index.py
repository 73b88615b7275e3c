"""A compact positional index of a set of papers, in which many keywords can be looked up.

All folded words of all papers stand in one array; each field of each paper is a segment of it, with a
gap between. A phrase is found by going through the places of its rarest word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from digest.relevance.folding import is_shouted, surfaces
from digest.relevance.keywords import Clause, Field, Keyword, Reading, Term, Word
from digest.relevance.lexicon import Lexicon
from digest.relevance.postings import NOWHERE, Builder, Postings, Wanted

Rows = NDArray[np.int32]
Marks = NDArray[np.uint8]
REMEMBERED, OVERHEAD = 2_000_000, 300
"""Hits that are kept for the next who asks, 6 bytes each; an answer itself counts as so many."""


class Place(StrEnum):
    """Where a keyword was found, best first."""

    TITLE = "title"
    AUTHORS = "authors"
    CATEGORIES = "categories"
    ORGANIZATION = "organization"
    ABSTRACT = "abstract"


PLACES = tuple(Place)
WEIGHT = {
    Place.TITLE: 3.0,
    Place.AUTHORS: 3.0,
    Place.CATEGORIES: 2.0,
    Place.ORGANIZATION: 2.0,
    Place.ABSTRACT: 1.0,
}
_TITLE, _AUTHORS, _CATEGORIES, _ORGANIZATION, _ABSTRACT = range(len(PLACES))
_PLACE_OF = {
    Field.AUTHOR: _AUTHORS,
    Field.CATEGORY: _CATEGORIES,
    Field.ORGANIZATION: _ORGANIZATION,
}


@dataclass(frozen=True, slots=True)
class Document:
    """What of a paper is looked at. `id` is the caller's."""

    id: int
    title: str
    abstract: str = ""
    authors: Sequence[str] = ()
    categories: Sequence[str] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """The papers that match: `rows` in the index, ascending; for each the best place, as its number in
    `PLACES`; and in which words it was found, as a number in `shown` (0: as typed).
    """

    rows: Rows
    places: Marks
    via: Marks
    shown: tuple[str, ...] = ("",)

    def __len__(self) -> int:
        return len(self.rows)


NO_HITS = Hits(np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.uint8))


class Index:
    """The words of a set of documents. `lexicon` is what they alone teach about their words."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self.lexicon = Lexicon()
        self.ids: list[int] = []
        self._defined: dict[str, dict[int, str]] = {}
        self._words: dict[str, int] = {"": 0}
        self._acronyms: dict[str, int] = {"": 0}
        self._found: dict[Keyword, Hits] = {}
        self._held = 0
        builder = Builder(self._words, self._acronyms)
        for document in documents:
            title, abstract = surfaces(document.title), surfaces(document.abstract)
            row = len(self.ids)
            builder.put(row, _TITLE, title, with_acronyms=not is_shouted(document.title))
            builder.put(row, _ABSTRACT, abstract, with_acronyms=not is_shouted(document.abstract))
            for place, texts in (
                (_AUTHORS, document.authors),
                (_CATEGORIES, document.categories),
                (_ORGANIZATION, [document.organization] if document.organization else []),
            ):
                for text in texts:
                    said = [surface for surface in surfaces(text) if surface]
                    if place == _AUTHORS:
                        builder.put_name(row, place, said)
                    else:
                        builder.put(row, place, said, with_acronyms=place == _ORGANIZATION)
            for one in self.lexicon.learn([(document.title, title), (document.abstract, abstract)]):
                self._defined.setdefault(one.acronym, {})[row] = one.key
            self.ids.append(document.id)
        self._settle(
            np.array(builder.stream, np.int32),
            np.array(builder.starts, np.int32),
            np.array(builder.rows, np.int32),
            np.array(builder.places, np.uint8),
            np.array(builder.capitals, np.int32).reshape(-1, 2),
        )

    @classmethod
    def merged(cls, indexes: Sequence["Index"]) -> "Index":
        """One index of all their documents, in their order, without reading their texts again."""
        one = cls()
        streams, starts, rows, places, capitals = [], [], [], [], []
        size = 0
        for index in indexes:
            words = np.array([one._words.setdefault(w, len(one._words)) for w in index._words], np.int32)
            names = np.array(
                [one._acronyms.setdefault(n, len(one._acronyms)) for n in index._acronyms], np.int32
            )
            offset = len(one.ids)
            streams.append(words[index._stream])
            starts.append(index._starts + size)
            rows.append(np.where(index._rows < 0, -1, index._rows + offset))
            places.append(index._places)
            at = np.flatnonzero(index._in_capitals).astype(np.int32)
            capitals.append(np.stack([at + size, names[index._in_capitals[at]]], axis=1))
            for name, defined in index._defined.items():
                one._defined.setdefault(name, {}).update({row + offset: key for row, key in defined.items()})
            one.lexicon.add(index.lexicon)
            one.ids += index.ids
            size += len(index._stream)
        if indexes:
            one._settle(*map(np.concatenate, (streams, starts, rows, places, capitals)))
        return one

    def _settle(
        self,
        stream: NDArray[np.int32],
        starts: NDArray[np.int32],
        rows: Rows,
        places: Marks,
        capitals: NDArray[np.int32],
    ) -> None:
        """Take what was read: words one after the other, where segments start, whose they are, and pairs
        of a position and the acronym that stands there.
        """
        self._stream, self._starts, self._rows, self._places = stream, starts, rows, places
        self.words = list(self._words)  # in the order of their numbers; the first is "", which stands nowhere
        self._postings = Postings(stream, len(self._words))
        self._capitals = Postings(capitals[:, 1], len(self._acronyms), capitals[:, 0])
        self._in_capitals = np.zeros(len(stream), np.int32)
        self._in_capitals[capitals[:, 0]] = capitals[:, 1]

    def stream_of(self, places: Iterable[Place]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All that is said in these places, in order: rows, and numbers of `words`."""
        wanted = np.isin(self._places, [PLACES.index(place) for place in places])
        lengths = np.diff(np.append(self._starts, len(self._stream)))
        rows = np.repeat(np.where(wanted, self._rows, -1), lengths)
        keep = (rows >= 0) & (self._stream > 0)
        return rows[keep].astype(np.int64), self._stream[keep].astype(np.int64)

    def forget(self) -> None:
        """Let go of the answers given so far."""
        self._found.clear()
        self._held = 0

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, keyword: Keyword) -> Hits:
        """The documents a keyword matches."""
        hits = self._found.get(keyword)
        if hits is None:
            hits = self._find(keyword)
            self._held += len(hits) + OVERHEAD
            if self._held > REMEMBERED:
                self.forget()
            self._found[keyword] = hits
        return hits

    def _find(self, keyword: Keyword) -> Hits:
        best = np.full(len(self.ids), NOWHERE, np.uint8)
        via = np.zeros(len(self.ids), np.uint8)
        shown = [""]
        for clause in keyword.clauses:
            self._meet(clause, best, via, shown)
        rows = np.flatnonzero(best < NOWHERE).astype(np.int32)
        return Hits(rows, best[rows], via[rows], tuple(shown)) if len(rows) else NO_HITS

    def _meet(self, clause: Clause, best: Marks, via: Marks, shown: list[str]) -> None:
        """Mark what a clause matches, where nothing better is marked yet."""
        found, words = self._look(clause.wanted[0], shown)
        for term in clause.wanted[1:]:
            other, _ = self._look(term, shown)
            found = np.where((found < NOWHERE) & (other < NOWHERE), np.minimum(found, other), NOWHERE)
        for term in clause.unwanted:
            found[self._look(term, [""])[0] < NOWHERE] = NOWHERE
        better = found < best
        best[better] = found[better]
        via[better] = words[better]

    def _look(self, term: Term, shown: list[str]) -> tuple[Marks, Marks]:
        """For each document the best place of a term, and in which words it was found there."""
        best = np.full(len(self.ids), NOWHERE, np.uint8)
        via = np.zeros(len(self.ids), np.uint8)

        def mark(rows: Rows, places: Marks, number: int) -> None:
            before = best[rows]
            np.minimum.at(best, rows, places)
            via[rows[best[rows] < before]] = number

        for reading in term.readings:
            if term.field == Field.AUTHOR:
                mark(*self._people(reading), 0)
                continue
            if reading.shown and reading.shown not in shown:
                shown.append(reading.shown)
            mark(*self._hits(reading, term), min(shown.index(reading.shown), 255))
        if term.name is not None:
            segments = self._names(term.name)
            mark(self._rows[segments], self._places[segments], 0)
        return best, via

    def _hits(self, reading: Reading, term: Term) -> tuple[Rows, Marks]:
        segments, at_start = self._segments(reading)
        places = self._places[segments]
        if (place := _PLACE_OF.get(term.field)) is not None:
            keep = places == place
            if term.field == Field.CATEGORY:
                keep &= at_start
        else:
            keep = places != _AUTHORS
        segments, places = segments[keep], places[keep]
        rows = self._rows[segments]
        if reading.short_for:
            defined = self._defined.get(next(word.text for word in reading.words if word.is_acronym), {})
            key = "".join(reading.short_for)
            others = [row for row, said in defined.items() if said != key]
            if others:
                keep = ~np.isin(rows, others)
                rows, places = rows[keep], places[keep]
        return rows, places

    def _names(self, reading: Reading) -> NDArray[np.intp]:
        """Segments of authors that hold these words one after the other."""
        segments, _ = self._segments(reading)
        found: NDArray[np.intp] = segments[self._places[segments] == _AUTHORS]
        return found

    def _segments(self, reading: Reading) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The segments that hold a reading, one for each place, and whether it stands at their beginning."""
        nothing = np.empty(0, np.intp), np.empty(0, np.bool_)
        places: list[Wanted] = []
        for offset, word in enumerate(reading.words):
            names, postings, stream = (
                (self._acronyms, self._capitals, self._in_capitals)
                if word.is_acronym
                else (self._words, self._postings, self._stream)
            )
            number = names.get(word.text)
            if not number:
                return nothing
            places.append(Wanted(offset, postings.of(number), stream, number))
        last = len(places) - 1
        found = []
        for gap in range(reading.gap + 1):
            moved = [replace(one, offset=one.offset + gap * (one.offset == last)) for one in places]
            rarest = min(moved, key=lambda one: len(one.at))
            at = rarest.at - rarest.offset
            at = at[(at >= 0) & (at + last + gap < len(self._stream))]
            for one in moved:
                if one is not rarest:
                    at = at[one.stream[at + one.offset] == one.number]
            if gap:  # not over the end of a sentence
                at = at[np.all([self._stream[at + last + n] for n in range(gap)], axis=0)]
            found.append(at)
        at = found[0] if len(found) == 1 else np.concatenate(found)
        segments = np.searchsorted(self._starts, at, "right") - 1
        return segments, self._starts[segments] == at

    def _people(self, reading: Reading) -> tuple[Rows, Marks]:
        """Authors by name: every word of it must be there, a first name also by its first letter.

        The last word is taken for the family name and must stand in full; where only initials are typed
        ("Y. LeCun"), they stand for the whole first name.
        """
        if all(len(word.text) == 1 for word in reading.words):  # Chinese, a sign a word, in their order
            segments = self._names(reading)
            return self._rows[segments], self._places[segments]
        *given, family = [word.text for word in reading.words]
        if len(family) == 1:  # "LeCun Y"
            given, family = [*given[1:], family], given[0]
        segments = np.unique(self._names(Reading((Word(family),))))
        if given:
            segments = np.array([s for s in segments if self._is_called(s, given, family)], np.intp)
        return self._rows[segments], self._places[segments]

    def _is_called(self, segment: int, given: list[str], family: str) -> bool:
        end = self._starts[segment + 1] if segment + 1 < len(self._starts) else len(self._stream)
        names = [self.words[int(code)] for code in self._stream[self._starts[segment] : end] if code]
        names.remove(family)
        for one in given:
            for name in names:
                if name == one or (1 in (len(name), len(one)) and name[0] == one[0]):
                    names.remove(name)
                    break
            else:
                return False
        return True
