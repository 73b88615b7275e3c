"""From what a person typed to something that can be looked for in a paper."""

from dataclasses import dataclass

from digest.relevance.text import words


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase to look for: as typed, and its folded words in order. No words: matches nothing."""

    text: str
    phrase: tuple[str, ...]

    @property
    def needle(self) -> str:
        return f" {' '.join(self.phrase)} "


def compile_keyword(text: str) -> Keyword:
    """Compile one term. Quotation marks around it are taken off; nothing is ever an error."""
    return Keyword(text=text, phrase=tuple(words(text)))
