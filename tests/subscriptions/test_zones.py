from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.zones import ZoneUnknown, find_zone, zone_names


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("  Europe/Berlin\n", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("america/port-au-prince", "America/Port-au-Prince"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("US/Pacific", "US/Pacific"),
        ("Asia/Calcutta", "Asia/Calcutta"),
    ],
)
def test_a_zone_is_found_by_its_name_in_any_case(typed, found):
    assert find_zone(typed) == ZoneInfo(found)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Berlin", "Europe/Berlin"),
        ("tokyo", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("new   york", "America/New_York"),
        ("new_york", "America/New_York"),
        ("Los Angeles", "America/Los_Angeles"),
        ("São_Paulo".replace("ã", "a"), "America/Sao_Paulo"),
        ("Kolkata", "Asia/Kolkata"),
        ("Auckland", "Pacific/Auckland"),
    ],
)
def test_a_zone_is_found_by_its_city(typed, found):
    assert find_zone(typed) == ZoneInfo(found)


def test_a_large_city_is_enough_also_where_its_zone_has_two_names():
    """Fifteen million people live there; the older name stands for the same clocks."""
    assert str(find_zone("Buenos Aires")).endswith("Buenos_Aires")


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berln", "Europe/Berlin"),
        ("Europa/Berlin", "Europe/Berlin"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("Asia/Tokio", "Asia/Tokyo"),
    ],
)
def test_what_comes_near_is_suggested(typed, suggestion):
    with pytest.raises(ZoneUnknown) as refusal:
        find_zone(typed)
    assert suggestion in refusal.value.suggestions
    assert len(refusal.value.suggestions) <= 3


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "qqqqqqqq",
        "localtime",
        "Factory",
        "posix/Europe/Berlin",
        "right/UTC",
        "posixrules",
        "../UTC",
    ],
)
def test_what_is_no_zone_of_anybody_is_refused(typed):
    with pytest.raises(ZoneUnknown) as refusal:
        find_zone(typed)
    assert typed not in refusal.value.suggestions


@pytest.mark.parametrize(
    "typed", ["/etc/passwd", "../../etc/passwd", "Europe/../Europe/Berlin", "\x00", "Europe"]
)
def test_no_path_leads_out_of_the_zones(typed):
    with pytest.raises(ZoneUnknown):
        find_zone(typed)


def test_every_zone_that_is_offered_is_found():
    for name in zone_names():
        assert str(find_zone(name)) == name


def test_every_zone_that_a_browser_may_know_is_found():
    """Browsers tell older names, too."""
    for name in available_timezones() - {"localtime", "Factory"}:
        assert str(find_zone(name)) == name


def test_what_is_offered_are_places():
    names = zone_names()

    assert {"Europe/Berlin", "Asia/Kolkata", "Africa/Lagos", "UTC"} <= set(names)
    assert not any(name.startswith(("Etc/", "US/", "SystemV/")) for name in names)
    assert len(names) > 400
    assert list(names[:-1]) == sorted(names[:-1])
    assert len(set(names)) == len(names)


@given(st.text(max_size=40))
def test_any_text_is_a_zone_or_refused(typed):
    try:
        assert str(find_zone(typed)) in available_timezones()
    except ZoneUnknown as refusal:
        assert set(refusal.suggestions) <= available_timezones()  # noqa: PT017
