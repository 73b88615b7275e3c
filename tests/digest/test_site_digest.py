"""A digest in the browser: whose it is, what it holds, and what its page may do."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from digest import delivery as deliveries
from digest.models import Delivery
from digest.shelf import shelf
from subscriptions.tokens import Purpose, make_token
from tests.digest.conftest import make_delivery
from tests.digest.test_letter_sent import Page
from tests.factories import DAY, make_edition, make_paper, make_subscriber

pytestmark = pytest.mark.django_db


def planned(papers: int = 3, *, size: int = 2, keywords: str = "sheep", language: str = "en") -> Delivery:
    """A digest of the best `size` of so many papers that match."""
    shown = [make_paper(f"Sheep number {n}", upvotes=50 - n) for n in range(papers)]
    edition = make_edition(*shown, make_paper("Goats", upvotes=1))
    reader = make_subscriber(keywords=keywords, language=language)
    return make_delivery(reader, edition, *shown[:size], terms=[("sheep", "title")], left_out=papers - size)


def address(delivery: Delivery) -> str:
    assert delivery.subscriber is not None
    return f"/digest/{deliveries.digest_token(delivery, delivery.subscriber)}/"


def look(client: Client, delivery: Delivery) -> str:
    answer = client.get(address(delivery))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_what_was_sent_and_what_else_matched(client: Client):
    page = Page(look(client, planned(papers=5)))

    assert "More that matched" in page.text
    for number in range(5):
        assert f"Sheep number {number}" in page.text
    assert "Goats" not in page.text
    assert "See the whole edition on the web" in page.text


def test_where_nothing_was_left_out_there_is_no_second_list(client: Client):
    assert "More that matched" not in look(client, planned(papers=2))


def test_what_cannot_be_looked_up_any_more_is_in_its_edition(client: Client):
    delivery = planned(papers=4)
    for n in range(1, 32):
        make_edition(make_paper(), day=DAY + timedelta(days=n))
    shelf.clear()

    page = Page(look(client, delivery))

    assert "More that matched" not in page.text
    assert "See the whole edition on the web" in page.text


def test_the_page_speaks_the_readers_language(client: Client):
    html = look(client, planned(papers=4, language="de"))

    assert '<html lang="de"' in html
    assert "Weitere, die passen" in unescape(html)


def test_the_page_has_no_origin_and_loads_nothing(client: Client):
    answer = client.get(address(planned()))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"


def test_looking_changes_nothing(client: Client):
    delivery = planned()
    before = Delivery.objects.values().get()

    look(client, delivery)

    assert Delivery.objects.values().get() == before


def test_a_revoked_link_and_one_of_another_purpose_show_nothing(client: Client):
    delivery = planned()
    reader = delivery.subscriber
    assert reader is not None
    good = address(delivery)
    other = make_token(Purpose.FEEDBACK, public_id=delivery.public_id, epoch=reader.token_epoch)

    assert client.get(f"/digest/{other}/").status_code == 404
    reader.token_epoch += 1
    reader.save()
    answer = client.get(good)
    assert answer.status_code == 404
    assert b"Sheep" not in answer.content


def test_the_digest_of_somebody_erased_shows_nothing(client: Client):
    delivery = planned()
    good = address(delivery)
    assert delivery.subscriber is not None
    delivery.subscriber.delete()

    assert b"Sheep" not in client.get(good).content


def test_a_digest_of_which_nothing_is_left_says_so(client: Client):
    delivery = planned()
    delivery.edition.entries.update(hidden=True)

    answer = client.get(address(delivery))

    assert answer.status_code == 410
    assert b"This digest is gone" in answer.content
