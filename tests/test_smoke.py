import pytest

from digest import delivery, dispatch, outbox
from tests.factories import make_edition, make_paper, make_subscriber


@pytest.mark.django_db(transaction=True)
def test_one_digest_travels_from_edition_to_outbox():
    make_edition(make_paper("Retrieval for everyone", upvotes=4), make_paper("Soup"))
    subscriber = make_subscriber(keywords="retrieval")

    delivery.deliver(dispatch.plan([subscriber.pk]))

    [mail] = outbox.kept()
    assert mail.to == subscriber.email
    assert "Retrieval for everyone" in mail.html
    assert "Retrieval for everyone" in mail.text
    assert "Soup" not in mail.html
