import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rates import Rate, parse_rate

UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("60/hour", Rate(60, 3_600)),
        ("50/second", Rate(50, 1)),
        ("100000/day", Rate(100_000, 86_400)),
        ("1/minute", Rate(1, 60)),
        ("3 per 30 days", Rate(3, 30 * 86_400)),
        ("3/30days", Rate(3, 30 * 86_400)),
        ("2 per day", Rate(2, 86_400)),
        ("10 / 2 hours", Rate(10, 7_200)),
        (" 60/HOUR\n", Rate(60, 3_600)),
        ("60 Per Hour", Rate(60, 3_600)),
    ],
)
def test_a_rate_is_read_as_people_write_it(typed, rate):
    assert parse_rate(typed) == rate


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "60",
        "hour",
        "/hour",
        "60/",
        "60/week",
        "60/h",
        "60/hourss",
        "0/hour",
        "000/hour",
        "60/0 hours",
        "60/00 hours",
        "60/0000 days",
        "-60/hour",
        "60.5/hour",
        "1e3/hour",
        "60//hour",
        "60 an hour",
        "60per hour",
        "60/hour, 5/minute",
        "60/hour\n5/minute",
        "9999999999/hour",
        "unlimited",
    ],
)
def test_what_is_no_rate_is_refused_in_a_sentence_that_says_how_to_write_one(typed):
    with pytest.raises(ValueError, match="write it like 60/hour") as refusal:
        parse_rate(typed)
    assert repr(typed) in str(refusal.value)


@given(
    count=st.integers(1, 999_999_999),
    units=st.integers(1, 9_999),
    unit=st.sampled_from(sorted(UNITS)),
    between=st.sampled_from(["/", " / ", " per "]),
    plural=st.sampled_from(["", "s"]),
)
def test_any_rate_that_can_be_written_is_read(count, units, unit, between, plural):
    rate = parse_rate(f"{count}{between}{units} {unit}{plural}")

    assert rate == Rate(count, units * UNITS[unit])
    assert rate.interval * rate.count == pytest.approx(rate.seconds)


@given(st.text(max_size=30))
def test_any_text_is_a_rate_that_limits_something_or_refused(typed):
    try:
        rate = parse_rate(typed)
    except ValueError:
        return
    assert rate.count > 0
    assert rate.seconds > 0
