"""What else matched: the papers that a digest had no room for, for its page in the browser."""

from dataclasses import replace
from typing import Any

from digest import feedback
from digest.letter import Digest, digest_of, read_shown
from digest.models import Delivery
from digest.reasons import as_json
from digest.shelf import PATIENCE, shelf
from subscriptions.models import Subscriber

MOST = 50
"""Papers beyond those of the digest that its page shows."""


def digest_and_rest(delivery: Delivery, subscriber: Subscriber) -> Digest:
    """A digest with the papers it left out, as its reader's keywords are now; of editions that are read no
    more there are none. The rest is in the edition.

    Raises:
        NothingLeft: no pick may be shown any more.
    """
    digest = digest_of(delivery, subscriber)
    if not digest.left_out:
        return digest
    picks = _chosen_with_more_room(delivery, subscriber)
    shown = read_shown(picks)
    rest = tuple((shown[paper], pick) for paper, pick in picks.items() if paper in shown)
    return replace(digest, rest=rest, left_out=0)


def _chosen_with_more_room(delivery: Delivery, subscriber: Subscriber) -> dict[int, dict[str, Any]]:
    days = [day for day in shelf.fetch(patience=PATIENCE).days if day.edition in delivery.editions]
    if not days:
        return {}
    size = len(delivery.picks) + MOST
    leans = feedback.leans([subscriber], {subscriber.pk: tuple(days)})
    profile = shelf.profile(
        subscriber.keywords.all(),
        size=size,
        thin_day=Subscriber.ThinDay.SKIP,
        lean=leans.get(subscriber.pk),
    )
    got = {pick["paper"] for pick in delivery.picks}
    [selection] = shelf.choose(days, [profile])
    more = [pick for pick in selection.picks if pick.terms and pick.id not in got]
    return {pick.id: as_json(pick) for pick in more[:MOST]}
