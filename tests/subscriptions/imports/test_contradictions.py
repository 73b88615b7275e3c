"""A list that says two things of one person is taken by its stricter word, whichever comes first."""

import io

import pytest

from subscriptions.imports.found import FoundPerson, SetAside
from subscriptions.imports.reading import upload


def read(text: str) -> list[FoundPerson | SetAside]:
    with upload(io.BytesIO(text.encode()), "people.csv") as found:
        return list(found)


@pytest.mark.parametrize("stricter", ["unsubscribed", "bounced", "complained", "blocked"])
@pytest.mark.parametrize("first", ["active", ""])
def test_the_stricter_line_counts_also_when_it_comes_later(stricter: str, first: str):
    laxer, strict = read(f"email,status\nAda@example.org,{first}\nada@example.org,{stricter}\n")

    assert isinstance(laxer, SetAside)
    assert laxer.reason == "another line says that they left or must not be mailed"
    assert isinstance(strict, FoundPerson)
    assert str(strict.standing) == stricter


def test_nobody_else_is_touched_by_it():
    ada, grace = read("email,status\nada@example.org,active\ngrace@example.org,unsubscribed\n")

    assert isinstance(ada, FoundPerson)
    assert isinstance(grace, FoundPerson)
