from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as project
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.forms import (
    FAST_COST,
    STAMP,
    AddressForm,
    LeaveForm,
    PauseForm,
    SignUpForm,
    WishForm,
    default_preferences,
    initial_of,
)
from subscriptions.keywords import parse_keywords
from subscriptions.models import Keyword, Subscriber
from subscriptions.preferences import PLAIN, Preferences
from subscriptions.zones import zone_names

HIDDEN = ("guessed_zone", "shown", "homepage")


def form(**typed: str) -> SignUpForm:
    return SignUpForm({"email": "ada@example.org", **typed})


def wish(base: Preferences | None = None, **typed: str) -> Preferences:
    """What a form with this typed in says; it must be valid."""
    filled = WishForm(typed, base=base)
    assert filled.is_valid(), filled.errors
    return filled.preferences()


# --- a sign-up --------------------------------------------------------------------------


def test_an_address_is_enough():
    signing_up = form()

    assert signing_up.is_valid()
    assert signing_up.cleaned_data["email"].key == "ada@example.org"
    assert signing_up.preferences() == Preferences()


def test_the_values_are_those_of_our_words():
    signing_up = form(
        email=" Ada@Bücher.example ",
        keywords="retrieval, -survey",
        cadence="weekly",
        weekday="4",
        hour="6",
        time_zone="Asia/Tokyo",
        size="20",
        thin_day="fill",
        language="de",
    )

    assert signing_up.is_valid()
    assert signing_up.cleaned_data["email"].email == "Ada@xn--bcher-kva.example"
    preferences = signing_up.preferences()
    assert [(term.text, term.stance) for term in preferences.keywords] == [
        ("retrieval", Keyword.Stance.FOLLOW),
        ("survey", Keyword.Stance.MUTE),
    ]
    assert {name: getattr(preferences, name) for name in PLAIN} == {
        "cadence": "weekly",
        "weekday": 4,
        "hour": 6,
        "time_zone": ZoneInfo("Asia/Tokyo"),
        "size": 20,
        "thin_day": "fill",
        "language": "de",
    }


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"email": ""}, "email", "type the address"),
        ({"email": "   "}, "email", "type the address"),
        ({"email": "ada"}, "email", "it has no @"),
        ({"email": "ada@example"}, "email", "after the @"),
        ({"email": "ada@ex ample.org"}, "email", "after the @"),
        ({"email": "ada@localhost"}, "email", "after the @"),
        ({"email": "jürgen@example.org"}, "email", "such letters before the @"),
        ({"email": "ada lovelace@example.org"}, "email", "before the @"),
        ({"email": "x" * 65 + "@example.org"}, "email", "before the @"),
        ({"email": "x" * 300 + "@example.org"}, "email", "254 characters"),
        ({"email": "ada\x00@example.org"}, "email", "Null characters"),
        ({"keywords": "x" * 81}, "keywords", "longer than 80 characters"),
        ({"keywords": ",".join(map(str, range(31)))}, "keywords", "up to 30"),
        ({"keywords": "x," * 5000}, "keywords", "characters"),
        ({"keywords": "retrie\x00val"}, "keywords", "Null characters"),
        ({"cadence": "hourly"}, "cadence", "valid choice"),
        ({"weekday": "7"}, "weekday", "valid choice"),
        ({"hour": "-1"}, "hour", "valid choice"),
        ({"hour": "8.5"}, "hour", "valid choice"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "There is no time zone “Mars/Olympus”"),
        ({"time_zone": "Europe/Berlinn"}, "time_zone", "Did you mean Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "There is no time zone"),
        ({"time_zone": "+02:00"}, "time_zone", "There is no time zone"),
        ({"time_zone": "localtime"}, "time_zone", "There is no time zone"),
        ({"time_zone": "Factory"}, "time_zone", "There is no time zone"),
        ({"time_zone": "x" * 65}, "time_zone", "64 characters"),
        ({"time_zone": "UTC\x00"}, "time_zone", "Null characters"),
        ({"size": "1000"}, "size", "valid choice"),
        ({"thin_day": "perhaps"}, "thin_day", "valid choice"),
        ({"language": "tlh"}, "language", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_which_gets_the_cursor(typed, field, words):
    signing_up = form(**typed)

    assert not signing_up.is_valid()
    assert list(signing_up.errors) == [field]
    assert words in signing_up.errors[field][0]
    assert [name for name in signing_up.fields if "autofocus" in str(signing_up[name])] == [field]
    assert signing_up.more_is_wrong() is (field in signing_up.more)


def test_of_several_wrong_fields_the_first_gets_the_cursor():
    signing_up = form(keywords="x" * 81, hour="24")

    assert set(signing_up.errors) == {"keywords", "hour"}
    assert [name for name in signing_up.fields if "autofocus" in str(signing_up[name])] == ["keywords"]


@given(values=st.fixed_dictionaries({name: st.text(max_size=100) for name in HIDDEN}))
def test_whatever_is_in_the_hidden_fields_makes_no_form_invalid(values):
    """Nobody could mend what nobody sees."""
    signing_up = form(**values)

    assert signing_up.is_valid(), signing_up.errors
    assert signing_up.cost in (1, FAST_COST)
    assert signing_up.trapped is bool(values["homepage"])


# --- time zones -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_time_zone_may_be_typed_as_people_say_it(typed, zone):
    assert wish(time_zone=typed).time_zone == ZoneInfo(zone)


@pytest.mark.parametrize(
    "guessed",
    ["", "Mars/Olympus", "../../etc/passwd", "x" * 65, "\x00", "UTC\x00", "+02:00", "localtime", "Factory"],
)
def test_a_guess_of_the_browser_that_we_do_not_know_is_no_error(guessed):
    """It is filled in out of sight; also where a script has put it into the field that is in sight."""
    assert wish(guessed_zone=guessed).time_zone is None
    if guessed.isprintable() and len(guessed) <= 64:
        assert wish(guessed_zone=guessed, time_zone=guessed).time_zone is None


def test_a_guess_counts_where_nothing_was_typed_and_only_there():
    assert wish(guessed_zone="Asia/Tokyo").time_zone == ZoneInfo("Asia/Tokyo")
    assert wish(guessed_zone="Asia/Tokyo", time_zone="UTC").time_zone == ZoneInfo("UTC")


def test_every_zone_that_is_offered_can_be_stored():
    known = {str(zone) for zone, _ in Subscriber.time_zone.field.choices or ()}

    for name in zone_names():
        assert str(wish(time_zone=name).time_zone) == name
        assert name in known


# --- a wish on top of another -----------------------------------------------------------

BASE = Preferences(
    keywords=tuple(parse_keywords("retrieval, -survey")),
    cadence="weekly",
    weekday=4,
    hour=6,
    time_zone=ZoneInfo("Asia/Tokyo"),
    size=20,
    thin_day="fill",
    language="de",
)


def test_what_is_not_sent_along_stays_as_it_is():
    assert wish(BASE) == BASE
    assert wish(BASE, hour="7").hour == 7
    assert wish(BASE, keywords="").keywords == ()


def test_a_form_sent_back_as_it_was_shown_changes_nothing():
    shown = WishForm(base=BASE)
    typed = {name: str(shown[name].value()) for name in ("keywords", *PLAIN)}

    assert wish(BASE, **typed) == BASE


@pytest.mark.parametrize(
    ("base", "typed", "weekday"),
    [
        (Preferences(), {"cadence": "weekly"}, 0),
        (Preferences(), {"cadence": "weekly", "weekday": "6"}, 6),
        (Preferences(), {"cadence": "daily", "weekday": "6"}, None),
        (Preferences(), {"weekday": "6"}, None),
        (BASE, {"cadence": "weekdays"}, None),
        (BASE, {"weekday": "2"}, 2),
        (BASE, {}, 4),
    ],
)
def test_there_is_a_weekday_if_and_only_if_it_is_once_a_week(base, typed, weekday):
    assert wish(base, **typed).weekday == weekday


@pytest.mark.parametrize("language", [code for code, _ in project.LANGUAGES])
def test_who_does_not_say_gets_mails_in_the_language_of_the_page(language):
    with translation.override(language):
        assert default_preferences().language == language
        assert WishForm()["language"].value() == language


def test_a_page_in_a_language_we_do_not_speak_offers_english():
    with translation.override("fr"):
        assert default_preferences().language == "en"


def test_muted_keywords_are_shown_with_their_minus():
    assert initial_of(BASE)["keywords"] == "retrieval, -survey"


# --- how fast ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [(0, FAST_COST), (1, FAST_COST), (4, 1), (3_600, 1), (86_000, 1), (90_000, FAST_COST)],
)
def test_a_form_filled_in_faster_than_by_hand_costs_more(seconds, cost):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        shown = str(SignUpForm()["shown"].value())
    with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
        signing_up = form(shown=shown)
        assert signing_up.is_valid()
        assert signing_up.cost == cost


@pytest.mark.parametrize(
    "shown", ["", "x", "form:x:y", STAMP.sign("form")[:-1], f"other{STAMP.sign('form')[4:]}"]
)
def test_a_stamp_that_is_not_ours_costs_more(shown):
    signing_up = form(shown=shown)

    assert signing_up.is_valid()
    assert signing_up.cost == FAST_COST


# --- the small ones ---------------------------------------------------------------------


def test_an_address_form_may_stand_beside_others():
    filled = AddressForm({"new-email": "Ada@Example.org"}, prefix="new")

    assert filled.is_valid()
    assert filled.cleaned_data["email"].key == "ada@example.org"


@pytest.mark.parametrize(
    ("typed", "words"), [("", "choose a day"), ("soon", "2025-09-26"), ("2025-13-01", "2025-09-26")]
)
def test_a_pause_needs_a_day(typed, words):
    filled = PauseForm({"until": typed})

    assert not filled.is_valid()
    assert words in filled.errors["until"][0]


def test_every_reason_to_leave_is_taken_and_none_is_needed():
    for reason, _ in LeaveForm.REASONS:
        assert LeaveForm({"reason": reason}).is_valid()
    assert LeaveForm({}).is_valid()


@pytest.mark.parametrize("language", [code for code, _ in project.LANGUAGES if code != "en"])
@pytest.mark.parametrize("made", [SignUpForm, AddressForm, WishForm, PauseForm, LeaveForm])
def test_every_label_is_translated(made: Any, language):
    def labels() -> list[str]:
        shown = made()
        return [
            str(shown[name].label)
            for name in shown.fields
            if not shown[name].is_hidden and name != "homepage"
        ]

    english = labels()
    with translation.override(language):
        assert not set(labels()) & set(english)
