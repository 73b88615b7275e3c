"""What readers say of papers, and what selection makes of it.

"More like this" raises papers that are near to it, "less like this" lowers them: a factor on the points of a
candidate between a quarter and two. A pick that was raised says so. All of it can be reset.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from digest.models import Paper, Vote
from digest.relevance.selection import LEAST_LEAN, MOST_LEAN
from digest.relevance.similarity import Floats
from digest.shelf import Day, shelf
from subscriptions.models import Subscriber

OPINIONS = (Vote.Kind.MORE, Vote.Kind.LESS)
REMEMBERED = 50
"""Opinions of one person that count, the newest."""
FAR, NEAR = 0.08, 0.35
"""Nearness from which a paper is moved, and from which it is moved all the way."""
RAISES, LOWERS = MOST_LEAN - 1, 1 - LEAST_LEAN
"""What is very near to what somebody wanted more, or less, of is moved as far as selection lets."""


def say(subscriber: Subscriber, paper: Paper, kind: Vote.Kind) -> None:
    """Keep an opinion, in the place of an earlier one on the same paper. Saying it twice changes nothing."""
    assert kind in OPINIONS
    # An opinion that was changed is the newest again: only so many count.
    Vote.objects.update_or_create(
        subscriber=subscriber,
        paper=paper,
        kind__in=OPINIONS,
        defaults={"kind": kind, "at": timezone.now()},
    )


def take_back(subscriber: Subscriber, paper: Paper) -> None:
    """Forget what was said of one paper."""
    Vote.objects.filter(subscriber=subscriber, paper=paper, kind__in=OPINIONS).delete()


def reset(subscriber: Subscriber) -> int:
    """Forget all opinions of a person. Returns how many there were."""
    forgotten, _ = Vote.objects.filter(subscriber=subscriber, kind__in=OPINIONS).delete()
    return forgotten


def opinions(subscriber: Subscriber) -> QuerySet[Vote]:
    """What a person said, the newest first, each with its paper."""
    votes = Vote.objects.filter(subscriber=subscriber, kind__in=OPINIONS)
    return votes.select_related("paper").order_by("-at", "-pk")


def leans(
    subscribers: Sequence[Subscriber], unseen: Mapping[int, Sequence[Day]]
) -> dict[int, dict[int, float]]:
    """By person, the papers of their days whose points their opinions change, each with its factor.

    Only those who said anything are in it. One query for all of them, and one for the papers.
    """
    said: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    votes = Vote.objects.filter(subscriber__in=subscribers, kind__in=OPINIONS).order_by("-at", "-pk")
    for subscriber, paper, kind in votes.values_list("subscriber_id", "paper_id", "kind"):
        mine = said[subscriber]
        if sum(map(len, mine.values())) < REMEMBERED:
            mine[kind].append(paper)
    if not said:
        return {}
    wanted = {paper for mine in said.values() for papers in mine.values() for paper in papers}
    rows = Paper.objects.filter(pk__in=wanted).values_list("pk", "title", "abstract")
    texts = {paper: f"{title}. {abstract}" for paper, title, abstract in rows}
    found: dict[int, dict[int, float]] = {}
    for subscriber, mine in said.items():
        factors: dict[int, float] = {}
        for day in unseen.get(subscriber, ()):
            factors |= _factors(day, {kind: [texts[one] for one in ids] for kind, ids in mine.items()})
        found[subscriber] = factors
    return found


def _factors(day: Day, said: Mapping[str, Sequence[str]]) -> dict[int, float]:
    similarity = shelf.similarity(day)
    factor = np.ones(len(day.index))
    for kind, texts in said.items():
        moved = np.clip((similarity.near(texts) - FAR) / (NEAR - FAR), 0, 1)
        factor += _signed(kind, moved)
    ids = day.index.ids
    return {ids[row]: round(float(factor[row]), 2) for row in np.flatnonzero(np.abs(factor - 1) > 0.01)}


def _signed(kind: str, moved: Floats) -> Floats:
    return RAISES * moved if kind == Vote.Kind.MORE else -LOWERS * moved
