"""How fast digests are composed: `python benchmarks/render.py [--people N] [--mjml DIR]`, JSON out.

Each round makes the same letters, to different people with other papers and keywords, in four ways:

- `digests_per_second`: text and HTML of a digest of ten papers, joined from printed pieces, as workers do;
- `mime_per_second`: the same as bytes that are ready to be sent, links signed;
- `engine_per_person_per_second`: all templates rendered and compiled for each person by the MJML engine;
- `official_mjml_per_second`: the official MJML compiler on the same source, one long-lived Node process
  (where there is Node and a folder with the npm package `mjml`: --mjml, default $MJML_DIR; else null).

Rates are medians of the rounds, ratios are medians of the rounds' ratios. Everything was printed once before,
as in any but the first second of a worker's life. Papers, people and keywords are made up, always the same.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

PAPERS, PICKS, ROUNDS = 300, 10, 5
WORDS = """
    model training attention sparse retrieval graph language vision token latent policy reward sample noise
    robust scaling memory inference alignment geometry transformer diffusion cell protein network benchmark
""".split()  # noqa: SIM905
COMPILE = """
const { createRequire } = await import('node:module')
const { readFileSync } = await import('node:fs')
const found = createRequire(process.argv[1] + '/')('mjml'), compile = found.default ?? found
const source = readFileSync(process.argv[2], 'utf8'), times = Number(process.argv[3])
await compile(source)
const begun = performance.now()
for (let n = 0; n < times; n++) await compile(source)
console.log(times / (performance.now() - begun) * 1000)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--mjml", type=Path, default=Path(os.environ.get("MJML_DIR", "")))
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "digest.settings",
            "VAR_DIR": str(Path(folder) / "var"),
            "SECRET_KEY": "only for measuring",
            "SITE_URL": "https://papers.example.org",
            "DEBUG": "0",
        }
        import django

        django.setup()
        print(json.dumps(measure(options.people, options.mjml, Path(folder)), indent=2))


