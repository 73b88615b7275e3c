"""Where papers are found: one module each, all with the contract of `base.Source`."""

from digest.sources.base import Source
from digest.sources.file import FileSource
from digest.sources.huggingface import HuggingFaceSource

SOURCES: dict[str, Source] = {source.name: source for source in (HuggingFaceSource(), FileSource())}
"""Every source by its name, as in the setting `SOURCES` and `ingest --source`."""
