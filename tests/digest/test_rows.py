"""Many rows in one statement: the same as the ORM's own, on either database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import F

from digest.models import Edition, Entry, Identifier, IngestRun, Inquiry, Paper, Sighting, Turn
from digest.rows import Among, create, insert, update_columns
from tests.conftest import ON_SERVERS
from tests.digest.conftest import NOON, steps_of
from tests.factories import DAY, make_paper

pytestmark = pytest.mark.django_db
MOMENT = datetime(2025, 3, 30, 1, 59, 59, 123456, tzinfo=UTC)


def stored(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


# Per column what the first and the second row get: every kind of field that is written this way.
WRITTEN: list[tuple[type[models.Model], dict[str, tuple[Any, Any]]]] = [
    (
        Paper,
        {
            "title": ("Über naïve Schafe — 羊 🐑", "A 'quoted' \"title\"; -- {,} \\ NULL %s %%"),
            "abstract": ("", "line\nbreak\ttab"),
            "authors": (["Émilie du Châtelet", "陈景润", 'O\'Neil "Q" {x}, \\'], []),
            "categories": ([], ["cs.CL", None, 1.5, True, {"nested": [["deep"], {}]}]),
            "topics": ([None], "NULL"),
            "version": (None, 32_767),
            "withdrawn": (True, False),
            "submitted_at": (None, MOMENT),
            "announced_at": (MOMENT, datetime(1901, 1, 1, tzinfo=UTC)),
            "pdf_url": ("https://example.org/?a=1&b=%20", ""),
        },
    ),
    (
        Entry,
        {
            "rank": (1, None),
            "score": (0.1 + 0.2, 1e300),
            "breakdown": ({"counts": {"upvotes": None, "ü": 1}}, {}),
            "pin": (None, 3),
            "hidden": (False, True),
            "note": ("{a,b}", "ﬁ"),
        },
    ),
    (
        Sighting,
        {"upvotes": (0, None), "comments": (None, 2_147_483_647), "stars": (1, 2), "seen_at": (MOMENT, NOON)},
    ),
    (Turn, {"held_by": ("", "worker"), "held_until": (0.0, 1_790_000_000.123456), "free_at": (-1.5, 2.0)}),
    (
        IngestRun,
        {
            "sample": (["a", "ü"], []),
            "set_aside": ([], [{"position": 1, "name": "名", "reason": "no title"}]),
            "settled": (True, False),
            "bytes_read": (0, 2**62),
            "day": (DAY, DAY + timedelta(days=1)),
            "finished_at": (None, MOMENT),
            "verdict": ("complete", "failed"),
        },
    ),
]


def two(model: type[models.Model]) -> Sequence[models.Model]:
    """Two bare rows of a model."""
    if model is Paper:
        return [make_paper(), make_paper()]
    if model is Entry:
        edition = Edition.objects.create(date=DAY)
        return [Entry.objects.create(edition=edition, paper=make_paper()) for _ in range(2)]
    if model is Sighting:
        return [Sighting.objects.create(paper=make_paper(), source="file", seen_at=NOON) for _ in range(2)]
    if model is Turn:
        return [Turn.objects.create(service=f"service {n}") for n in range(2)]
    return [IngestRun.objects.create(source="file", day=DAY) for _ in range(2)]


@pytest.mark.parametrize(("model", "values"), WRITTEN, ids=lambda one: getattr(one, "__name__", ""))
def test_an_update_writes_what_the_orm_would(model: type[models.Model], values: dict[str, tuple[Any, Any]]):
    rows = two(model)
    for column, pair in values.items():
        for row, value in zip(rows, pair, strict=True):
            setattr(row, column, value)
    with transaction.atomic():
        model._default_manager.bulk_update(rows, list(values))
        expected = stored(model)
        transaction.set_rollback(True)
    assert stored(model) != expected

    update_columns(rows, list(values))

    assert stored(model) == expected


@pytest.mark.parametrize(("model", "values"), WRITTEN, ids=lambda one: getattr(one, "__name__", ""))
def test_an_insertion_writes_what_the_orm_would(
    model: type[models.Model], values: dict[str, tuple[Any, Any]]
):
    made = two(model)
    others = {
        field.name: [getattr(row, field.attname) for row in made]
        for field in model._meta.concrete_fields
        if not field.primary_key and (field.unique or field.is_relation or not field.has_default())
    }
    given = others | {column: list(pair) for column, pair in values.items()}
    model._default_manager.all().delete()
    with transaction.atomic():
        for row in made:
            row.pk = None
            for column, pair in values.items():
                setattr(row, column, pair[made.index(row)])
        model._default_manager.bulk_create(made)
        expected = without_keys(model)
        transaction.set_rollback(True)
    assert without_keys(model) == []

    insert(model, list(given), list(zip(*given.values(), strict=True)))

    assert without_keys(model) == expected


def without_keys(model: type[models.Model]) -> list[dict[str, Any]]:
    """But for what differs by the moment of writing."""
    moving = {"id", "created_at", "started_at"}
    return [{key: value for key, value in row.items() if key not in moving} for row in stored(model)]


def test_names_keep_their_letters_in_the_database():
    """SQLite keeps JSON as text, and the admin searches that."""
    paper = make_paper(authors=[])
    paper.authors = ["Émilie du Châtelet"]
    update_columns([paper], ["authors"])

    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(authors AS text) FROM digest_paper")
        assert cursor.fetchone() == ('["Émilie du Châtelet"]',)


def test_a_foreign_key_is_written_by_its_number_and_may_be_none():
    papers = [make_paper() for _ in range(3)]
    papers[0].same_as, papers[1].same_as_id = papers[2], papers[2].pk

    update_columns(papers, ["same_as"])

    assert [paper.same_as for paper in Paper.objects.order_by("pk")] == [papers[2], papers[2], None]


def test_only_the_named_columns_of_the_named_rows_are_written():
    one, other = make_paper("One"), make_paper("Other")
    one.title, one.abstract, other.title = "New", "Unsaved.", "Unsaved"

    update_columns([one], ["title"])

    assert list(Paper.objects.order_by("pk").values_list("title", flat=True)) == ["New", "Other"]
    assert not Paper.objects.filter(abstract="Unsaved.").exists()


def test_columns_that_are_left_out_get_their_defaults():
    paper = make_paper()

    insert(Sighting, ["paper", "source", "seen_at"], [(paper.pk, "file", NOON)])

    sighting = Sighting.objects.get()
    assert (sighting.run, sighting.upvotes, sighting.seen_at) == (None, None, NOON)


def test_nothing_costs_nothing():
    paper = make_paper()

    assert steps_of(lambda: update_columns([], ["title"])) == 0
    assert steps_of(lambda: update_columns([paper], [])) == 0
    assert steps_of(lambda: insert(Sighting, ["paper", "source", "seen_at"], [])) == 0
    assert steps_of(lambda: insert(Sighting, ["paper", "source", "seen_at"], iter(()))) == 0


def test_a_thousand_rows_are_written_whole():
    insert(
        Identifier,
        ["paper", "scheme", "value"],
        ((paper.pk, "doi", f"10.1000/{n}") for paper in [make_paper()] for n in range(1_000)),
    )
    turns = [Turn(service=f"service {n}") for n in range(1_000)]
    Turn.objects.bulk_create(turns)
    for n, turn in enumerate(turns):
        turn.free_at = float(n)
    update_columns(turns, ["free_at"])

    assert Identifier.objects.filter(scheme="doi").count() == 1_000
    assert [turn.service for turn in Turn.objects.order_by("free_at")] == [
        f"service {n}" for n in range(1_000)
    ]


def test_papers_get_their_keys_and_defaults_each_its_own():
    papers = [
        Paper(public_id=name, title=f"Title {n}", announced_at=MOMENT, authors=[name])
        for n, name in enumerate(['10.1000/"b"', "10.1000/{a},\\", "2501.00001", "NULL"])
    ]
    create(papers, unique="public_id")
    create([], unique="public_id")

    assert Paper.objects.count() == len(papers)
    for paper in papers:
        stored_paper = Paper.objects.get(pk=paper.pk)
        assert (stored_paper.public_id, stored_paper.title) == (paper.public_id, paper.title)
        assert (stored_paper.authors, stored_paper.created_at) == (paper.authors, paper.created_at)
        assert not paper._state.adding


def test_many_are_found_as_by_the_orms_own_condition():
    papers = [make_paper() for _ in range(3)]
    values = ["10.1000/a", '"{b}",\\', "NULL", "ü"]
    insert(Identifier, ["paper", "scheme", "value"], [(papers[0].pk, "doi", value) for value in values])

    found = Identifier.objects.filter(Among(F("value"), {*values[1:], "none of ours"}))
    assert set(found.values_list("value", flat=True)) == set(values[1:])
    assert not Identifier.objects.filter(Among(F("paper"), [papers[1].pk])).filter(scheme="doi").exists()
    keys = [paper.pk for paper in papers[:2]]
    assert set(Paper.objects.filter(Among(F("pk"), keys))) == set(papers[:2])
    assert steps_of(lambda: list(Paper.objects.filter(Among(F("pk"), [])))) == 0


@pytest.mark.skipif(not ON_SERVERS, reason="SQLite holds that sign")
@pytest.mark.parametrize("values", [("a", "nul \0"), ("nul \0", None), ("\0", "\0")])
def test_a_sign_the_database_cannot_hold_is_refused(values: tuple[str | None, ...]):
    paper = make_paper()
    with pytest.raises(DataError), transaction.atomic():
        insert(Identifier, ["paper", "scheme", "value"], [(paper.pk, "doi", value) for value in values])


def test_a_row_that_clashes_leaves_none_of_them():
    paper = make_paper()
    rows = [(paper.pk, "doi", "10.1000/a"), (paper.pk, "doi", "10.1000/b"), (paper.pk, "doi", "10.1000/a")]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Identifier, ["paper", "scheme", "value"], rows)

    assert not Identifier.objects.filter(scheme="doi").exists()


@pytest.mark.skipif(not ON_SERVERS, reason="SQLite holds texts of any length")
def test_what_is_too_long_is_refused_and_never_cut():
    paper = make_paper()
    with pytest.raises(DataError), transaction.atomic():
        insert(Identifier, ["paper", "scheme", "value"], [(paper.pk, "doi", "x" * 301)])
    paper.organization = "o" * 201
    with pytest.raises(DataError), transaction.atomic():
        update_columns([paper], ["organization"])


# --- What the tables refuse -----------------------------------------------------------------


def test_one_inquiry_of_each_enricher_is_kept_a_paper():
    paper = make_paper()
    Inquiry.objects.create(paper=paper, enricher="github", asked_at=NOON)
    Inquiry.objects.create(paper=paper, enricher="openalex", asked_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.create(paper=paper, enricher="github", asked_at=NOON + timedelta(days=1))


def test_a_service_has_one_turn():
    Turn.objects.create(service="export.arxiv.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.create(service="export.arxiv.org")


@pytest.mark.parametrize("verdict", ["", "unknown"])
def test_the_ledger_knows_its_verdicts(verdict: str):
    with pytest.raises(IntegrityError), transaction.atomic():
        IngestRun.objects.create(source="file", day=DAY, verdict=verdict)


def test_a_paper_cannot_go_while_a_double_leads_to_it():
    stays = make_paper()
    make_paper(same_as=stays)
    with pytest.raises(models.ProtectedError), transaction.atomic():
        stays.delete()


def test_inquiries_go_with_their_paper():
    paper = make_paper()
    Inquiry.objects.create(paper=paper, enricher="github", asked_at=NOON)

    paper.delete()

    assert not Inquiry.objects.exists()
