"""What a wish would have brought, for programs: the same answer as beside the form."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from digest.preview import Preview, preview
from digest.site.preview import PER_NETWORK
from subscriptions.forms import WishForm
from subscriptions.keywords import as_typed
from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Subscriber
from subscriptions.network import client_network
from subscriptions.throttling import spend

router = Router(tags=["subscriptions"])

Term = Annotated[str, Field(max_length=MAX_KEYWORD_LENGTH)]


class Tried(Schema):
    """A wish to try. See the documentation of keywords for what one may hold."""

    keywords: list[Term] = Field(default=[], max_length=MAX_KEYWORDS, examples=[["RAG", "cat:cs.CL"]])
    muted: list[Term] = Field(default=[], max_length=MAX_KEYWORDS, examples=[["survey"]])
    size: int | None = Field(default=None, description="Papers at most: 5, 10 or 20.")
    thin_day: Subscriber.ThinDay | None = None

    def fields(self) -> dict[str, Any]:
        """The same as the form's fields."""
        given = {name: value for name, value in self.dict().items() if value is not None}
        return given | {"keywords": as_typed(self.keywords, given.pop("muted"))}


class DayCount(Schema):
    date: date
    papers: int


class FirstPaper(Schema):
    title: str
    url: str
    reason: str


class Brought(Schema):
    """What would have come in the last 30 days; `first` are the best three of the newest edition."""

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


class Wrong(Schema):
    """What is wrong, by field, in words for people."""

    errors: dict[str, list[str]]


@router.post(
    "/preview", response={200: Brought, 422: Wrong, 429: Wrong}, summary="Try keywords on the last 30 days"
)
def try_wish(request: HttpRequest, tried: Tried) -> Status[Any] | HttpResponse:
    """Nothing is kept of what is asked. A network may ask 60 times a minute, by the form, too."""
    if request.content_type != "application/json":
        # Other types a page of anybody's may have its visitors' browsers post, without asking us first.
        raise HttpError(415, _("Send it as application/json."))
    if not spend("preview", client_network(request), PER_NETWORK):
        told = _("That was a lot of looking at once. In a minute this works again.")
        wait = {"Retry-After": str(PER_NETWORK.seconds)}
        return JsonResponse({"errors": {"body": [told]}}, status=429, headers=wait)
    form = WishForm(tried.fields())
    if not form.is_valid():
        return Status(422, {"errors": {name: list(map(str, told)) for name, told in form.errors.items()}})
    return Status(200, Brought.of(preview(form.preferences())))
