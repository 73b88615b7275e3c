"""What a set of papers teaches about its words: which acronyms stand for what, which words are compounds.

Acronyms are learned where a paper defines them, "retrieval-augmented generation (RAG)", by the method
of Schwartz and Hearst (A simple algorithm for identifying abbreviation definitions in biomedical text,
PSB 2003): from the last letter backwards, each letter of the short form in the long one, the first at
the beginning of a word.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from digest.relevance.folding import acronym, compounds, fold, is_shouted, surfaces, words

MOST_WORDS = 8
"""Words of a long form."""
BEFORE = 160
"""Letters before a bracket in which a long form is looked for."""
SUPPORT = 2
"""Papers that must define an acronym so before it is believed."""
SHARE = 0.5
"""Of the papers that define an acronym: from which share a long form stands for it."""
COMMON, OFTEN = 3, 0.05
"""Papers in which a word must stand in small letters to be a word of every day, and their share of those
that have it in capitals."""
_KNOWN = """
    AI artificial intelligence | BERT bidirectional encoder representations from transformers
    CLIP contrastive language image pretraining | CNN convolutional neural network | CV computer vision
    DPO direct preference optimization | GAN generative adversarial network | GNN graph neural network
    GPU graphics processing unit | GRPO group relative policy optimization | KG knowledge graph
    LLM large language model | LoRA low rank adaptation | MCTS monte carlo tree search
    ML machine learning | MLLM multimodal large language model | MoE mixture of experts
    NeRF neural radiance field | NLP natural language processing | OCR optical character recognition
    PPO proximal policy optimization | RAG retrieval augmented generation | RL reinforcement learning
    RLHF reinforcement learning from human feedback | RNN recurrent neural network
    SAM segment anything model | SFT supervised fine tuning | SSM state space model | TTS text to speech
    VAE variational autoencoder | ViT vision transformer | VLA vision language action
    VLM vision language model | VQA visual question answering
"""
_BRACKETED = re.compile(r"\(([^()]{2,90})\)")
_FIRST_PART = re.compile(r"[,;]")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One acronym and what it was said to stand for, folded."""

    acronym: str
    long_form: Phrase

    @property
    def key(self) -> str:
        """Equal for two spellings of one long form: "pre-training" and "pretraining"."""
        return "".join(self.long_form)


@dataclass(slots=True)
class Lexicon:
    """Counts over papers; two lexicons of different papers can be added."""

    papers: int = 0
    long_forms: dict[str, Counter[Phrase]] = field(default_factory=lambda: defaultdict(Counter))
    parts: dict[str, Phrase] = field(default_factory=dict)
    """A compound in one word to its parts, where it was seen with a hyphen."""
    in_capitals: Counter[str] = field(default_factory=Counter)
    """Papers with this acronym, by its own spelling."""
    in_small: Counter[str] = field(default_factory=Counter)
    """Papers that have a word in small letters whose capitals are an acronym somewhere."""
    knows: bool = True
    """Whether what everybody knows (`KNOWN`) counts beside what papers say."""
    _short: dict[str, str] | None = None
    _by_fold: dict[str, str] | None = None

    def learn(self, texts: Iterable[tuple[str, Collection[str]]]) -> tuple[Definition, ...]:
        """Take one paper in: its texts, each with its surfaces. Returns what it defines."""
        self.papers += 1
        self._short = self._by_fold = None
        found: dict[str, Definition] = {}
        seen: set[str] = set()
        for text, said in texts:
            for phrase in compounds(text):
                if 2 <= len(phrase) <= 3:
                    self.parts["".join(phrase)] = phrase
            if is_shouted(text):
                continue
            seen.update(said)
            for one in definitions(text):
                found.setdefault(one.acronym, one)
        for one in found.values():
            self.long_forms[one.acronym][one.long_form] += 1
        small = {surface for surface in seen if surface.islower()}
        self.in_small.update(small)
        self.in_capitals.update({name for surface in seen - small if (name := acronym(surface))})
        return tuple(found.values())

    def add(self, other: "Lexicon") -> None:
        """Take in what was learned of other papers."""
        self.papers += other.papers
        self._short = self._by_fold = None
        for name, forms in other.long_forms.items():
            self.long_forms[name].update(forms)
        self.parts.update(other.parts)
        self.in_capitals.update(other.in_capitals)
        self.in_small.update(other.in_small)

    def long_form(self, name: str) -> Phrase | None:
        """What an acronym stands for in these papers; None where they do not agree, or too few say."""
        forms = Counter(self.long_forms.get(name, {}))
        if self.knows and (known := KNOWN.get(name)) is not None:
            forms[known] += SUPPORT
        if not forms:
            return None
        by_key: Counter[str] = Counter()
        for phrase, count in forms.items():
            by_key["".join(phrase)] += count
        key, count = by_key.most_common(1)[0]
        if count < SUPPORT or count < SHARE * by_key.total():
            return None
        return max((phrase for phrase in forms if "".join(phrase) == key), key=lambda one: (forms[one], one))

    def short_form(self, phrase: Phrase) -> str | None:
        """The acronym that stands for a phrase, if it stands for nothing else as often."""
        if self._short is None:
            self._short = {}
            names = self.long_forms.keys() | (KNOWN.keys() if self.knows else set())
            for name in sorted(names, key=lambda name: (self._told(name), name)):
                if (form := self.long_form(name)) is not None:
                    self._short["".join(form)] = name
        return self._short.get("".join(phrase))

    def acronym_for(self, word: str) -> str | None:
        """The acronym that a folded word hardly ever is anything but: "llm" is LLM, "clip" is not CLIP."""
        name = self._spelling(word)
        if name is None or 4 * self.in_small[word] > self.in_capitals[name]:
            return None
        return name

    def usual(self, name: str) -> str | None:
        """How papers mostly write an acronym that was typed in capitals only: LORA is LoRA; None if so."""
        usual = self._spelling(fold(name))
        if usual is None or usual == name or self.in_capitals[usual] <= 2 * self.in_capitals[name]:
            return None
        return usual

    def is_everyday(self, name: str) -> bool:
        """Is an acronym also a word that papers use in small letters: CLIP, RAG?"""
        return self.in_small[name.lower()] >= max(COMMON, OFTEN * self.in_capitals[name])

    def everyday_acronym(self, typed: str) -> str | None:
        """The acronym a word typed in small letters may be meant for, where it is an everyday word, too."""
        name = self._spelling(fold(typed)) if typed.islower() and typed.isalnum() else None
        return name if name and name.lower() == typed and self.is_everyday(name) else None

    def is_only_everyday(self, name: str) -> bool:
        """Is it no acronym in these papers, but a word, typed in capitals?"""
        return not self.in_capitals[name] and self.is_everyday(name) and len(name) >= 4

    def _told(self, name: str) -> int:
        forms = self.long_forms.get(name)
        return forms.total() if forms else 0

    def _spelling(self, word: str) -> str | None:
        if self._by_fold is None:
            self._by_fold = {}
            for name, count in sorted(self.in_capitals.items(), key=lambda pair: pair[1]):
                if count >= SUPPORT:
                    self._by_fold[fold(name)] = name
        return self._by_fold.get(word)


