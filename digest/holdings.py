"""What we keep on a person on this side: the ledger of their digests, and what they said of papers."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from digest import words
from digest.models import Delivery, DeliveryEvent, Paper, Vote
from subscriptions.holdings import Received
from subscriptions.models import Subscriber

TOLD = {
    Delivery.State.PLANNED: _("on its way"),
    Delivery.State.HANDED_OVER: _("on its way"),
    Delivery.State.ACCEPTED: _("sent"),
    Delivery.State.FAILED: _("could not be sent"),
    Delivery.State.UNCERTAIN: _("perhaps sent"),
    Delivery.State.EXCLUDED: _("not sent"),
}
"""The states of a delivery, for the person it was for."""


class Digests:
    """The deliveries of one person. See `subscriptions.holdings.Holding`."""

    name = "digests"

    def history(self, subscriber: Subscriber, *, limit: int) -> list[Received]:
        deliveries = (
            Delivery.objects.filter(subscriber=subscriber)
            .exclude(state=Delivery.State.EXCLUDED)
            .select_related("edition")
            .order_by("-planned_at", "-pk")[:limit]
        )
        return [
            Received(
                title=words.weekday(delivery.edition.date),
                url=settings.SITE_URL + delivery.edition.get_absolute_url(),
                at=delivery.settled_at or delivery.planned_at,
                state=str(TOLD[Delivery.State(delivery.state)]),
            )
            for delivery in deliveries
        ]

    def export(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        deliveries = list(
            Delivery.objects.filter(subscriber=subscriber)
            .select_related("edition")
            .order_by("planned_at", "pk")
        )
        wanted = {pick["paper"] for delivery in deliveries for pick in delivery.picks}
        papers = Paper.objects.only("public_id", "title").in_bulk(wanted)
        return [
            {
                "edition": delivery.edition.date.isoformat(),
                "planned_at": delivery.planned_at.isoformat(),
                "state": delivery.state,
                "subject": delivery.subject,
                "reason": delivery.reason,
                "settled_at": delivery.settled_at.isoformat() if delivery.settled_at else None,
                "papers": [
                    {
                        "id": papers[pick["paper"]].public_id,
                        "title": papers[pick["paper"]].title,
                        "matched": [
                            {"keyword": term, "in": place} for term, place, *_words in pick.get("terms", [])
                        ],
                    }
                    for pick in delivery.picks
                    if pick["paper"] in papers
                ],
            }
            for delivery in deliveries
        ]

    def forget(self, subscriber: Subscriber) -> None:
        """The row stays for the count; what they typed, what they were sent and what came back does not."""
        theirs = Delivery.objects.filter(subscriber=subscriber)
        DeliveryEvent.objects.filter(delivery__in=theirs).update(detail="")
        theirs.update(picks=[], subject="", esp_message_id="", reason="", subscriber=None)


class Opinions:
    """Votes, and "more like this" and "less like this". See `subscriptions.holdings.Holding`."""

    name = "opinions"

    def history(self, subscriber: Subscriber, *, limit: int) -> list[Received]:
        return []  # they said it, we did not send it

    def export(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        votes = Vote.objects.filter(subscriber=subscriber).select_related("paper").order_by("at", "pk")
        return [
            {
                "paper": {"id": vote.paper.public_id, "title": vote.paper.title},
                "said": vote.kind,
                "at": vote.at.isoformat(),
            }
            for vote in votes
        ]

    def forget(self, subscriber: Subscriber) -> None:
        Vote.objects.filter(subscriber=subscriber).delete()
