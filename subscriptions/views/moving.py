"""The button in a letter that was sent to another address."""

from django.http import HttpRequest, HttpResponse
from django.views import View

from subscriptions import lifecycle, wording
from subscriptions.models import Notice
from subscriptions.network import client_network
from subscriptions.tokens import BadToken, Purpose
from subscriptions.views.pages import bad_link, behind_a_token, enqueue_notices, is_done, notice_of, page_for


@behind_a_token
class AddressView(View):
    """Whoever presses here gets the digests at the address the letter came to."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            notice = notice_of(Purpose.ADDRESS, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.ADDRESS)
        context = {
            "wording": wording.TEXTS[wording.ADDRESS],
            "back": notice.letter == Notice.Letter.ADDRESS_CHANGED,
            "is_done": is_done(notice),
        }
        return page_for(request, notice.subscriber, "subscriptions/address.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            notice = notice_of(Purpose.ADDRESS, token)
        except BadToken as error:
            return bad_link(request, error, Purpose.ADDRESS)
        taken = False
        try:
            enqueue_notices(lifecycle.move(notice, network=client_network(request)))
        except lifecycle.AddressTaken:
            taken = True
        return page_for(
            request,
            notice.subscriber,
            "subscriptions/address_done.html",
            {"taken": taken, "back": notice.letter == Notice.Letter.ADDRESS_CHANGED},
            status=409 if taken else 200,
        )
