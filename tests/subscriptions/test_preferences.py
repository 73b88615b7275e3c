"""A whole wish as one value: onto a row and back, into the ledger and back, also years later."""

import json
from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.keywords import KeywordsRefused, TypedKeyword, keywords_of, parse_keywords
from subscriptions.lifecycle import set_keywords
from subscriptions.models import Subscriber
from subscriptions.preferences import Preferences
from tests.factories import make_subscriber

FULL = Preferences(
    keywords=tuple(parse_keywords("retrieval, -survey")),
    cadence="weekly",
    weekday=2,
    hour=20,
    time_zone=ZoneInfo("Asia/Tokyo"),
    size=20,
    thin_day="fill",
    language="de",
)
JSON = {
    "keywords": ["retrieval", "-survey"],
    "cadence": "weekly",
    "weekday": 2,
    "hour": 20,
    "time_zone": "Asia/Tokyo",
    "size": 20,
    "thin_day": "fill",
    "language": "de",
}


def kept(terms: list[str]) -> tuple[TypedKeyword, ...]:
    """What is kept of terms as they come, none where they are refused."""
    try:
        return tuple(keywords_of(terms))
    except KeywordsRefused:
        return ()


def written(preferences: Preferences, subscriber: Subscriber) -> Subscriber:
    """The person as the database has them after this became their wish."""
    preferences.write_to(subscriber)
    subscriber.save()
    set_keywords(subscriber, preferences.keywords)
    return Subscriber.objects.get(pk=subscriber.pk)


zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
days = st.one_of(
    st.tuples(st.sampled_from(["daily", "weekdays"]), st.none()),
    st.tuples(st.just("weekly"), st.integers(0, 6)),
)
wishes = st.builds(
    lambda day, **rest: Preferences(cadence=day[0], weekday=day[1], **rest),
    day=days,
    keywords=st.lists(st.text(max_size=60), max_size=8).map(kept),
    hour=st.integers(0, 23),
    time_zone=st.none() | zones,
    size=st.sampled_from([5, 10, 20]),
    thin_day=st.sampled_from(["skip", "fill"]),
    language=st.sampled_from(["en", "de"]),
)


# --- into the ledger ----------------------------------------------------------------------


def test_the_ledger_has_words_and_numbers_for_all_of_it():
    assert FULL.as_json() == JSON
    assert FULL.as_json().keys() == {field.name for field in fields(Preferences)}


@settings(max_examples=400, deadline=None, derandomize=True)
@given(wishes)
def test_what_went_into_the_ledger_comes_back_as_it_was(wish):
    assert Preferences.from_json(json.loads(json.dumps(wish.as_json()))) == wish


@pytest.mark.parametrize("missing", sorted(JSON))
def test_what_an_older_line_does_not_say_is_as_if_nobody_had_said_it(missing):
    told = {name: value for name, value in JSON.items() if name != missing}
    if missing == "weekday":
        told["cadence"] = "daily"

    wish = Preferences.from_json(told)

    assert getattr(wish, missing) == getattr(Preferences(), missing)
    assert wish.as_json().items() >= {k: v for k, v in told.items() if k != missing}.items()


def test_an_older_line_that_says_nothing_is_the_plain_wish():
    assert Preferences.from_json({}) == Preferences()


def test_what_is_said_beside_it_is_left_out():
    assert Preferences.from_json({**JSON, "colour": "red", "pk": 7}) == FULL


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cadence", "hourly"),
        ("cadence", None),
        ("weekday", 7),
        ("weekday", None),
        ("weekday", "Monday"),
        ("hour", 24),
        ("hour", -1),
        ("hour", None),
        ("hour", "8"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", None),
        ("size", 11),
        ("size", None),
        ("thin_day", "maybe"),
        ("language", None),
        ("keywords", None),
        ("keywords", []),
        ("keywords", ["x" * 200]),
        ("keywords", [f"term {number}" for number in range(99)]),
    ],
)
def test_what_is_not_offered_any_more_does_not_keep_anybody_from_saying_yes(name, value):
    """The page behind an older letter reads this, and the row that it makes must be a good one."""
    wish = Preferences.from_json({**JSON, name: value})

    subscriber = written(wish, make_subscriber())

    left = {key: known for key, known in JSON.items() if key not in (name, "weekday", "cadence")}
    for key, known in left.items():
        assert Preferences.of(subscriber).as_json()[key] == known


# --- onto a row ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_all_of_it_is_on_the_row():
    subscriber = written(FULL, make_subscriber())

    assert (subscriber.cadence, subscriber.weekday, subscriber.hour) == ("weekly", 2, 20)
    assert (subscriber.size, subscriber.thin_day, subscriber.language) == (20, "fill", "de")
    assert str(subscriber.time_zone) == "Asia/Tokyo"
    assert Preferences.of(subscriber) == FULL


@pytest.mark.django_db
@pytest.mark.parametrize("cadence", ["daily", "weekdays"])
def test_only_a_weekly_wish_has_a_weekday(cadence):
    subscriber = written(replace(FULL, cadence=cadence), make_subscriber())

    assert subscriber.weekday is None


@pytest.mark.django_db
def test_who_is_new_and_does_not_say_lives_where_the_editions_are_made(settings):
    settings.EDITION_TIME_ZONE = "Europe/Berlin"
    subscriber = Subscriber(email="ada@example.org", email_key="ada@example.org")

    assert str(written(Preferences(), subscriber).time_zone) == "Europe/Berlin"


@pytest.mark.django_db
def test_who_is_known_and_does_not_say_has_not_moved():
    subscriber = make_subscriber(time_zone="Asia/Tokyo")

    assert str(written(Preferences(), Subscriber.objects.get(pk=subscriber.pk)).time_zone) == "Asia/Tokyo"


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, derandomize=True)
@given(wishes.filter(lambda wish: wish.time_zone is not None))
def test_every_wish_that_can_be_made_fits_the_row_and_comes_back(wish):
    subscriber = written(wish, make_subscriber())

    assert Preferences.of(subscriber) == wish
    subscriber.delete()


# --- what is different --------------------------------------------------------------------


def test_a_wish_does_not_differ_from_itself():
    assert FULL.differences(replace(FULL)) == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hour": 8}, {"hour": [20, 8]}),
        ({"size": 5}, {"size": [20, 5]}),
        ({"time_zone": ZoneInfo("UTC")}, {"time_zone": ["Asia/Tokyo", "UTC"]}),
        ({"time_zone": None}, {"time_zone": ["Asia/Tokyo", None]}),
        (
            {"cadence": "daily", "weekday": None},
            {"cadence": ["weekly", "daily"], "weekday": [2, None]},
        ),
        (
            {"keywords": tuple(parse_keywords("-survey, retrieval"))},
            {"keywords": [["retrieval", "-survey"], ["-survey", "retrieval"]]},
        ),
        (
            {"keywords": tuple(parse_keywords("retrieval, survey"))},
            {"keywords": [["retrieval", "-survey"], ["retrieval", "survey"]]},
        ),
    ],
)
def test_what_is_different_is_told_from_here_to_there(change: dict[str, Any], told):
    assert FULL.differences(replace(FULL, **change)) == told
    assert json.loads(json.dumps(told)) == told
