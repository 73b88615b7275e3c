"""The links of a digest, followed by whatever follows links."""

import re

import pytest
from django.conf import settings as project
from django.test import Client

from digest import delivery, dispatch, outbox
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.letters import URL, Shown
from tests.subscriptions.looks import look_at
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(outbox_dir) -> outbox.KeptMail:
    """A digest of two papers, delivered."""
    make_edition(make_paper("Retrieval of old papers", upvotes=9), make_paper("More retrieval", upvotes=5))
    make_subscriber("ada.lovelace@example.org", "retrieval")
    for chunk in dispatch.due_chunks():
        delivery.deliver(dispatch.plan(chunk))
    [mail] = outbox.kept()
    return mail


def ours(mail: outbox.KeptMail) -> list[str]:
    """The paths of its links on our own site, also that of its header."""
    header = re.findall("<(http[^>]+)>", dict(mail.headers)["List-Unsubscribe"])
    links = {*URL.findall(mail.text), *Shown(mail.html).links, *header}
    site = project.SITE_URL
    return sorted(link.removeprefix(site) for link in links if link.startswith(site))


def test_every_link_of_a_digest_works(mail):
    paths = ours(mail)

    assert {path.split("/")[1] for path in paths} >= {"", "paper", "papers", "unsubscribe"}
    for path in paths:
        assert Client().get(path).status_code == 200, path


def test_no_link_of_a_digest_does_anything_when_it_is_only_followed(mail, queued):
    before = every_row()

    for path in ours(mail):
        for method, answer in look_at(path):
            assert answer.status_code in (200, 405), (path, method)

    assert every_row() == before
    assert queued == []


def test_no_link_of_a_digest_names_its_reader(mail):
    for link in {*URL.findall(mail.text), *Shown(mail.html).links}:
        assert not re.search(r"lovelace|ada\b|@|%40", link, re.IGNORECASE), link
