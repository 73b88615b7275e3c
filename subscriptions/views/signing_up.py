"""From the form to the yes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.decorators.cache import never_cache

from subscriptions import lifecycle, wording
from subscriptions.forms import SignUpForm
from subscriptions.models import Consent
from subscriptions.network import client_network
from subscriptions.preferences import Preferences
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import BadToken, Purpose
from subscriptions.views.pages import (
    bad_link,
    behind_a_token,
    enqueue_notices,
    evenly,
    notice_of,
    page_for,
)
from subscriptions.zones import zone_names


class SubscribeView(View):
    """The sign-up form on a page of its own, and where every sign-up form posts to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, SignUpForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignUpForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        evenly(lambda: self._sign_up(request, form))
        return redirect("subscriptions:asked")

    def _page(self, request: HttpRequest, form: SignUpForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "zones": zone_names()}
        return render(request, "subscriptions/subscribe.html", context, status=status)

    def _sign_up(self, request: HttpRequest, form: SignUpForm) -> list[int]:
        if form.trapped:
            return []
        return lifecycle.request(
            form.cleaned_data["email"],
            form.preferences(),
            origin=Consent.Origin.FORM,
            network=client_network(request),
            cost=form.cost,
        )


@never_cache
def asked(request: HttpRequest) -> HttpResponse:
    """The same answer for every address, known or not."""
    return render(request, "subscriptions/asked.html")


@behind_a_token
class ConfirmView(View):
    """The link of the confirmation letter. May be pressed again: scanners come first."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            notice = notice_of(Purpose.CONFIRM, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.CONFIRM)
        wish = notice.ask.detail.get("wish", {}) if notice.ask else {}
        context = {
            "wording": wording.TEXTS[wording.CONFIRM],
            "wish": Preferences.from_json(wish),
            "can_confirm": lifecycle.can_confirm(notice.subscriber, notice.ask),
        }
        return page_for(request, notice.subscriber, "subscriptions/confirm.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            notice = notice_of(Purpose.CONFIRM, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.CONFIRM)
        subscriber = notice.subscriber
        enqueue_notices(lifecycle.confirm(subscriber, ask=notice.ask, network=client_network(request)))
        subscriber.refresh_from_db()
        context = {"suppressed": is_suppressed(subscriber.email_key)}
        return page_for(request, subscriber, "subscriptions/confirmed.html", context)
