"""What the pages share: secret addresses, whose they are, and answers that take the same time."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from subscriptions import tasks
from subscriptions.enqueue import delay_on_commit
from subscriptions.language import language_of
from subscriptions.models import Notice, Subscriber
from subscriptions.throttling import OverLimit
from subscriptions.tokens import BadToken, ExpiredToken, Purpose, read_token

AnyView = Callable[..., HttpResponseBase]
ANSWER_SECONDS = 0.25
"""What an answer takes, or a multiple of it, that must not tell by its time what is known of an address."""


def somebody_there(view: AnyView) -> AnyView:
    """Who is erased by another hand between reading the link and acting on it is told so."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (Subscriber.DoesNotExist, Notice.DoesNotExist):
            return render(request, "subscriptions/nobody.html")

    return wrapped


behind_a_token = method_decorator([csrf_exempt, somebody_there], name="dispatch")
"""For views whose address holds a token (`privacy.py` sees to their headers). Exempt from CSRF protection
because the token is the proof, and because a page that sends no referrer posts with `Origin: null`, which
that protection refuses."""


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
    # Who took somebody's digests could also revoke links: that must not take the way back. And what was
    # done by this very letter is no bad link to who presses again.
    kept = notice.letter == Notice.Letter.ADDRESS_CHANGED or is_done(notice)
    if notice.subscriber.token_epoch != claim.epoch and not kept:
        raise BadToken
    return notice


def is_done(notice: Notice) -> bool:
    """Whether the digests go already where this letter went."""
    return bool(notice.address) and notice.address == notice.subscriber.email


def enqueue_notices(notice_ids: Sequence[int]) -> None:
    """Have these letters sent. Enqueued also when there are none: that a queue is spoken to takes time."""
    delay_on_commit(tasks.send_notices, list(notice_ids))


def evenly(act: Callable[[], Sequence[int]]) -> None:
    """Do something whose duration would tell what is known of an address, and take as long as ever.

    `act` returns ids of notices to send. A network that asks too often is not waited for: that says
    nothing of any address, and threads are few.
    """
    began = time.monotonic()
    try:
        owed = act()
    except OverLimit:
        return
    enqueue_notices(owed)
    if ANSWER_SECONDS:
        # Rounded up, so that the time does not tell either where there is more to do than it allows for.
        time.sleep(ANSWER_SECONDS - (time.monotonic() - began) % ANSWER_SECONDS)


def page_for(
    request: HttpRequest,
    subscriber: Subscriber,
    template: str,
    context: Mapping[str, object],
    status: int = 200,
) -> HttpResponse:
    """A page in this person's language, unless the address asks for another."""
    language = language_of(subscriber)
    if request.GET.get("lang") in dict(settings.LANGUAGES):
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
    if (request.encoding or "utf-8").lower() != "utf-8":
        # Our pages send no other, and what is made in answer must not be written in whatever this is.
        request.encoding = "utf-8"
    try:
        return request.POST
    except Exception:  # noqa: BLE001  (whatever a mail program makes of it)
        return QueryDict()
