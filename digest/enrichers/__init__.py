"""Who tells more of papers we have: one module each, all with the contract of `base.Enricher`."""

from digest.enrichers.arxiv import ArxivEnricher
from digest.enrichers.base import Enricher
from digest.enrichers.github import GithubEnricher
from digest.enrichers.openalex import OpenAlexEnricher
from digest.enrichers.semanticscholar import SemanticScholarEnricher

ENRICHERS: dict[str, Enricher] = {
    enricher.name: enricher
    for enricher in (ArxivEnricher(), GithubEnricher(), SemanticScholarEnricher(), OpenAlexEnricher())
}
"""Every enricher by its name, as in the setting `ENRICHERS`."""
