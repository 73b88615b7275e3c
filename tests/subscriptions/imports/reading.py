"""Reads a list the way the command and the page do."""

import io

from subscriptions.imports import FoundPerson, SetAside, upload

Found = list[FoundPerson | SetAside]


def read(content: bytes, name: str = "list.csv", form: str = "auto") -> Found:
    with upload(io.BytesIO(content), name, form) as found:
        return list(found)


def people(content: bytes, name: str = "list.csv", form: str = "auto") -> list[FoundPerson]:
    """Those who were found, where nothing may be set aside."""
    found = read(content, name, form)
    assert [one for one in found if isinstance(one, SetAside)] == []
    return [one for one in found if isinstance(one, FoundPerson)]


def told(content: bytes, name: str = "list.csv", form: str = "auto") -> list[str]:
    """Line by line: the address, or why there is none."""
    return [
        f"{one.where}: {one.address.key if isinstance(one, FoundPerson) else one.reason}"
        for one in read(content, name, form)
    ]
