"""Where papers are found: one module each, all with the contract of `base.Source`."""

from digest.sources.arxiv import ArxivSource
from digest.sources.base import Source
from digest.sources.biorxiv import BiorxivSource
from digest.sources.file import FileSource
from digest.sources.huggingface import HuggingFaceSource

_EVERY = (
    HuggingFaceSource(),
    ArxivSource(),
    BiorxivSource("biorxiv"),
    BiorxivSource("medrxiv"),
    FileSource(),
)
SOURCES: dict[str, Source] = {source.name: source for source in _EVERY}
"""Every source by its name, as in the setting `SOURCES` and `ingest --source`."""
