"""The sign-up for programs: the same verb, limits and answer as the form."""

from typing import Annotated, Any

from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from subscriptions import lifecycle
from subscriptions.forms import SignUpForm
from subscriptions.keywords import as_typed
from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Consent, Subscriber
from subscriptions.network import client_network
from subscriptions.views.pages import evenly

router = Router(tags=["subscriptions"])

Term = Annotated[str, Field(max_length=MAX_KEYWORD_LENGTH)]


class Wish(Schema):
    """What somebody follows and mutes, and how much of it. See the documentation of keywords."""

    keywords: list[Term] = Field(default=[], max_length=MAX_KEYWORDS, examples=[["RAG", "cat:cs.CL"]])
    muted: list[Term] = Field(default=[], max_length=MAX_KEYWORDS, examples=[["survey"]])
    size: int | None = Field(default=None, description="Papers at most: 5, 10 or 20.")
    thin_day: Subscriber.ThinDay | None = None

    def fields(self) -> dict[str, Any]:
        """The same as the form's fields."""
        given = {name: value for name, value in self.dict().items() if value is not None}
        return given | {"keywords": as_typed(self.keywords, given.pop("muted"))}


class Wanted(Wish):
    """Who wants what, and when. Only the address is needed; all else has the form's defaults."""

    email: str = Field(examples=["you@example.org"])
    cadence: Subscriber.CadenceKind | None = None
    weekday: int | None = Field(default=None, description="0 is Monday; for a weekly cadence.")
    hour: int | None = Field(default=None, description="0 to 23, in the time zone.")
    time_zone: str | None = Field(default=None, examples=["Europe/Berlin"])
    language: str | None = Field(default=None, description="Of the mails; else that of Accept-Language.")


class Taken(Schema):
    detail: str


class Refused(Schema):
    """What is wrong, by field, in words for people."""

    errors: dict[str, list[str]]

    @classmethod
    def of(cls, form: Form) -> Status[Any]:
        """The answer to what a form refuses."""
        return Status(422, {"errors": {name: list(map(str, told)) for name, told in form.errors.items()}})


def only_json(request: HttpRequest) -> None:
    """Other types a page of anybody's may have its visitors' browsers post, without asking us first."""
    if request.content_type != "application/json":
        raise HttpError(415, _("Send it as application/json."))


@router.post("/subscriptions", response={202: Taken, 422: Refused}, summary="Ask for the digest")
def subscribe(request: HttpRequest, wanted: Wanted) -> Status[Any]:
    """Nothing comes before the owner of the address has confirmed, by the link that is mailed there.

    The answer is the same whether or not the address is known, and whatever limits apply.
    """
    only_json(request)
    form = SignUpForm(wanted.fields())
    if not form.is_valid():
        return Refused.of(form)
    evenly(
        lambda: lifecycle.request(
            form.cleaned_data["email"],
            form.preferences(),
            origin=Consent.Origin.API,
            network=client_network(request),
        )
    )
    return Status(202, {"detail": _("If we may write to this address, a letter with a link is on its way.")})
