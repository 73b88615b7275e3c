"""listmonk's export of subscribers: one table, the wishes (if any) in a cell of JSON."""

import json
from collections.abc import Collection
from typing import Any

from subscriptions.imports import own
from subscriptions.imports.found import BadCell, Row, Standing, Told
from subscriptions.imports.moments import moments
from subscriptions.preferences import Preferences

NAME = "listmonk"
LABEL = "listmonk"
STANDINGS = {
    "enabled": Standing.SUBSCRIBED,
    "disabled": Standing.UNSUBSCRIBED,
    "blocklisted": Standing.BLOCKED,
}


def claims(columns: Collection[str]) -> bool:
    return {"uuid", "email", "attributes", "status"} <= set(columns)


def lacks(columns: Collection[str]) -> str:
    return next((name for name in ("email", "status") if name not in columns), "")


def email(row: Row) -> str:
    return row.cell("email")


def read(row: Row) -> Told:
    standing = STANDINGS.get(row.cell("status").casefold())
    if standing is None:
        raise BadCell(f"status: none of {', '.join(STANDINGS)}")
    return Told(
        standing=standing,
        preferences=_preferences(row.cell("attributes")),
        times=moments(created=row.cell("created_at")),
    )


def _preferences(attributes: str) -> Preferences:
    """Attributes that are named like our columns are the wish; others are left where they are."""
    try:
        told: Any = json.loads(attributes or "{}")
    except (ValueError, RecursionError) as error:
        raise BadCell("attributes: not JSON") from error
    if not isinstance(told, dict):
        return Preferences()
    wish = {name: _typed(told[name]) for name in own.COLUMNS if name in told}
    return own.preferences(Row(columns={name: n for n, name in enumerate(wish)}, cells=[*wish.values()]))


def _typed(value: object) -> str:
    """A value of JSON as somebody would have typed it into a cell."""
    if isinstance(value, list):
        return ", ".join(_typed(one) for one in value)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
