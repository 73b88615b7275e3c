"""The pages behind sign-up and mailed links. GET shows, POST acts."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from subscriptions import lifecycle, tasks, wording
from subscriptions.enqueue import delay_on_commit
from subscriptions.forms import SignUpForm
from subscriptions.models import Consent, Subscriber
from subscriptions.tokens import BadToken, ExpiredToken, Purpose, read_token

TokenView = Callable[[HttpRequest, str], HttpResponseBase]


def private(view: TokenView) -> TokenView:
    """A page whose address is a secret: not stored, not indexed, not told to other sites."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponseBase:
        response = view(request, token)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


class SubscribeView(View):
    """The sign-up form on a page of its own, and where every sign-up form posts to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "subscriptions/subscribe.html", {"form": SignUpForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignUpForm(request.POST)
        if not form.is_valid():
            return render(request, "subscriptions/subscribe.html", {"form": form}, status=422)
        asked = lifecycle.request(**form.request_values(), origin=Consent.Origin.FORM)
        if asked.notice_id is not None:
            delay_on_commit(tasks.send_notice, asked.notice_id)
        return redirect("subscriptions:asked")


@never_cache
def asked(request: HttpRequest) -> HttpResponse:
    """The same answer for every address, known or not."""
    return render(request, "subscriptions/asked.html")


@method_decorator([csrf_exempt, private], name="dispatch")
class ConfirmView(View):
    """The link of the confirmation letter. May be pressed again: scanners come first.

    Exempt from CSRF protection because the token in the address is the proof, and because a page
    that sends no referrer posts with `Origin: null`, which that protection refuses.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.CONFIRM, token)
        except BadToken as error:
            return bad_link(request, error)
        context = {"subscriber": subscriber, "wording": wording.TEXTS[wording.CONFIRM]}
        return render(request, "subscriptions/confirm.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.CONFIRM, token)
        except BadToken as error:
            return bad_link(request, error)
        for notice_id in lifecycle.confirm(subscriber):
            delay_on_commit(tasks.send_notice, notice_id)
        subscriber.refresh_from_db()
        return render(request, "subscriptions/confirmed.html", {"subscriber": subscriber})


@method_decorator([csrf_exempt, private], name="dispatch")
class UnsubscribeView(View):
    """The unsubscribe link: a page with a button, and the one-click POST of RFC 8058.

    The POST comes from mail servers without cookies, so it is exempt from CSRF protection; the
    token is the proof. It always answers 200, also for somebody who is gone already.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.UNSUBSCRIBE, token)
        except BadToken as error:
            return bad_link(request, error, leaving=True)
        return render(request, "subscriptions/unsubscribe.html", {"subscriber": subscriber})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.UNSUBSCRIBE, token)
        except NobodyThere:
            return render(request, "subscriptions/unsubscribed.html", {"subscriber": None})
        except BadToken as error:
            return bad_link(request, error, leaving=True)
        posted = posted_by_anything(request)
        undo = "undo" in posted
        if undo:
            lifecycle.restore(subscriber)
        else:
            one_click = posted.get("List-Unsubscribe") == "One-Click"
            origin = Consent.Origin.ONE_CLICK if one_click else Consent.Origin.PAGE
            lifecycle.withdraw(subscriber, origin=origin)
        subscriber.refresh_from_db()
        context = {"subscriber": subscriber, "undone": undo}
        return render(request, "subscriptions/unsubscribed.html", context)


class NobodyThere(BadToken):
    """The link is ours and good, but its subscriber was erased."""


def posted_by_anything(request: HttpRequest) -> QueryDict:
    """The fields of a POST; none where its body cannot be read. The token is what counts."""
    try:
        return request.POST
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return QueryDict()


def subscriber_of(purpose: Purpose, token: str) -> Subscriber:
    """Whose link this is.

    Raises:
        BadToken: damaged, forged, expired or revoked.
        NobodyThere: (one of these) of somebody erased.
    """
    claim = read_token(purpose, token)
    subscriber = Subscriber.objects.filter(public_id=claim.public_id).first()
    if subscriber is None:
        raise NobodyThere
    if subscriber.token_epoch != claim.epoch:
        raise BadToken
    return subscriber


def bad_link(request: HttpRequest, error: BadToken, *, leaving: bool = False) -> HttpResponse:
    context = {"expired": isinstance(error, ExpiredToken), "leaving": leaving}
    return render(request, "subscriptions/bad_link.html", context, status=404)
