"""What the pages share: secret addresses, whose they are, and answers that take the same time."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from subscriptions import tasks
from subscriptions.enqueue import delay_on_commit
from subscriptions.language import language_of
from subscriptions.models import Notice, Subscriber
from subscriptions.tokens import BadToken, ExpiredToken, Purpose, read_token

AnyView = Callable[..., HttpResponseBase]
ANSWER_SECONDS = 0.12
"""What an answer takes that must not tell by its time what is known of an address."""


def private(view: AnyView) -> AnyView:
    """A page whose address is a secret: not stored, not indexed, not told to other sites."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except (Subscriber.DoesNotExist, Notice.DoesNotExist):
            # Erased by another hand between reading the link and acting on it.
            response = render(request, "subscriptions/nobody.html")
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


behind_a_token = method_decorator([csrf_exempt, private], name="dispatch")
"""For views whose address holds a token. Exempt from CSRF protection because the token is the proof, and
because a page that sends no referrer posts with `Origin: null`, which that protection refuses."""


class NobodyThere(BadToken):
    """The link is ours and good, but its subscriber was erased."""


def subscriber_of(purpose: Purpose, token: str) -> Subscriber:
    """Whose link this is.

    Raises:
        BadToken: damaged, forged, expired or revoked. A link to leave by is never revoked.
        NobodyThere: (one of these) of somebody erased.
    """
    claim = read_token(purpose, token)
    subscriber = Subscriber.objects.filter(public_id=claim.public_id).first()
    if subscriber is None:
        raise NobodyThere
    if subscriber.token_epoch != claim.epoch and purpose is not Purpose.UNSUBSCRIBE:
        raise BadToken
    return subscriber


def notice_of(purpose: Purpose, token: str) -> Notice:
    """Which letter this is the answer to.

    Raises:
        BadToken: as with `subscriber_of`.
    """
    claim = read_token(purpose, token)
    notice = Notice.objects.select_related("subscriber", "ask").filter(public_id=claim.public_id).first()
    if notice is None:
        raise NobodyThere
    if notice.subscriber.token_epoch != claim.epoch:
        raise BadToken
    return notice


def enqueue_notices(notice_ids: Sequence[int]) -> None:
    """Have these letters sent. Enqueued also when there are none: that a queue is spoken to takes time."""
    delay_on_commit(tasks.send_notices, list(notice_ids))


def evenly(act: Callable[[], None]) -> None:
    """Do something whose duration would tell what is known of an address, and take as long as ever."""
    end = time.monotonic() + ANSWER_SECONDS
    act()
    time.sleep(max(0.0, end - time.monotonic()))


def page_for(
    request: HttpRequest,
    subscriber: Subscriber,
    template: str,
    context: Mapping[str, object],
    status: int = 200,
) -> HttpResponse:
    """A page in this person's language, unless the address asks for another."""
    language = language_of(subscriber)
    if "lang" in request.GET:
        language = translation.get_language() or language
    with translation.override(language):
        values = {"subscriber": subscriber, **context}
        response = render(request, template, values, status=status)
    response["Content-Language"] = language
    return response


def bad_link(request: HttpRequest, error: BadToken, purpose: Purpose) -> HttpResponse:
    """Why a link does not work, and what to do now."""
    if isinstance(error, NobodyThere):
        return render(request, "subscriptions/nobody.html")
    context = {
        "expired": isinstance(error, ExpiredToken),
        "leaving": purpose is Purpose.UNSUBSCRIBE,
        "managing": purpose in (Purpose.PREFERENCES, Purpose.EXPORT),
        "moving": purpose is Purpose.ADDRESS,
    }
    return render(request, "subscriptions/bad_link.html", context, status=404)


def posted_by_anything(request: HttpRequest) -> QueryDict:
    """The fields of a POST; none where its body cannot be read. The token is what counts."""
    try:
        return request.POST
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return QueryDict()
