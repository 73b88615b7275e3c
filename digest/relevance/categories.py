"""arXiv's categories that go by two names."""

ALIASES = {
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}
"""Two names of one category (https://arxiv.org/category_taxonomy) to the one that papers have first."""

_ALSO = {name.lower(): other for pair in ALIASES.items() for name, other in (pair, pair[::-1])}


def names_of(category: str) -> tuple[str, ...]:
    """All names of a category, as typed first."""
    other = _ALSO.get(category.lower())
    return (category, other) if other else (category,)


def field_of(primary: str, categories: tuple[str, ...] | list[str] = ()) -> str:
    """The field a paper is compared in: the archive of its primary category ("cs", "q-bio"), but each
    category of computer science by itself, which is as large as others' archives; "" where nobody says.
    """
    name = primary or (categories[0] if categories else "")
    archive = name.partition(".")[0].strip().lower()
    return name.strip() if archive == "cs" else archive
