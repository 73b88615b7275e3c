"""From what a person typed to something that can be looked for in a paper."""

from dataclasses import dataclass

from digest.relevance.text import joined, words


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase to look for: as typed, and its folded words in order. No words: matches nothing.

    `compound` is the phrase once more with hyphenated words in one, where that makes a difference:
    who types "pre-training" also means "pretraining".
    """

    text: str
    phrase: tuple[str, ...]
    compound: tuple[str, ...] = ()

    @property
    def needles(self) -> tuple[str, ...]:
        """What to find in a text of folded words that stand between blanks."""
        phrases = (self.phrase, self.compound) if self.compound else (self.phrase,)
        return tuple(f" {' '.join(phrase)} " for phrase in phrases)


def compile_keyword(text: str) -> Keyword:
    """Compile one term. Quotation marks around it are taken off; nothing is ever an error."""
    phrase, compound = tuple(words(text)), tuple(words(joined(text)))
    return Keyword(text=text, phrase=phrase, compound=compound if compound != phrase else ())
