"""A digest in the browser: what its reader got, and what else matched."""

from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View

from digest.delivery import page_of
from digest.letter import NothingLeft
from digest.models import Delivery
from digest.sandbox import sandbox
from subscriptions.tokens import BadToken, Purpose, read_token
from subscriptions.views.pages import NobodyThere, bad_link, behind_a_token, page_for

ALONE = sandbox(framed_by="none", may=("allow-top-navigation-by-user-activation",))


@behind_a_token
class DigestView(View):
    @method_decorator(csp(ALONE))
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            delivery = delivery_of(token)
        except BadToken as error:
            return bad_link(request, error, Purpose.DIGEST)
        assert delivery.subscriber is not None
        try:
            return HttpResponse(page_of(delivery, delivery.subscriber))
        except NothingLeft:
            return page_for(request, delivery.subscriber, "site/digest_gone.html", {}, 410)


def delivery_of(token: str) -> Delivery:
    """Which digest this is.

    Raises:
        BadToken: damaged, forged, revoked, or of somebody erased.
    """
    claim = read_token(Purpose.DIGEST, token)
    delivery = (
        Delivery.objects.select_related("subscriber", "edition").filter(public_id=claim.public_id).first()
    )
    if delivery is None or delivery.subscriber is None:
        raise NobodyThere
    if delivery.subscriber.token_epoch != claim.epoch:
        raise BadToken
    return delivery
