"""What the demo is made of."""

import gzip
import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User

from digest import delivery, demo, dispatch, outbox
from digest.models import Edition, Entry, IngestRun, Paper
from subscriptions import lifecycle
from subscriptions.models import Consent, Notice, Subscriber

pytestmark = pytest.mark.django_db
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_the_sample_papers_are_several_published_days():
    days = demo.load_samples()

    assert days == Edition.objects.published().count() >= 5
    assert {run.verdict for run in IngestRun.objects.all()} == {IngestRun.Verdict.COMPLETE}
    assert Paper.objects.count() == Entry.objects.count() >= 50


def test_loading_the_samples_again_adds_nothing():
    demo.load_samples()
    before = list(Paper.objects.order_by("pk").values())

    assert demo.load_samples() == 0
    assert list(Paper.objects.order_by("pk").values()) == before


def test_every_sample_paper_has_all_that_a_page_shows():
    demo.load_samples()

    for paper in Paper.objects.all():
        assert paper.authors
        assert len(paper.abstract) > 80
        assert paper.pdf_url
        assert paper.sightings.get().upvotes is not None


@pytest.mark.shared_data
def test_no_sample_holds_the_abstract_of_a_recorded_payload(shared_data: Path):
    """Facts may stand, sentences may not: abstracts are told in our own words."""
    theirs = set()
    for path in sorted(Path(project.SAMPLES_DIR).glob("*.json")):
        recorded = shared_data / "hf_daily" / f"{path.stem}.json.gz"
        if recorded.exists():
            for entry in json.loads(gzip.decompress(recorded.read_bytes())):
                words = entry["paper"]["summary"].split()
                theirs |= {" ".join(words[n : n + 12]) for n in range(len(words) - 11)}
    assert theirs
    for path in Path(project.SAMPLES_DIR).glob("*.json"):
        for entry in json.loads(path.read_bytes()):
            words = entry["paper"]["summary"].split()
            ours = {" ".join(words[n : n + 12]) for n in range(len(words) - 11)}
            assert not ours & theirs, entry["paper"]["id"]


def test_the_people_of_the_demo_are_active_by_consent_and_owed_no_letter():
    assert list(demo.ensure_people()) == list(demo.PEOPLE)
    assert list(demo.ensure_people()) == []

    assert set(Subscriber.objects.values_list("status", flat=True)) == {Subscriber.Status.ACTIVE}
    assert Consent.objects.filter(kind=Consent.Kind.CONFIRMED).count() == len(demo.PEOPLE)
    assert not Notice.objects.exists()


def test_the_people_of_the_demo_want_what_is_written_there():
    list(demo.ensure_people())

    wanted = {
        subscriber.email: ", ".join(str(keyword) for keyword in subscriber.keywords.all())
        for subscriber in Subscriber.objects.all()
    }
    assert wanted == demo.PEOPLE
    assert {consent.origin for consent in Consent.objects.all()} == {Consent.Origin.DEMO}


def test_who_left_the_demo_is_not_signed_up_again_by_its_next_start():
    list(demo.ensure_people())
    lifecycle.withdraw(Subscriber.objects.get(email="ada@example.org"), origin=Consent.Origin.PAGE)

    assert list(demo.ensure_people()) == []

    assert Subscriber.objects.get(email="ada@example.org").status == Subscriber.Status.UNSUBSCRIBED


def test_who_was_erased_in_the_demo_does_not_keep_it_from_starting_again():
    """Whoever tries the demo tries that, too."""
    list(demo.ensure_people())
    assert lifecycle.erase_address("ada@example.org") is True

    assert list(demo.ensure_people()) == []

    assert Subscriber.objects.count() == len(demo.PEOPLE) - 1


def test_everybody_of_the_demo_gets_a_first_digest_of_their_own():
    demo.load_samples()
    list(demo.ensure_people())

    for chunk in dispatch.due_chunks():
        delivery.deliver(dispatch.plan(chunk))

    mails = list(outbox.kept())
    assert {mail.to for mail in mails} == set(demo.PEOPLE)
    assert all("atches “" in unescape(mail.html) for mail in mails)


def test_the_admin_of_the_demo_is_made_once_with_a_password_only_we_read(settings: Any, tmp_path: Path):
    settings.VAR_DIR, settings.PASSWORD_HASHERS = tmp_path, QUICK

    password = demo.ensure_admin()

    admin = User.objects.get()
    assert admin.is_superuser
    assert admin.check_password(password)
    assert (tmp_path / "admin_password").stat().st_mode & 0o777 == 0o600
    assert demo.ensure_admin() == password
    assert User.objects.get().pk == admin.pk


def test_a_lost_password_file_makes_a_new_password(settings: Any, tmp_path: Path):
    settings.VAR_DIR, settings.PASSWORD_HASHERS = tmp_path, QUICK
    old = demo.ensure_admin()
    (tmp_path / "admin_password").unlink()

    new = demo.ensure_admin()

    assert new != old
    assert User.objects.get().check_password(new)
