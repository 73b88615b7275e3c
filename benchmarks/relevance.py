"""How good relevance is: `python benchmarks/relevance.py [--data DIR] [--json]`.

Against recorded judgments and papers in DIR (`../shared/data`, or another folder of the same layout; what
is missing there is left out). Each figure stands beside a plain baseline, computed in the same run from the
same texts: TF-IDF (words in lower case, counts times smoothed idf, cosine) and BM25 (k1 1.2, b 0.75).

- csfcube: papers re-ranked by example within the judged pool, NDCG over the first 20 % of it, as CSFCube's
  own script counts it (Mysore et al.: CSFCube, NeurIPS 2021).
- reviewer: pairs of papers one reviewer rated differently, in the right order by nearness to that reviewer's
  own papers (Stelmakh et al.: A gold standard dataset for the reviewer assignment problem, 2023).
- dorismae: is the best abstract for a need told in a paragraph among the first ten of all at hand
  (Wang et al.: DORIS-MAE, NeurIPS 2023), with up to 15,000 arXiv abstracts as distractors.
- seed: a search for "cross-encoder" over 99 papers of one results page, mixed into the daily papers: how
  many of the 99 are among the first 10, 99 and 300.
- acronyms: of the arXiv papers a keyword finds, the share that hold the acronym as such (its letters, an s)
  or what it stands for; and how many times as many papers as a search for whole words finds.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import gzip
import json
import math
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from digest.relevance import semantic
from digest.relevance.index import Document, Index
from digest.relevance.keywords import compile_keyword
from digest.relevance.search import Search
from digest.relevance.similarity import Similarity

DISTRACTORS = 15_000
QUERY = "cross-encoder"
ACRONYMS = {
    "RAG": r"RAGs?|retrieval[\s-]+augmented[\s-]+generations?",
    "SAM": r"SAMs?|segment[\s-]+anything[\s-]+models?",
    "ViT": r"ViTs?|vision[\s-]+transformers?",
    "GAN": r"GANs?|generative[\s-]+adversarial[\s-]+net(?:work)?s?",
    "MoE": r"MoEs?|mixtures?[\s-]+of[\s-]+(?:\w+[\s-]+){0,2}experts?",
    "LoRA": r"LoRAs?|low[\s-]+rank[\s-]+adapt\w+",
    "CLIP": r"CLIPs?|contrastive[\s-]+language[\s-]+image[\s-]+pre-?training",
    "BERT": r"BERTs?|bidirectional[\s-]+encoder[\s-]+representations?[\s-]+from[\s-]+transformers?",
}
"""What a paper must hold for a hit to count as right: the acronym in its own letters, or its long form."""
WIDENED = ("LLM", "vision-language model", "mixture of experts", "cross-encoder")
SAMPLE = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--json", action="store_true", help="one JSON object, no table")
    parser.add_argument("--sample", action="store_true", help="list a sample of what keywords find, to judge")
    options = parser.parse_args()
    figures: dict[str, Any] = {"semantic": semantic.is_installed()}
    for measure in (csfcube, reviewers, dorismae, seed, acronyms):
        try:
            figures |= measure(options.data)
        except FileNotFoundError as error:
            print(f"left out {measure.__name__}: {error.filename} is not there", file=sys.stderr)
    if options.sample:
        show_sample(options.data)
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)


def csfcube(data: Path) -> dict[str, Any]:
    folder = data / "relevance" / "csfcube"
    documents = lines(folder / "docs.jsonl.gz")
    queries = lines(folder / "queries.jsonl.gz")
    pools: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for query, document, grade in table(folder / "qrels.tsv.gz"):
        pools[query].append((document, int(grade)))
    row = {one["doc_id"]: n for n, one in enumerate(documents)}
    ours = similarity_of(documents)
    plain = Plain([text_of(one) for one in documents])

    def ndcg(near: Callable[[dict[str, Any]], np.ndarray]) -> float:
        found = []
        for query in queries:
            scores = near(query)
            pool = [(one, grade) for one, grade in pools[query["qid"]] if one != query["doc_id"]]
            pool.sort(key=lambda pair: (-float(scores[row[pair[0]]]), pair[0]))
            found.append(_ndcg([grade for _, grade in pool], int(0.2 * len(pool))))
        return statistics.mean(found)

    return {
        "csfcube_ndcg20": round(ndcg(lambda one: ours.near([text_of(one)])), 4),
        "csfcube_tfidf_ndcg20": round(ndcg(lambda one: plain.near(text_of(one))), 4),
        "csfcube_queries": len(queries),
    }


def _ndcg(grades: Sequence[int], first: int) -> float:
    def gain(ranked: Sequence[int]) -> float:
        return sum(grade / max(1.0, math.log2(n)) for n, grade in enumerate(ranked[:first], start=1))

    best = gain(sorted(grades, reverse=True))
    return gain(grades) / best if best else 0.0


def reviewers(data: Path) -> dict[str, Any]:
    folder = data / "relevance" / "reviewer_profiles"
    documents, users = lines(folder / "docs.jsonl.gz"), lines(folder / "users.jsonl.gz")
    ratings: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for user, document, expertise in table(folder / "ratings.tsv.gz"):
        ratings[user].append((document, float(expertise)))
    row = {one["doc_id"]: n for n, one in enumerate(documents)}
    ours = similarity_of(documents)
    plain = Plain([text_of(one) for one in documents])

    def pairwise(near: Callable[[list[int]], np.ndarray]) -> tuple[float, int]:
        right, pairs = 0.0, 0
        for user in users:
            scores = near([row[one] for one in user["profile_doc_ids"]])
            rated = ratings[user["user"]]
            for n, (one, high) in enumerate(rated):
                for other, low in rated[:n]:
                    if high != low:
                        pairs += 1
                        told = float(scores[row[one]] - scores[row[other]]) * (high - low)
                        right += 1.0 if told > 0 else 0.5 if told == 0 else 0.0
        return right / pairs, pairs

    (mine, pairs), (theirs, _) = pairwise(ours.near_papers), pairwise(plain.near_rows)
    return {
        "reviewer_pairwise": round(mine, 4),
        "reviewer_tfidf_pairwise": round(theirs, 4),
        "reviewer_pairs": pairs,
    }


def dorismae(data: Path) -> dict[str, Any]:
    folder = data / "relevance" / "doris_mae_best"
    judged, queries = lines(folder / "docs.jsonl.gz"), lines(folder / "queries.jsonl.gz")
    best = {query: document for query, document, _ in table(folder / "qrels.tsv.gz")}
    row = {one["doc_id"]: n for n, one in enumerate(judged)}
    papers = [*judged, *arxiv(data)[:DISTRACTORS]]
    ours = similarity_of(papers)
    plain = Plain([text_of(one) for one in papers])

    def recall(near: Callable[[str], np.ndarray]) -> float:
        found = 0
        for query in queries:
            scores = near(query["text"])
            found += int((scores > scores[row[best[query["qid"]]]]).sum()) < 10
        return found / len(queries)

    return {
        "dorismae_recall10": round(recall(lambda text: ours.near([text])), 4),
        "dorismae_bm25_recall10": round(recall(plain.bm25), 4),
        "dorismae_tfidf_recall10": round(recall(plain.near), 4),
        "dorismae_papers": len(papers),
    }


def seed(data: Path) -> dict[str, Any]:
    page = json.loads((data / "seed_papers.json").read_text(encoding="utf-8"))["papers"]
    if not (data / "hf_daily").is_dir():
        raise FileNotFoundError(2, "missing", str(data / "hf_daily"))
    daily: dict[str, dict[str, Any]] = {}
    for path in sorted((data / "hf_daily").glob("*.json.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes())):
            one = entry["paper"]
            daily.setdefault(one["id"], {"title": one["title"], "abstract": one["summary"]})
    papers = [*daily.values(), *page]
    index = index_of(papers)
    similarity = Similarity(index, semantic.embed if semantic.is_installed() else None)
    searching = Search(index, [text_of(one) for one in papers], similarity)
    plain = Plain([text_of(one) for one in papers])

    def among(ranked: np.ndarray) -> dict[int, int]:
        return {first: int((ranked[:first] >= len(daily)).sum()) for first in (10, 99, 300)}

    searching.ranked("warm up")
    times = []
    for query in (QUERY, "diffusion model", "retrieval augmented generation", "RAG", "3d gaussian splatting"):
        begun = time.perf_counter()
        searching.ranked(query)
        times.append(1000 * (time.perf_counter() - begun))
    ours = among(searching.ranked(QUERY))
    bm25 = among(np.argsort(-plain.bm25(QUERY), kind="stable"))
    figures: dict[str, Any] = {
        "seed_in_10": ours[10],
        "seed_in_99": ours[99],
        "seed_in_300": ours[300],
        "seed_bm25_in_99": bm25[99],
        "seed_bm25_in_300": bm25[300],
        "search_ms": round(statistics.median(times), 1),
        "search_ms_worst": round(max(times), 1),
        "search_papers": len(papers),
    }
    if semantic.is_installed():
        vectors = semantic.embed([text_of(one) for one in papers])
        asked = semantic.embed([QUERY])[0]
        cosine = vectors @ asked / np.maximum(1e-9, np.linalg.norm(vectors, axis=1) * np.linalg.norm(asked))
        embedding = among(np.argsort(-cosine, kind="stable"))
        figures |= {"seed_embedding_in_99": embedding[99], "seed_embedding_in_300": embedding[300]}
    return figures


def acronyms(data: Path) -> dict[str, Any]:
    papers = arxiv(data)
    texts = [" ".join(f"{one['title']} . {one['abstract']}".split()) for one in papers]
    index = index_of(papers)
    precision: dict[str, dict[str, float]] = {}
    for name, rule in ACRONYMS.items():
        hits = index.find(compile_keyword(name, index.lexicon)).rows
        # The acronym in its own letters; the long form in any.
        short, _, long = rule.partition("|")
        holds = re.compile(rf"(?<![^\W_]){short}(?![^\W_])|(?i:{long})")
        right = sum(bool(holds.search(texts[row])) for row in hits)
        substring = sum(name.lower() in text.lower() for text in texts)
        precision[name] = {
            "found": len(hits),
            "precision": round(right / max(1, len(hits)), 4),
            "by_substring": substring,
        }
    widened = {}
    for term in WIDENED:
        many = len(index.find(compile_keyword(term, index.lexicon)))
        whole = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
        strict = sum(bool(whole.search(text)) for text in texts)
        widened[term] = {"found": many, "strict": strict, "times": round(many / max(1, strict), 2)}
    return {"acronyms": precision, "widened": widened, "arxiv_papers": len(papers)}


def show_sample(data: Path) -> None:
    """What the widened keywords find beyond whole words, with the words around it, for people to judge."""
    papers = arxiv(data)
    index = index_of(papers)
    for term in WIDENED:
        hits = index.find(compile_keyword(term, index.lexicon))
        strict = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
        beyond = [
            (int(row), hits.shown[via])
            for row, via in zip(hits.rows, hits.via, strict=True)
            if not strict.search(f"{papers[row]['title']} . {papers[row]['abstract']}")
        ]
        step = max(1, len(beyond) // SAMPLE)
        print(f"\n{term}: {len(beyond)} papers beyond whole words; every {step}th:")
        for row, shown in beyond[::step][:SAMPLE]:
            as_what = f" (as {shown})" if shown else ""
            print(f"  {papers[row]['id']:18} {papers[row]['title'][:90]}{as_what}")


def similarity_of(papers: Sequence[dict[str, Any]]) -> Similarity:
    return Similarity(index_of(papers), semantic.embed if semantic.is_installed() else None)


def index_of(papers: Iterable[dict[str, Any]]) -> Index:
    return Index(Document(n, one.get("title") or "", one["abstract"]) for n, one in enumerate(papers))


def text_of(paper: dict[str, Any]) -> str:
    return f"{paper.get('title') or ''}. {paper['abstract']}"


class Plain:
    """The baselines: TF-IDF by counts, and BM25, over words of two signs or more in lower case."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [Counter(self._words(text)) for text in texts]
        self._numbers: dict[str, int] = {}
        for counts in counted:
            for word in counts:
                self._numbers.setdefault(word, len(self._numbers))
        papers = Counter(word for counts in counted for word in counts)
        self._size = len(texts)
        self._idf = {word: math.log((1 + len(texts)) / (1 + n)) + 1 for word, n in papers.items()}
        self._rare = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in papers.items()}
        self._vectors = [self._vector(counts) for counts in counted]
        postings: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
        for row, counts in enumerate(counted):
            for word, count in counts.items():
                postings[word].append((row, self._vectors[row][word], count))
        self._postings = {word: np.array(rows) for word, rows in postings.items()}
        lengths = np.array([sum(counts.values()) for counts in counted], float)
        self._relative = lengths / lengths.mean()

    def near(self, text: str) -> np.ndarray:
        return self._near(self._vector(Counter(word for word in self._words(text) if word in self._idf)))

    def near_rows(self, rows: Iterable[int]) -> np.ndarray:
        """Nearness to the mean of some of the texts."""
        together: Counter[str] = Counter()
        for row in rows:
            together.update(self._vectors[row])
        return self._near(together)

    def bm25(self, text: str) -> np.ndarray:
        found = np.zeros(self._size)
        for word in set(self._words(text)) & self._postings.keys():
            rows, counts = self._postings[word][:, 0].astype(int), self._postings[word][:, 2]
            found[rows] += (
                self._rare[word] * counts * 2.2 / (counts + 1.2 * (0.25 + 0.75 * self._relative[rows]))
            )
        return found

    def _near(self, vector: Mapping[str, float]) -> np.ndarray:
        found = np.zeros(self._size)
        for word, weight in vector.items():
            found[self._postings[word][:, 0].astype(int)] += weight * self._postings[word][:, 1]
        return found

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        weights = {word: count * self._idf[word] for word, count in counts.items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    @staticmethod
    def _words(text: str) -> list[str]:
        return re.findall(r"\w\w+", text.lower())


def arxiv(data: Path) -> list[dict[str, Any]]:
    return lines(data / "arxiv_papers.jsonl.gz")


def lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def table(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.rstrip("\n").split("\t")


def show(figures: dict[str, Any]) -> None:
    rows = [
        ("CSFCube, NDCG%20", "csfcube_ndcg20", "csfcube_tfidf_ndcg20", "TF-IDF"),
        ("reviewers, pairs in order", "reviewer_pairwise", "reviewer_tfidf_pairwise", "TF-IDF"),
        ("DORIS-MAE, recall@10", "dorismae_recall10", "dorismae_bm25_recall10", "BM25"),
        ("seed page among first 99", "seed_in_99", "seed_bm25_in_99", "BM25"),
        ("seed page among first 300", "seed_in_300", "seed_bm25_in_300", "BM25"),
        ("", "", "seed_embedding_in_99", "embedding, 99"),
        ("", "", "seed_embedding_in_300", "embedding, 300"),
    ]
    print(f"static vectors: {'yes' if figures['semantic'] else 'no'}")
    print(f"{'':28}{'ours':>8}{'baseline':>10}")
    for label, mine, theirs, name in rows:
        if theirs in figures:
            print(f"{label:28}{figures.get(mine, ''):>8}{figures[theirs]:>10}  {name}")
    if "search_ms" in figures:
        print(f"one search over {figures['search_papers']} papers: {figures['search_ms']} ms")
    for name, told in figures.get("acronyms", {}).items():
        print(
            f"{name:28}{told['precision']:>8}{told['found']:>10} found, {told['by_substring']} by substring"
        )
    for term, told in figures.get("widened", {}).items():
        print(f"{term:28}{told['times']:>7}x{told['found']:>10} found, {told['strict']} as whole words")


if __name__ == "__main__":
    main()
