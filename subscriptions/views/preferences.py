"""The preference centre: one's whole wish, a pause, another address, one's data, being forgotten."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views import View

from subscriptions import lifecycle, wording
from subscriptions.address import parse_address
from subscriptions.export import everything_on
from subscriptions.forms import NewAddressForm, PauseForm, WishForm
from subscriptions.holdings import holdings
from subscriptions.mail import token_for
from subscriptions.models import Subscriber
from subscriptions.network import client_network
from subscriptions.preferences import Preferences
from subscriptions.tokens import BadToken, ExpiredToken, Purpose
from subscriptions.views.pages import (
    bad_link,
    behind_a_token,
    evenly,
    page_for,
    posted_by_anything,
    subscriber_of,
)
from subscriptions.zones import zone_names

HISTORY = 30
"""Digests that the page shows; the export has all."""


@behind_a_token
class PreferencesView(View):
    """One page with several forms; the button that was pressed says which (`do`)."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.PREFERENCES, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.PREFERENCES)
        return self._page(request, subscriber)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.PREFERENCES, token)
        except ExpiredToken as error:
            return renewed(request, error)
        except BadToken as error:
            return bad_link(request, error, Purpose.PREFERENCES)
        posted = posted_by_anything(request)
        if not posted:  # cut off on the way, or not a form at all
            return self._page(request, subscriber, status=400)
        act = {
            "pause": self._pause,
            "resume": self._resume,
            "address": self._address,
            "links": self._links,
        }.get(posted.get("do", ""), self._wish)
        return act(request, subscriber)

    def _wish(self, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
        form = WishForm(posted_by_anything(request), base=Preferences.of(subscriber))
        if not form.is_valid():
            return self._page(request, subscriber, status=422, form=form)
        lifecycle.change(subscriber, form.preferences(), network=client_network(request))
        return self._done(request, subscriber, "saved")

    def _pause(self, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
        form = PauseForm(posted_by_anything(request))
        if form.is_valid():
            try:
                lifecycle.pause(subscriber, form.cleaned_data["until"], network=client_network(request))
            except lifecycle.PauseRefused:
                form.add_error("until", PauseForm.OUT_OF_RANGE)
        if form.errors:
            return self._page(request, subscriber, status=422, pause=form)
        return self._done(request, subscriber, "paused")

    def _resume(self, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
        lifecycle.resume(subscriber, network=client_network(request))
        return self._done(request, subscriber, "resumed")

    def _address(self, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
        form = NewAddressForm(posted_by_anything(request))
        if not form.is_valid():
            return self._page(request, subscriber, status=422, address=form)
        address, network = form.cleaned_data["email"], client_network(request)
        evenly(lambda: lifecycle.ask_to_move(subscriber, address, network=network))
        return self._done(request, subscriber, "asked")

    def _links(self, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
        lifecycle.revoke_links(subscriber)
        return page_for(request, subscriber, "subscriptions/revoked.html", {})

    def _done(self, request: HttpRequest, subscriber: Subscriber, what: str) -> HttpResponse:
        return self._page(request, Subscriber.objects.get(pk=subscriber.pk), done=what)

    def _page(
        self, request: HttpRequest, subscriber: Subscriber, *, status: int = 200, done: str = "", **forms: Any
    ) -> HttpResponse:
        until = subscriber.paused_until
        paused = until.astimezone(subscriber.time_zone).date() if until and until > timezone.now() else None
        context: dict[str, Any] = {
            "form": WishForm(base=Preferences.of(subscriber)),
            "pause": PauseForm(),
            "address": NewAddressForm(),
            "wording": wording.TEXTS[wording.PREFERENCES],
            "words": {"pause": wording.TEXTS[wording.PAUSE], "resume": wording.TEXTS[wording.RESUME]},
            "done": done,
            "paused_until": paused,
            "zones": zone_names(),
            "received": [one for holding in holdings() for one in holding.history(subscriber, limit=HISTORY)],
            "unsubscribe_url": _path(Purpose.UNSUBSCRIBE, subscriber),
            "feedback_url": reverse("site:feedback", args=[token_for(Purpose.FEEDBACK, subscriber)]),
            # With the very token of this page: a new one would live longer than what was mailed.
            "export_url": f"{request.path}export/",
            "erase_url": f"{request.path}erase/",
            **forms,
        }
        return page_for(request, subscriber, "subscriptions/preferences.html", context, status)


@behind_a_token
class EraseView(View):
    """Says what erasing means; the button does it."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.PREFERENCES, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.PREFERENCES)
        context = {"preferences_url": reverse("subscriptions:preferences", args=[token])}
        return page_for(request, subscriber, "subscriptions/erase.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.PREFERENCES, token)
        except ExpiredToken as error:
            return renewed(request, error)
        except BadToken as error:
            return bad_link(request, error, Purpose.PREFERENCES)
        lifecycle.erase(subscriber)
        return page_for(request, subscriber, "subscriptions/erased.html", {})


@behind_a_token
class ExportView(View):
    """All that is held on a person, as one file; a button, so that nothing that follows links gets it.

    Behind a link of its own, and behind that to the preferences.
    """

    purpose = Purpose.EXPORT

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(self.purpose, token)
        except BadToken as error:
            return bad_link(request, error, self.purpose)
        return page_for(request, subscriber, "subscriptions/export.html", {})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(self.purpose, token)
        except ExpiredToken as error:
            return renewed(request, error)
        except BadToken as error:
            return bad_link(request, error, self.purpose)
        text = json.dumps(everything_on(subscriber), ensure_ascii=False, indent=2)
        response = HttpResponse(text, content_type="application/json")
        response["Content-Disposition"] = 'attachment; filename="paper-round.json"'
        return response


def renewed(request: HttpRequest, error: ExpiredToken) -> HttpResponse:
    """Mail a new link to whom an old one was mailed: that needs no more proof than typing the address."""
    subscriber = Subscriber.objects.filter(public_id=error.claim.public_id).first()
    if subscriber is not None:
        address = parse_address(subscriber.email)
        evenly(lambda: lifecycle.ask_for_link(address, network=client_network(request)))
    return redirect("subscriptions:link_sent")


def _path(purpose: Purpose, subscriber: Subscriber) -> str:
    return reverse(f"subscriptions:{purpose}", args=[token_for(purpose, subscriber)])
