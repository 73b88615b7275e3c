"""The table of all subscribers: safe in a spreadsheet, and the same wishes wherever it is read again."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscriptions import lifecycle
from subscriptions.csv_safe import guard, lines_of, unguard
from subscriptions.imports import upload
from subscriptions.imports.own import COLUMNS
from subscriptions.lifecycle import Outcome
from subscriptions.models import Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.roster import roster
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

FORMULA = "=+-@\t\r＝＋－＠"


# --- cells ------------------------------------------------------------------------------


@pytest.mark.parametrize("first", FORMULA)
@pytest.mark.parametrize("before", ["", " ", "   ", '"', "'", " \"' ", "\u00a0", "“"])
def test_what_could_be_a_formula_gets_an_apostrophe(first, before):
    assert guard(f"{before}{first}1+1") == f"'{before}{first}1+1"


@pytest.mark.parametrize(
    "cell", ["", "ada@example.org", "retrieval, -survey", "a=b", "'tis", "8", "1-2", "’"]
)
def test_what_is_no_formula_stays_as_it_is(cell):
    assert guard(cell) == cell


cells = st.text(st.sampled_from(FORMULA + "' \"’,;\nab1") | st.characters(codec="utf-8"), max_size=12)


@settings(deadline=None)
@given(cells)
@example("'=1")
@example("''=1")
@example("'")
def test_taking_the_apostrophe_off_gives_what_there_was(cell: str):
    assert unguard(guard(cell)) == cell


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=4))
def test_no_cell_of_a_table_begins_like_a_formula_and_none_is_lost(rows: list[list[str]]):
    text = "".join(lines_of(rows))

    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[unguard(cell) for cell in row] for row in read] == rows
    assert [cell for row in read for cell in row if cell[:1] in [*FORMULA]] == []
    # Nor behind blanks and quotation marks, which some programs pass over.
    bare = [cell for row in read for cell in row if not cell.startswith("'")]
    assert [cell for cell in bare if cell.strip(" \u00a0\"'‘’“”")[:1] in [*FORMULA]] == []


# --- the table --------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.django_db
def test_the_table_tells_a_whole_wish():
    make_subscriber(
        "ada@example.org",
        "-survey, retrieval",
        cadence="weekly",
        weekday=4,
        hour=17,
        time_zone=ZoneInfo("Europe/Rome"),
        size=20,
        thin_day="fill",
        language="de",
    )

    [row] = rows_of("".join(roster(Subscriber.objects.all())))

    assert tuple(row) == COLUMNS
    assert [*row.values()] == [
        *("ada@example.org", "'-survey, retrieval", "weekly", "friday", "17"),
        *("Europe/Rome", "20", "fill", "de", "active"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("why", "status"),
    [
        (["bounce"], "bounced"),
        (["complaint"], "complained"),
        (["bounce", "complaint"], "complained"),
        (["manual"], "blocked"),
        (["bounce", "manual"], "blocked"),
    ],
)
def test_whom_we_may_not_mail_does_not_look_like_a_subscriber(why, status):
    make_subscriber("ada@example.org")
    for reason in why:
        suppress("ada@example.org", Suppression.Reason(reason))

    [row] = rows_of("".join(roster(Subscriber.objects.all())))

    assert row["status"] == status


@pytest.mark.django_db
def test_a_long_table_takes_few_queries_and_holds_everybody(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("subscriptions.roster.CHUNK", 20)
    for number in range(50):
        make_subscriber(f"r{number}@example.org", "a, b")

    with django_assert_max_num_queries(1 + 3 * 2):
        rows = rows_of("".join(roster(Subscriber.objects.order_by("pk"))))

    assert [row["email"] for row in rows] == [f"r{number}@example.org" for number in range(50)]


@pytest.mark.django_db
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_the_table_read_elsewhere_gives_the_same_people_the_same_wishes(before):
    make_subscriber("ada@example.org", "-survey, =SUM(A1), “quoted”", hour=0, size=5)
    make_subscriber("=cmd@example.org", "+1, 'tis", cadence="weekly", weekday=0, language="de")
    make_subscriber("grace@example.org", "", status="pending", time_zone=ZoneInfo("Asia/Tokyo"))
    make_subscriber("mary@example.org", "robots", status="unsubscribed")
    wishes = {s.email: Preferences.of(s) for s in Subscriber.objects.all()}
    text = "".join(roster(Subscriber.objects.order_by("pk")))
    Subscriber.objects.all().delete()

    with upload(io.BytesIO(before + text.encode()), "subscribers.csv") as found:
        report = lifecycle.import_people(
            found, platform=found.platform, statement="They confirmed at our old house"
        )

    assert [line.outcome for line in report.lines] == [
        *(Outcome.ACTIVE, Outcome.ACTIVE, Outcome.PENDING, Outcome.NOT_WANTED)
    ]
    del wishes["mary@example.org"]
    assert {s.email: Preferences.of(s) for s in Subscriber.objects.all()} == wishes
