"""Dates and paper names in URLs."""

from datetime import date


class DateConverter:
    """`2025-09-26`; anything that is no day of the calendar is no such page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class PaperConverter:
    """An arXiv id (old ones have a slash), a DOI, or a name of ours."""

    regex = r"[A-Za-z0-9][^\s?#]{0,299}?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
