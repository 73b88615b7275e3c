from zoneinfo import ZoneInfo, available_timezones

import pytest

from subscriptions.forms import SignUpForm
from subscriptions.models import Keyword, Subscriber


def form(**typed: str) -> SignUpForm:
    return SignUpForm({"email": "ada@example.org", **typed})


def test_an_address_is_enough():
    signing_up = form()

    assert signing_up.is_valid()
    values = signing_up.request_values()
    assert values["address"].key == "ada@example.org"
    assert values["keywords"] == []
    assert values["time_zone"] is None


def test_the_values_are_those_of_our_words():
    signing_up = form(email=" Ada@Bücher.example ", keywords="retrieval, -survey", time_zone="Asia/Tokyo")

    assert signing_up.is_valid()
    values = signing_up.request_values()
    assert values["address"].email == "Ada@xn--bcher-kva.example"
    assert [(term.text, term.stance) for term in values["keywords"]] == [
        ("retrieval", Keyword.Stance.FOLLOW),
        ("survey", Keyword.Stance.MUTE),
    ]
    assert values["time_zone"] == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"email": ""}, "email", "type the address"),
        ({"email": "   "}, "email", "type the address"),
        ({"email": "ada"}, "email", "@-sign"),
        ({"email": "ada@example"}, "email", "period"),
        ({"email": "jürgen@example.org"}, "email", "before the @-sign"),
        ({"email": "x" * 65 + "@example.org"}, "email", "too long"),
        ({"email": "x" * 300 + "@example.org"}, "email", "254 characters"),
        ({"email": "ada\x00@example.org"}, "email", "Null characters"),
        ({"keywords": "x" * 81}, "keywords", "longer than 80 characters"),
        ({"keywords": ",".join(map(str, range(31)))}, "keywords", "up to 30"),
        ({"keywords": "x," * 5000}, "keywords", "characters"),
        ({"keywords": "retrie\x00val"}, "keywords", "Null characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed, field, words):
    signing_up = form(**typed)

    assert not signing_up.is_valid()
    assert list(signing_up.errors) == [field]
    assert words in signing_up.errors[field][0]


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "europe/berlin", "x" * 65, "\x00", "UTC\x00", "+02:00"]
)
def test_a_time_zone_nobody_knows_is_no_error(name):
    """The browser fills it in, out of sight: nobody could mend it."""
    signing_up = form(time_zone=name)

    assert signing_up.is_valid(), signing_up.errors
    assert signing_up.request_values()["time_zone"] is None


def test_a_time_zone_the_table_does_not_know_is_not_kept():
    known = {str(zone) for zone, _ in Subscriber.time_zone.field.choices or ()}
    assert "Asia/Tokyo" in known

    for name in available_timezones() - known:
        signing_up = form(time_zone=name)
        assert signing_up.is_valid()
        assert signing_up.request_values()["time_zone"] is None, name


@pytest.mark.parametrize("name", ["localtime", "Factory"])
def test_a_time_zone_that_depends_on_the_machine_is_not_kept(name):
    """`localtime` is whatever this server is set to, and may not exist on the next one."""
    signing_up = form(time_zone=name)

    assert signing_up.is_valid()
    assert signing_up.request_values()["time_zone"] is None
