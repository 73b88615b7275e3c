"""More like this, less like this: what one person said of papers, to be read, changed and forgotten."""

from django.http import HttpRequest, HttpResponse
from django.views import View

from digest import feedback
from digest.models import Entry, Paper, Vote
from subscriptions.models import Subscriber
from subscriptions.tokens import BadToken, Purpose
from subscriptions.views.pages import bad_link, behind_a_token, page_for, posted_by_anything, subscriber_of

SHOWN = feedback.REMEMBERED
"""Opinions on the page: those that count."""


@behind_a_token
class FeedbackView(View):
    """`?paper=ID` asks about one paper; a mail's link says with `&say=more` which button was meant. Looking
    changes nothing: only the buttons do, for programs follow links in mails.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.FEEDBACK, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.FEEDBACK)
        return _page(
            request, subscriber, asked=request.GET.get("paper", ""), meant=request.GET.get("say", "")
        )

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.FEEDBACK, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.FEEDBACK)
        posted = posted_by_anything(request)
        said, asked = posted.get("say", ""), posted.get("paper", "")
        if said == "reset":
            return _page(request, subscriber, done="reset", forgotten=feedback.reset(subscriber))
        paper = _paper(asked)
        if paper is None or said not in ("more", "less", "nothing"):
            return _page(request, subscriber, asked=asked, status=422)
        if said == "nothing":
            feedback.take_back(subscriber, paper)
        else:
            feedback.say(subscriber, paper, Vote.Kind(said))
        return _page(request, subscriber, asked=asked, done=said)


def _paper(public_id: str) -> Paper | None:
    """The paper of a link, or the one it turned out to be; none that editors took off the site."""
    name = public_id[:300].replace("\0", "")
    named = Paper.objects.select_related("same_as").filter(public_id=name).first()
    found = named.same_as or named if named else None
    return None if found is None or Entry.objects.filter(paper=found, hidden=True).exists() else found


def _said(subscriber: Subscriber, paper: Paper | None) -> str:
    opinion = feedback.opinions(subscriber).filter(paper=paper).first() if paper else None
    return opinion.kind if opinion else ""


def _page(
    request: HttpRequest,
    subscriber: Subscriber,
    *,
    asked: str = "",
    meant: str = "",
    done: str = "",
    forgotten: int = 0,
    status: int = 200,
) -> HttpResponse:
    paper = _paper(asked) if asked else None
    opinions = list(feedback.opinions(subscriber)[:SHOWN])
    context = {
        "paper": paper,
        "unknown": bool(asked) and paper is None,
        "meant": meant if meant in ("more", "less") else "",
        "said": _said(subscriber, paper),
        "opinions": opinions,
        "done": done,
        "forgotten": forgotten,
    }
    if context["unknown"] and status == 200:
        status = 404
    return page_for(request, subscriber, "site/feedback.html", context, status)
