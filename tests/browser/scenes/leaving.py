"""The unsubscribe link."""

from subscriptions import lifecycle
from subscriptions.models import Subscriber
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


def erased_since(visit: Visit) -> None:
    subscriber = reader()
    path = path_of(Purpose.UNSUBSCRIBE, subscriber)
    lifecycle.erase(subscriber.email_key)
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
    Scene("unsubscribing undone", "Welcome back", undone),
    Scene("fewer mails", "Fewer mails from now on", lambda visit: pressed(visit, "fewer")),
    Scene("unsubscribe, erased since", "You are not subscribed", erased_since),
    Scene("unsubscribe, forged", "This link does not work", lambda visit: visit.go("/unsubscribe/forged/")),
]
