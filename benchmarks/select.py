"""How fast papers are chosen for many people: `python benchmarks/select.py [--json]`, JSON out.

Everybody follows 5 keywords, drawn by Zipf's law from 20,000 phrases of one to three words that the papers
really hold, and gets the top 10 of 1,000 papers. What is measured is `Chooser.choose`: the points of all
keywords are looked up before (`keywords_seconds`), the reasons are told later, one digest at a time.

`us_per_subscriber`: median over the runs, of the whole number of subscribers. `flat`: the same for a
hundredth of them, by which it must not grow. `peak_mb`: of the process, indexes, table and answers
included. `plain_us_per_subscriber`: a plain Python loop over posting lists, on a sample, in the same run.
`find_microseconds`: one keyword looked up in the index, median of 2,000.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import gzip
import heapq
import json
import random
import resource
import statistics
import time
from collections import Counter
from itertools import islice

import numpy as np

from digest.relevance.folding import words
from digest.relevance.index import Document, Index
from digest.relevance.keywords import Keyword, compile_keyword
from digest.relevance.selection import Chooser
from digest.relevance.wishes import Candidate, Wishes

KEYWORDS = 20_000
EACH = 5
SIZE = 10
RUNS = 3
SAMPLE = 2_000
SEED = 20260101


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=1_000_000)
    parser.add_argument("--papers", type=int, default=1_000)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    print(json.dumps(measure(options.data, options.subscribers, options.papers)))


def measure(data: Path, subscribers: int, papers: int) -> dict[str, object]:
    documents = list(islice(recorded(data) if data.is_dir() else made_up(), papers))
    begun = time.perf_counter()
    index = Index(documents)
    index_seconds = time.perf_counter() - begun
    keywords = [compile_keyword(phrase, index.lexicon) for phrase in phrases(documents)]
    draw = np.random.default_rng(SEED)
    candidates = [Candidate(document.id, float(draw.gamma(1, 40))) for document in documents]
    candidates.sort(key=lambda candidate: -candidate.score)
    chooser = Chooser(candidates, [index])
    begun = time.perf_counter()
    numbers = np.array([chooser._points.number(keyword) for keyword in keywords], np.int32)
    keywords_seconds = time.perf_counter() - begun

    weights = 1 / np.arange(1, len(numbers) + 1)
    drawn = draw.choice(len(numbers), size=(subscribers, EACH), p=weights / weights.sum())
    followed = numbers[drawn]
    few = max(1, subscribers // 100)

    def seconds(rows: int) -> float:
        wishes = Wishes(followed[:rows], np.full(rows, SIZE, np.int32), np.zeros(rows, bool))
        begun = time.perf_counter()
        choice = chooser.choose(wishes)
        spent = time.perf_counter() - begun
        assert len(choice.positions) == rows
        return spent

    seconds(few)  # warm
    whole = statistics.median(seconds(subscribers) for _ in range(RUNS))
    part = statistics.median(seconds(few) for _ in range(RUNS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = min(SAMPLE, subscribers)
    return {
        "us_per_subscriber": round(1e6 * whole / subscribers, 2),
        "flat": {"subscribers": few, "us_per_subscriber": round(1e6 * part / few, 2)},
        "plain_us_per_subscriber": round(1e6 * plain(chooser, keywords, drawn[:rows], index) / rows, 1),
        "peak_mb": round(peak, 1),
        "index_seconds": round(index_seconds, 3),
        "keywords_seconds": round(keywords_seconds, 3),
        "find_microseconds": round(find_microseconds(index, keywords), 1),
        "subscribers": subscribers,
        "papers": len(documents),
        "keywords": len(keywords),
        "hits_per_subscriber": round(float((chooser._points.table[followed[:rows]] > 0).sum() / rows), 1),
    }


def plain(chooser: Chooser, keywords: list[Keyword], drawn: np.ndarray, index: Index) -> float:
    """The same choice by dictionaries and a heap. Returns seconds."""
    points = {
        n: {
            int(at): int(chooser._points.table[number][at])
            for at in np.flatnonzero(chooser._points.table[number])
        }
        for n in {int(one) for row in drawn for one in row}
        if (number := chooser._points.number(keywords[n]))
    }
    begun = time.perf_counter()
    for row in drawn:
        sums: dict[int, int] = {}
        for n in row:
            for at, worth in points[int(n)].items():
                sums[at] = sums.get(at, 0) + worth
        heapq.nlargest(SIZE, sums.items(), key=lambda pair: (pair[1], -pair[0]))
    return time.perf_counter() - begun


def find_microseconds(index: Index, keywords: list[Keyword]) -> float:
    fresh = random.Random(SEED).sample(keywords, min(2_000, len(keywords)))
    index._found.clear()
    times = []
    for keyword in fresh:
        begun = time.perf_counter()
        index.find(keyword)
        times.append(time.perf_counter() - begun)
    return 1e6 * statistics.median(times)


def recorded(data: Path) -> "list[Document]":
    with gzip.open(data / "arxiv_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = (json.loads(line) for line in lines)
        return [
            Document(n, one["title"], one["abstract"], one["authors"], one["categories"])
            for n, one in enumerate(islice(records, 20_000))
        ]


def made_up() -> "list[Document]":
    draw = random.Random(SEED)
    vocabulary = [f"word{n}" for n in range(20_000)]
    odds = [1 / n for n in range(1, len(vocabulary) + 1)]
    return [
        Document(
            n, " ".join(draw.choices(vocabulary, odds, k=10)), " ".join(draw.choices(vocabulary, odds, k=180))
        )
        for n in range(20_000)
    ]


def phrases(documents: list[Document]) -> list[str]:
    """Phrases of one to three words, the commonest first, without those in over 15 % of the papers."""
    count: Counter[str] = Counter()
    for document in documents:
        said = words(f"{document.title} {document.abstract}")
        count.update({" ".join(said[at : at + n]) for n in (1, 2, 3) for at in range(len(said) - n + 1)})
    fit = [phrase for phrase, papers in count.most_common() if papers <= 0.15 * len(documents)]
    return fit[:KEYWORDS]


if __name__ == "__main__":
    main()
