"""The unsubscribe link: a page with a button, and the one-click POST of RFC 8058."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from subscriptions import lifecycle, wording
from subscriptions.forms import LeaveForm
from subscriptions.models import Consent, Subscriber
from subscriptions.network import client_network
from subscriptions.tokens import BadToken, Purpose, read_token
from subscriptions.views.pages import (
    NobodyThere,
    bad_link,
    behind_a_token,
    enqueue_notices,
    page_for,
    posted_by_anything,
    subscriber_of,
)


@behind_a_token
class UnsubscribeView(View):
    """Always answers 200, without a redirect, also to somebody who is gone already.

    A mail program's POST comes without cookies and with whatever body; our own page says by its
    button which it was. So whatever is not from our page counts as one click.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = subscriber_of(Purpose.UNSUBSCRIBE, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.UNSUBSCRIBE)
        return self._page(request, subscriber, fresh=is_fresh(token, subscriber))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        posted, network = posted_by_anything(request), client_network(request)
        try:
            subscriber = subscriber_of(Purpose.UNSUBSCRIBE, token)
        except NobodyThere:
            return render(request, "subscriptions/nobody.html")
        except BadToken as error:
            return bad_link(request, error, Purpose.UNSUBSCRIBE)
        wanted, fresh = posted.get("do", ""), is_fresh(token, subscriber)
        done = ""
        if wanted == "undo":
            if fresh and lifecycle.restore(subscriber, network=network):
                done = "undo"
        elif wanted == "fewer":
            if fresh and subscriber.status == Subscriber.Status.ACTIVE:
                lifecycle.fewer(subscriber, network=network)
                done = "fewer"
        else:
            done = "leave"
            form = LeaveForm(posted)
            owed = lifecycle.withdraw(
                subscriber,
                origin=Consent.Origin.PAGE if wanted == "leave" else Consent.Origin.ONE_CLICK,
                reason=form.cleaned_data["reason"] if form.is_valid() else "",
                network=network,
            )
            enqueue_notices(owed)
        subscriber.refresh_from_db()
        return self._page(request, subscriber, fresh=fresh, done=done)

    def _page(
        self, request: HttpRequest, subscriber: Subscriber, *, fresh: bool, done: str = ""
    ) -> HttpResponse:
        context = {
            "form": LeaveForm(),
            "done": done,
            "fresh": fresh,
            "can_undo": fresh and lifecycle.can_restore(subscriber),
            "undo_days": lifecycle.UNDO.days,
            "words": {
                "leave": wording.TEXTS[wording.UNSUBSCRIBE],
                "undo": wording.TEXTS[wording.UNDO],
                "fewer": wording.TEXTS[wording.FEWER],
            },
        }
        return page_for(request, subscriber, "subscriptions/unsubscribe.html", context)


def is_fresh(token: str, subscriber: Subscriber) -> bool:
    """Whether this link was not revoked. One that was is still good for leaving, and for nothing else."""
    return read_token(Purpose.UNSUBSCRIBE, token).epoch == subscriber.token_epoch
