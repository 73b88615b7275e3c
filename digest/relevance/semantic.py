"""Static word vectors: a small model that comes inside a package, without any download.

`pip install -r requirements-semantic.txt` brings it (wordllama: 32,000 tokens of 256 dimensions, 16 MB).
Without it everything works; what is near is then told by words alone.
"""

import logging
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wordllama.inference import WordLlamaInference

logger = logging.getLogger(__name__)
Floats = NDArray[np.float32]
BATCH = 64


@cache
def is_installed() -> bool:
    """Is the extra installed, and does it work? One that is broken is told once, and gone without: related
    papers are no reason for a digest not to come.
    """
    if find_spec("wordllama") is None:
        return False
    try:
        _model()
    except Exception:
        logger.exception("the word vectors cannot be loaded; there will be no related papers")
        return False
    return True


def embed(texts: Sequence[str]) -> Floats:
    """A vector each: the mean of its tokens' vectors. Not of length one; zeros for nothing.

    Raises:
        ImportError: the extra is not installed.
    """
    model = _model()
    if not texts:
        return np.zeros((0, 256), np.float32)
    found: Floats = np.asarray(
        model.embed([text or " " for text in texts], norm=False, batch_size=BATCH), np.float32
    )
    return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)


@cache
def _model() -> "WordLlamaInference":
    import wordllama

    folder = Path(str(wordllama.__file__)).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
