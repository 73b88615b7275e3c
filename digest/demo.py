"""What a demo is made of: sample papers as editions, an admin, a few subscribers."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from digest import editions, ingest
from digest.models import Edition
from digest.sources import SOURCES
from digest.sources.payload import read_bytes
from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Subscriber
from subscriptions.preferences import Preferences

ADMIN = "admin"
PEOPLE = {
    "ada@example.org": "large language model, reasoning, -speech",
    "grace@example.org": "robot, video generation, 3D",
    "mary@example.org": "speech, retrieval augmented generation, benchmark",
}


def load_samples() -> int:
    """Take in the bundled days and publish them, oldest first. Returns how many were new."""
    source = SOURCES["huggingface"]
    new = 0
    for path in sorted(Path(settings.SAMPLES_DIR).glob("*.json")):
        for look in source.read(read_bytes(path), name=path.name, day=None, today=editions.today()):
            look.recorded = True
            if Edition.objects.published().filter(date=look.day).exists():
                continue
            ingest.take_in(look)
            editions.publish_date(look.day)
            new += 1
    return new


def ensure_admin() -> str:
    """Make the demo's admin once. Returns the password, which is kept in a file of `var/`."""
    users = User.objects
    path = settings.VAR_DIR / "admin_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), encoding="ascii")
        users.filter(username=ADMIN).delete()
    password = path.read_text(encoding="ascii").strip()
    if not users.filter(username=ADMIN).exists():
        user = User(username=ADMIN, is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save()
    return password


def ensure_people() -> Iterator[str]:
    """Sign the demo's subscribers up and confirm for them. Yields those who are new."""
    for email, keywords in PEOPLE.items():
        address = parse_address(email)
        if Subscriber.objects.filter(email_key=address.key).exists():
            continue
        preferences = Preferences(keywords=tuple(parse_keywords(keywords)))
        lifecycle.request(address, preferences, origin=Consent.Origin.DEMO)
        subscriber = Subscriber.objects.filter(email_key=address.key).first()
        if subscriber is None:  # erased in the demo, and that is for good
            continue
        # They are made up: nobody will answer a confirmation, and nobody needs a welcome.
        subscriber.notices.all().delete()
        lifecycle.confirm(subscriber, origin=Consent.Origin.DEMO, now=timezone.now())
        subscriber.notices.all().delete()
        yield email
