"""`manage.py publish`: one day, or all that wait."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest import editions
from digest.models import Edition
from tests.factories import DAY, make_edition, make_paper

pytestmark = pytest.mark.django_db


def publish(*arguments: str) -> str:
    out = StringIO()
    call_command("publish", *arguments, stdout=out)
    return out.getvalue()


def test_a_day_is_published_and_told():
    make_edition(make_paper(), make_paper(), published=False)

    assert publish("--date", "2025-09-26") == "Published the edition of 2025-09-26: 2 papers.\n"
    assert Edition.objects.get().is_published


def test_a_partial_edition_says_so(settings: Any):
    settings.SOURCES = ["huggingface"]
    make_edition(make_paper(), published=False)

    assert "partial: not all its sources were complete" in publish("--date", "2025-09-26")


def test_publishing_again_says_that_it_is_frozen():
    make_edition(make_paper())

    assert (
        publish("--date", "2025-09-26")
        == "The edition of 2025-09-26 was published already; its list is frozen.\n"
    )


def test_without_a_day_all_that_wait_are_published_oldest_first():
    for days in (0, -2, -1):
        make_edition(make_paper(), day=DAY + timedelta(days=days), published=False)
    make_edition(make_paper(), day=editions.today() + timedelta(days=1), published=False)
    Edition.objects.create(date=DAY - timedelta(days=9))

    told = publish().splitlines()

    assert [line.split(":")[0] for line in told] == [
        f"Published the edition of 2025-09-{day}" for day in (24, 25, 26)
    ]
    assert Edition.objects.open().count() == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "No open edition has papers"),
        (["--date", "2025-09-27"], "There is no edition of 2025-09-27"),
        (["--date", "tomorrow"], "is not a date"),
    ],
)
def test_nothing_to_publish_is_an_error(arguments: list[str], told: str):
    make_edition(make_paper())

    with pytest.raises(CommandError, match=told):
        publish(*arguments)


def test_a_day_without_papers_is_an_error():
    Edition.objects.create(date=DAY)

    with pytest.raises(CommandError, match="has no papers"):
        publish("--date", "2025-09-26")
