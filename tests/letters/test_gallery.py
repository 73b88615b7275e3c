"""What hangs in the gallery, so that nobody judges an empty wall."""

from pathlib import Path

import pytest

from subscriptions.models import Notice
from tests.letters.gallery import BOTH, RECORDED, Case
from tests.letters.hostile import HOSTILE

pytestmark = pytest.mark.django_db


def test_digests_of_all_kinds_hang_in_it_each_under_its_own_name(gallery: list[Case]):
    digests = [case.name for case in gallery if case.papers]

    assert len(digests) >= 40
    assert len({case.name for case in gallery}) == len(gallery)
    assert {case.papers for case in gallery} >= {1, 5, 10, 20}
    assert {name for name in digests if name.startswith("hostile")} >= {
        f"hostile: {name} (en)" for name in HOSTILE
    }
    assert {case.language for case in gallery if case.papers} == set(BOTH)


def test_every_other_letter_hangs_in_it_in_every_language(gallery: list[Case]):
    assert {case.name for case in gallery if not case.papers} == {
        f"letter: {letter} ({language})" for letter in Notice.Letter for language in BOTH
    }


@pytest.mark.shared_data
def test_recorded_days_hang_in_it(shared_data: Path, gallery: list[Case]):
    assert {case.name for case in gallery if case.name.startswith("recorded")} == {
        f"recorded: {day} ({language})" for day, language in RECORDED.items()
    }


def test_no_line_of_a_text_is_longer_than_a_terminal_shows(gallery: list[Case]):
    """But for addresses and single words, which cannot be broken."""
    for case in gallery:
        for line in case.text.splitlines():
            endless = "://" in line or max(map(len, line.split()), default=0) > 60
            assert len(line) <= 76 or endless, (case.name, line)