def measure(people: int, mjml: Path, folder: Path) -> dict[str, Any]:
    from digest.press import print_digest
    from subscriptions.mail import list_headers
    from subscriptions.message import Message
    from subscriptions.mjml import compile_mjml

    digests, readers = made_up(people)

    def compose() -> None:
        for digest, links in zip(digests, signed(readers), strict=True):
            pages = print_digest(digest, links)
            assert pages.html.text
            assert pages.text.text

    def mime() -> None:
        for digest, links, reader in zip(digests, signed(readers), readers, strict=True):
            pages = print_digest(digest, links)
            headers = list_headers(reader, links.unsubscribe, "20260922:digest:edition:paperround")
            assert Message("ada@example.org", pages.subject, pages.text, pages.html, headers).wire()

    few = digests[: max(1, people // 50)]

    def engine() -> None:
        for digest, links in zip(few, signed(readers), strict=False):
            source, text = templates(digest, links)
            assert compile_mjml(source)
            assert text

    (folder / "digest.mjml").write_text(templates(digests[0], next(signed(readers)))[0], encoding="utf-8")
    compose()
    rounds = [
        {
            "digests_per_second": rate(compose, people),
            "mime_per_second": rate(mime, people),
            "engine_per_person_per_second": rate(engine, len(few)),
            "official_mjml_per_second": official(mjml, folder / "digest.mjml"),
        }
        for _ in range(ROUNDS)
    ]
    pages = print_digest(digests[0], next(signed(readers)))
    return {
        "people": people,
        **{name: middle([one[name] for one in rounds]) for name in rounds[0]},
        "to_engine": ratio(rounds, "engine_per_person_per_second"),
        "to_official": ratio(rounds, "official_mjml_per_second"),
        "html_bytes": pages.html.size,
        "text_bytes": pages.text.size,
    }


def made_up(people: int) -> tuple[list[Any], list[UUID]]:
    """Digests of different papers for different keywords, and whose they are."""
    from digest.letter import Digest, Shown
    from digest.models import Edition

    chance = random.Random(20260922)
    day = date(2026, 9, 22)
    edition = Edition(pk=1, date=day, intro="Good morning. Mostly retrieval today.")
    shown = [
        Shown(
            id=n,
            public_id=f"2609.{n:05d}",
            title=" ".join(chance.choices(WORDS, k=10)).capitalize(),
            authors=tuple(
                f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}son" for _ in range(6)
            ),
            text=" ".join(chance.choices(WORDS, k=60)).capitalize() + ".",
            note="",
            links=(
                ("page", f"https://arxiv.org/abs/2609.{n:05d}"),
                ("pdf", f"https://arxiv.org/pdf/2609.{n:05d}"),
                ("code", f"https://github.com/example/study-{n}"),
                ("project", ""),
            ),
            breakdown={"counts": {"upvotes": chance.randrange(200)}, "gained": {}},
            key=n.to_bytes(4, "big"),
        )
        for n in range(PAPERS)
    ]
    digests = []
    for _ in range(people):
        keywords = tuple(chance.sample(WORDS, 5))
        digests.append(
            Digest(
                edition=edition,
                days=(day, day),
                papers=tuple((paper, pick(paper.id, chance)) for paper in chance.sample(shown, PICKS)),
                related=(),
                left_out=chance.randrange(40),
                keywords=keywords,
                nothing_matched=False,
            )
        )
    return digests, [UUID(int=chance.getrandbits(128)) for _ in range(people)]


def pick(paper: int, chance: random.Random) -> dict[str, Any]:
    terms = [
        [term, chance.choice(["title", "abstract"])]
        for term in chance.sample(WORDS, chance.choice([1, 1, 2]))
    ]
    return {"paper": paper, "terms": terms, "pinned": False, "outside": False}


def signed(readers: Sequence[UUID]) -> Iterator[Any]:
    """Each one's own links, as the workers make them: three signatures a digest."""
    from digest.press import Links
    from subscriptions.tokens import Purpose, make_token

    for reader in readers:
        yield Links(
            *(
                f"https://papers.example.org/{purpose}/{make_token(purpose, public_id=reader, epoch=0)}/"
                for purpose in (Purpose.UNSUBSCRIBE, Purpose.FEEDBACK, Purpose.DIGEST)
            )
        )


def templates(digest: Any, links: Any) -> tuple[str, str]:
    """The same letter as one MJML document and one text, rendered for one person."""
    from django.template.loader import render_to_string

    from digest import letter
    from digest.reasons import without_counts
    from digest.words import span
    from subscriptions.mail import house_values

    said = {
        "preheader": letter.preheader([shown.title for shown, _ in digest.papers[1:7]], reason="", text=""),
        "heading": letter.heading(len(digest)),
        "rest": letter.rest(digest.left_out),
        "why": letter.why(digest.keywords),
        "webUrl": links.web,
        "unsubscribeUrl": links.unsubscribe,
    }
    frame = {**house_values(), "dates": span(*digest.days), "intro": digest.edition.intro, "edition_url": ""}
    whole = []
    for form in ("mjml", "txt"):
        cards = []
        for shown, why in digest.papers:
            slot = {"reason": without_counts(why, has_counts=True), "feedbackUrl": links.feedback}
            values = {"card": letter.card(shown), "slot": slot, "cut": CUT, "lang": None}
            cards.append(render_to_string(f"emails/digest/card.{form}", values))
        inner = [card.split(f"<mj-raw>{CUT}</mj-raw>")[1] if form == "mjml" else card for card in cards]
        body = render_to_string(f"emails/digest/body.{form}", {**frame, "slot": said, "cut": CUT})
        whole.append(body.replace(f"<mj-raw>{CUT}</mj-raw>" if form == "mjml" else CUT, "".join(inner)))
    return whole[0], whole[1]


CUT = "cards-go-here"


def rate(work: Callable[[], None], times: int) -> float:
    begun = time.perf_counter()
    work()
    return times / (time.perf_counter() - begun)


def middle(values: Sequence[float | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known)) if known else None


def ratio(rounds: Sequence[dict[str, float | None]], other: str) -> float | None:
    ratios = [(one["digests_per_second"] or 0) / value for one in rounds if (value := one[other])]
    return round(statistics.median(ratios), 1) if ratios else None


def official(folder: Path, source: Path) -> float | None:
    """Letters a second of the npm package in a folder; None where there is none."""
    if not (folder / "node_modules" / "mjml").is_dir():
        return None
    command = ["node", "--input-type=module", "--eval", COMPILE, str(folder.resolve()), str(source), "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"node: {done.stderr.strip()[-500:]}")
    return float(done.stdout)


if __name__ == "__main__":
    main()
