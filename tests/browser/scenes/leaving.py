"""The unsubscribe link."""

from subscriptions import lifecycle
from subscriptions.models import Consent, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from tests.browser.scenes.scene import Scene, gone, reader
from tests.browser.visits import Visit
from tests.subscriptions.links import path_of


def leave(visit: Visit, subscriber: Subscriber) -> None:
    visit.go(path_of(Purpose.UNSUBSCRIBE, subscriber))


def pressed(visit: Visit, do: str) -> None:
    leave(visit, reader())
    visit.press(do)


def undone(visit: Visit) -> None:
    pressed(visit, "leave")
    visit.press("undo")


def left_elsewhere(visit: Visit, do: str) -> None:
    """The page stands open while a mail program unsubscribes; then a button of it is pressed."""
    subscriber = reader()
    leave(visit, subscriber)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK)
    visit.press(do)


def undone_too_late(visit: Visit) -> None:
    """In between, the address refused our mail."""
    subscriber = reader()
    leave(visit, subscriber)
    visit.press("leave")
    suppress(subscriber.email_key, Suppression.Reason.COMPLAINT)
    visit.press("undo")


def cut_off(visit: Visit) -> None:
    """The address has lost its last character."""
    visit.go(path_of(Purpose.UNSUBSCRIBE, reader()).removesuffix("/"))


def erased_since(visit: Visit) -> None:
    subscriber = reader()
    path = path_of(Purpose.UNSUBSCRIBE, subscriber)
    lifecycle.erase(subscriber)
    visit.go(path)


SCENES = [
    Scene("unsubscribe", "Unsubscribe?", lambda visit: leave(visit, reader())),
    Scene(
        "unsubscribe, never confirmed",
        "Unsubscribe?",
        lambda visit: leave(visit, reader(status=Subscriber.Status.PENDING)),
    ),
    Scene("unsubscribed", "You are unsubscribed", lambda visit: pressed(visit, "leave")),
    Scene("unsubscribed already", "You are unsubscribed already", lambda visit: leave(visit, gone())),
    Scene("unsubscribed long ago", "You are unsubscribed already", lambda visit: leave(visit, gone(days=40))),
    Scene("unsubscribe, cut off", "Unsubscribe?", cut_off),
    Scene(
        "fewer mails, but left since", "You are unsubscribed already", lambda v: left_elsewhere(v, "fewer")
    ),
    Scene("unsubscribing not undone", "You are unsubscribed already", undone_too_late),
    Scene("unsubscribing undone", "Welcome back", undone),
    Scene("fewer mails", "Fewer mails from now on", lambda visit: pressed(visit, "fewer")),
    Scene("unsubscribe, erased since", "You are not subscribed", erased_since),
    Scene("unsubscribe, forged", "This link does not work", lambda visit: visit.go("/unsubscribe/forged/")),
]
