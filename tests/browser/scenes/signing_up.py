"""From the form to the yes."""

from subscriptions import lifecycle
from subscriptions.models import Consent, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from tests.browser.scenes.scene import ADDRESS, LONG_WORD, Scene, ago, gone, reader
from tests.browser.visits import Visit
from tests.subscriptions.links import asked, path_of

SUBSCRIBE = "/subscribe/"
LONG_KEYWORD = (LONG_WORD * 2)[:80]


def details_open(visit: Visit) -> None:
    visit.go(SUBSCRIBE)
    visit.page.locator("summary").click()


def signed_up(visit: Visit, **fields: str) -> None:
    visit.go(SUBSCRIBE)
    if "time_zone" in fields:
        visit.page.locator("summary").click()
    visit.fill(**({"email": ADDRESS} | fields))
    visit.press()


def without_cookies(visit: Visit) -> None:
    visit.go(SUBSCRIBE)
    visit.fill(email=ADDRESS)
    visit.page.context.clear_cookies(name="csrftoken")
    visit.press()


def link_asked_for(visit: Visit, email: str = ADDRESS) -> None:
    visit.go("/manage/")
    visit.fill(email=email)
    visit.press()


def confirm(visit: Visit) -> None:
    visit.go(path_of(Purpose.CONFIRM, asked(ADDRESS, f"retrieval, {LONG_KEYWORD}, -survey")))


def confirm_as_active(visit: Visit) -> None:
    notice = asked(ADDRESS)
    lifecycle.confirm(notice.subscriber, ask=notice.ask)
    visit.go(path_of(Purpose.CONFIRM, notice))


def confirm_after_leaving(visit: Visit) -> None:
    notice = asked(ADDRESS)
    lifecycle.withdraw(notice.subscriber, origin=Consent.Origin.PAGE)
    visit.go(path_of(Purpose.CONFIRM, notice))


def confirm_too_late(visit: Visit) -> None:
    notice = asked(ADDRESS)
    with ago(days=4):
        path = path_of(Purpose.CONFIRM, notice)
    visit.go(path)


def confirmed(visit: Visit) -> None:
    confirm(visit)
    visit.press()


def confirmed_after_leaving(visit: Visit) -> None:
    notice = asked(ADDRESS)
    visit.go(path_of(Purpose.CONFIRM, notice))
    lifecycle.withdraw(notice.subscriber, origin=Consent.Origin.ONE_CLICK)
    visit.press()


def confirmed_where_mail_is_refused(visit: Visit) -> None:
    notice = asked(ADDRESS)
    visit.go(path_of(Purpose.CONFIRM, notice))
    suppress(notice.subscriber.email_key, Suppression.Reason.COMPLAINT)
    visit.press()


def confirm_on_coming_back(visit: Visit) -> None:
    """Who left stays so until they say yes to a question of later."""
    gone(email=ADDRESS)
    visit.go(path_of(Purpose.CONFIRM, asked(ADDRESS)))


def known_already(visit: Visit) -> None:
    reader(email=ADDRESS)
    signed_up(visit)


SCENES = [
    Scene("subscribe", "Subscribe", lambda visit: visit.go(SUBSCRIBE)),
    Scene("subscribe, details open", "Subscribe", details_open),
    Scene("subscribe, bad address", "Subscribe", lambda visit: signed_up(visit, email="not one"), "email"),
    Scene(
        "subscribe, keyword too long",
        "Subscribe",
        lambda visit: signed_up(visit, keywords=LONG_WORD * 4),
        "keywords",
    ),
    Scene(
        "subscribe, bad time zone",
        "Subscribe",
        lambda visit: signed_up(visit, time_zone="Europe/Berlim"),
        "time_zone",
    ),
    Scene("subscribe without cookies", "Please try again", without_cookies),
    Scene("asked", "Look into your inbox", signed_up),
    Scene("asked, known already", "Look into your inbox", known_already),
    Scene("manage", "Your subscription", lambda visit: visit.go("/manage/")),
    Scene("manage, bad address", "Your subscription", lambda visit: link_asked_for(visit, ""), "email"),
    Scene("link sent", "Look into your inbox", link_asked_for),
    Scene("confirm", "One press and you are in", confirm),
    Scene("confirm, active", "You are subscribed already", confirm_as_active),
    Scene("confirm, left", "You have unsubscribed since", confirm_after_leaving),
    Scene("confirm, too late", "This link is too old", confirm_too_late),
    Scene("confirm, forged", "This link does not work", lambda visit: visit.go("/confirm/forged/")),
    Scene("confirmed", "Welcome to Paper Round", confirmed),
    Scene("confirmed, left", "You have unsubscribed since", confirmed_after_leaving),
    Scene("confirm, coming back", "One press and you are in", confirm_on_coming_back),
    Scene("confirmed, refused", "We may not write to this address", confirmed_where_mail_is_refused),
]
