"""What all enrichers have in common by their names."""

from digest.enrichers import ENRICHERS
from digest.sources import SOURCES


def test_no_enricher_goes_by_the_name_of_a_source():
    """The ledger knows both by name alone."""
    assert ENRICHERS.keys().isdisjoint(SOURCES)


def test_every_enricher_is_listed_by_its_own_name():
    assert {name: enricher.name for name, enricher in ENRICHERS.items()} == {name: name for name in ENRICHERS}
