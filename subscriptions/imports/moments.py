"""Moments as other platforms write them. Kept as they are: they are evidence, and not ours to convert."""

import re

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?")


def moments(**told: str) -> dict[str, str]:
    """Those of the cells that begin with a moment, by what happened then; the rest of a cell is left out."""
    found = {name: _MOMENT.match(text) for name, text in told.items()}
    return {name: match[0] for name, match in found.items() if match}
