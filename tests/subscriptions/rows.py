"""The whole database at a moment, to tell whether anything has changed."""

from django.db import connection


def every_row() -> dict[str, list[str]]:
    """All rows of all tables as text, by table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows
