"""What a wish would have brought, for programs: the same answer as beside the form."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from digest.preview import Preview, preview
from digest.site.preview import PER_NETWORK
from subscriptions.api import Refused, Wish, only_json
from subscriptions.forms import WishForm
from subscriptions.network import client_network
from subscriptions.throttling import spend

router = Router(tags=["subscriptions"])


class DayCount(Schema):
    date: date
    papers: int


class FirstPaper(Schema):
    title: str
    url: str
    reason: str


class Brought(Schema):
    """What would have come in the last 30 days; `first` are the best three of `newest`,
    the newest edition that has any.
    """

    days: int
    papers: int
    empty_days: int
    empty_share: float
    by_day: list[DayCount]
    newest: date | None
    first: list[FirstPaper]
    warnings: list[str]

    @classmethod
    def of(cls, found: Preview) -> "Brought":
        return cls(
            days=found.days,
            papers=found.papers,
            empty_days=found.empty,
            empty_share=round(found.empty_share, 3),
            by_day=[DayCount(date=day, papers=papers) for day, papers in found.by_day],
            newest=found.newest,
            first=[FirstPaper(title=one.title, url=one.url, reason=one.reason) for one in found.first],
            warnings=list(found.warnings),
        )


@router.post(
    "/preview",
    response={200: Brought, 422: Refused, 429: Refused},
    summary="Try keywords on the last 30 days",
)
def try_wish(request: HttpRequest, tried: Wish) -> Status[Any] | HttpResponse:
    """Nothing is kept of what is asked. A network may ask 60 times a minute, by the form, too."""
    only_json(request)
    if not spend("preview", client_network(request), PER_NETWORK):
        told = _("That was a lot of looking at once. In a minute this works again.")
        wait = {"Retry-After": str(PER_NETWORK.seconds)}
        return JsonResponse({"errors": {"body": [told]}}, status=429, headers=wait)
    form = WishForm(tried.fields())
    if not form.is_valid():
        return Refused.of(form)
    return Status(200, Brought.of(preview(form.preferences())))