def _known() -> dict[str, Phrase]:
    entries = (entry.split() for line in _KNOWN.split("\n") for entry in line.split("|") if entry.strip())
    return {name: tuple(map(fold, phrase)) for name, *phrase in entries}


KNOWN = _known()
"""What hardly any paper of these fields spells out any more. Each counts as `SUPPORT` papers that define it
so: more that say otherwise outvote it, and two that were written to mislead do not."""
NOTHING_LEARNED = Lexicon(knows=False)
"""For whoever has no papers yet. Never learn into it."""


def learn(texts: Iterable[tuple[str, str]]) -> Lexicon:
    """A lexicon of these titles and abstracts."""
    lexicon = Lexicon()
    for title, abstract in texts:
        lexicon.learn([(title, surfaces(title)), (abstract, surfaces(abstract))])
    return lexicon


def definitions(text: str) -> Iterator[Definition]:
    """The acronyms a text defines, as "long form (ACRO)" or "ACRO (long form)"."""
    for found in _BRACKETED.finditer(text):
        before = text[max(0, found.start() - BEFORE) : found.start()]
        inside = _FIRST_PART.split(found[1])[0].strip()
        inner = surfaces(inside)
        if len(inner) == 1 and (name := acronym(inner[0])):
            if (phrase := _long_form(name, before)) is not None:
                yield Definition(name, phrase)
        elif 1 < len(inner) <= MOST_WORDS:
            last = before.rstrip().rpartition(" ")[2]
            said = surfaces(last)
            if len(said) == 1 and (name := acronym(said[0])):
                phrase = _long_form(name, inside)
                if phrase is not None and len(phrase) == len(words(inside)):
                    yield Definition(name, phrase)


def _long_form(name: str, before: str) -> Phrase | None:
    """The last words of `before` that the letters of `name` are taken from; None if they are not."""
    before = before.rstrip()
    letters = [char.lower() for char in name if char.isalnum()]
    at = len(before)
    for n in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and not (
            before[at].lower() == letters[n] and (n or at == 0 or not before[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return None
    long_form = before[at:]
    found = surfaces(long_form)
    phrase = tuple(fold(surface) for surface in found if surface)
    if not 2 <= len(phrase) <= min(MOST_WORDS, len(letters) + 5, 2 * len(letters)):
        return None
    return None if name in found or len(phrase) != len(found) else phrase
