"""arXiv: its daily feed, reconciled by OAI-PMH and its API, by its own calendar of announcements."""

from digest.sources.arxiv.source import ArxivSource

__all__ = ["ArxivSource"]
