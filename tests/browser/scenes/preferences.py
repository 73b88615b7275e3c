"""The preference centre and what it leads to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from digest import delivery, dispatch
from subscriptions import lifecycle
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.browser.scenes.scene import ADDRESS, LONG_WORD, Scene, ago, reader
from tests.browser.visits import Visit
from tests.factories import make_edition, make_paper
from tests.subscriptions.links import asked, asked_to_move, erase_path, path_of

YOURS = "Your preferences"
PathOf = Callable[[Subscriber], str]


def preferences_path(subscriber: Subscriber) -> str:
    return path_of(Purpose.PREFERENCES, subscriber)


def export_path(subscriber: Subscriber) -> str:
    return path_of(Purpose.EXPORT, subscriber)


def own_export_path(subscriber: Subscriber) -> str:
    """Behind the link to the preferences."""
    return f"{preferences_path(subscriber)}export/"


def centre(visit: Visit, **fields: Any) -> None:
    visit.go(path_of(Purpose.PREFERENCES, reader(**fields)))


def with_history(visit: Visit) -> None:
    subscriber = reader()
    make_edition(make_paper("Retrieval study", upvotes=3))
    delivery.deliver(dispatch.plan([subscriber.pk]))
    visit.go(path_of(Purpose.PREFERENCES, subscriber))


def coming_back(visit: Visit) -> None:
    visit.go(path_of(Purpose.PREFERENCES, asked(ADDRESS).subscriber))


def sent(visit: Visit, do: str, **fields: str) -> None:
    """The form of the centre that does this, filled in so and sent."""
    centre(visit)
    visit.fill(**fields)
    visit.press(do)


def resumed(visit: Visit) -> None:
    centre(visit, paused_until=timezone.now() + timedelta(days=20))
    visit.press("resume")


def erase(visit: Visit) -> None:
    visit.go(erase_path(reader()))


def erased(visit: Visit) -> None:
    erase(visit)
    visit.press()


def too_old(visit: Visit, path: PathOf) -> None:
    subscriber = reader()
    with ago(days=2):
        old = path(subscriber)
    visit.go(old)


def renewed(visit: Visit, path: PathOf) -> None:
    too_old(visit, path)
    visit.press("renew")


def revoked_link(visit: Visit) -> None:
    subscriber = reader()
    path = path_of(Purpose.PREFERENCES, subscriber)
    lifecycle.revoke_links(subscriber)
    visit.go(path)


def other_address(visit: Visit) -> None:
    visit.go(path_of(Purpose.ADDRESS, asked_to_move(reader(), ADDRESS)))


def other_address_taken(visit: Visit) -> None:
    other_address(visit)
    reader(email=ADDRESS)
    visit.press()


def other_address_done(visit: Visit) -> None:
    other_address(visit)
    visit.press()


def other_address_after_leaving(visit: Visit) -> None:
    subscriber = reader()
    visit.go(path_of(Purpose.ADDRESS, asked_to_move(subscriber, ADDRESS)))
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK)
    visit.press()


def other_address_looked_at_again(visit: Visit) -> None:
    notice = asked_to_move(reader(), ADDRESS)
    path = path_of(Purpose.ADDRESS, notice)
    lifecycle.move(notice)
    visit.go(path)


def address_back(visit: Visit) -> None:
    """Links were revoked since, as whoever took the digests might do."""
    subscriber = reader()
    lifecycle.move(asked_to_move(subscriber, ADDRESS))
    path = path_of(Purpose.ADDRESS, Notice.objects.get(letter=Notice.Letter.ADDRESS_CHANGED))
    lifecycle.revoke_links(subscriber)
    visit.go(path)


def address_brought_back(visit: Visit) -> None:
    address_back(visit)
    visit.press()


def address_too_late(visit: Visit) -> None:
    notice = asked_to_move(reader(), ADDRESS)
    with ago(days=4):
        path = path_of(Purpose.ADDRESS, notice)
    visit.go(path)


SCENES = [
    Scene("preferences", YOURS, with_history),
    Scene("preferences, weekly", YOURS, lambda visit: centre(visit, cadence="weekly", weekday=2)),
    Scene(
        "preferences, paused",
        YOURS,
        lambda visit: centre(visit, paused_until=timezone.now() + timedelta(days=20)),
    ),
    Scene(
        "preferences, unsubscribed",
        YOURS,
        lambda visit: centre(visit, status=Subscriber.Status.UNSUBSCRIBED),
    ),
    Scene("preferences, coming back", YOURS, coming_back),
    Scene(
        "preferences, keyword too long",
        YOURS,
        lambda visit: sent(visit, "wish", keywords=LONG_WORD * 4),
        "keywords",
    ),
    Scene(
        "preferences, bad time zone",
        YOURS,
        lambda visit: sent(visit, "wish", time_zone="Europe/Berlim"),
        "time_zone",
    ),
    Scene("preferences, pause without a day", YOURS, lambda visit: sent(visit, "pause"), "until"),
    Scene(
        "preferences, pause in the past",
        YOURS,
        lambda visit: sent(visit, "pause", until="2020-02-29"),
        "until",
    ),
    Scene(
        "preferences, bad new address",
        YOURS,
        lambda visit: sent(visit, "address", new__email=f"{LONG_WORD * 2} at home"),
        "new-email",
    ),
    Scene("preferences saved", YOURS, lambda visit: sent(visit, "wish", keywords="diffusion")),
    Scene(
        "preferences, now paused",
        YOURS,
        lambda visit: sent(visit, "pause", until=f"{timezone.now() + timedelta(days=20):%Y-%m-%d}"),
    ),
    Scene("preferences resumed", YOURS, resumed),
    Scene("preferences, asked at the new address", YOURS, lambda v: sent(v, "address", new__email=ADDRESS)),
    Scene("preferences, links revoked", "All older links are worthless now", lambda v: sent(v, "links")),
    Scene("preferences, link too old", "This link is too old", lambda v: too_old(v, preferences_path)),
    Scene("preferences, link renewed", "Look into your inbox", lambda v: renewed(v, preferences_path)),
    Scene("preferences, link revoked", "This link does not work", revoked_link),
    Scene("erase", "Erase everything?", erase),
    Scene("erase, link too old", "This link is too old", lambda v: too_old(v, erase_path)),
    Scene("erase, link renewed", "Look into your inbox", lambda v: renewed(v, erase_path)),
    Scene("erased", "Everything is erased", erased),
    Scene("export", "Your data", lambda visit: visit.go(export_path(reader()))),
    Scene("export, link too old", "This link is too old", lambda v: too_old(v, export_path)),
    Scene("export, link renewed", "Look into your inbox", lambda v: renewed(v, export_path)),
    Scene("export from the preferences", "Your data", lambda visit: visit.go(own_export_path(reader()))),
    Scene("export, forged", "This link does not work", lambda visit: visit.go("/export/forged/")),
    Scene("another address", "Digests at this address?", other_address),
    Scene("another address, done", "Your digests come here from now on", other_address_done),
    Scene("another address, left since", "This is your address now", other_address_after_leaving),
    Scene("another address, seen again", "Digests at this address?", other_address_looked_at_again),
    Scene("another address, taken", "This cannot be done", other_address_taken),
    Scene("address back", "Bring the digests back here?", address_back),
    Scene("address back, done", "Your digests come here from now on", address_brought_back),
    Scene("another address, too late", "This link is too old", address_too_late),
    Scene("another address, forged", "This link does not work", lambda visit: visit.go("/address/forged/")),
]
