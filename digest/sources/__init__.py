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


def source_of(payload: bytes) -> Source:
    """Whose answer a recorded payload is, by its content; `file` where it is nobody's: records of papers."""
    return next((source for source in _EVERY if source.recognises(payload)), SOURCES[FileSource.name])
