"""Text from strangers: cleaned for storing, and made readable."""

import re
import unicodedata

from digest.relevance.latex import to_unicode

# C0/C1 controls, unpaired surrogates, noncharacters: no source means them, and neither databases nor
# documents may hold them all.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LATEX_LIMIT = 20_000


def clean(text: str) -> str:
    """NFC, without control characters, every run of white space one blank, ends trimmed."""
    text = text.replace("\n", " ")
    if text.isascii() and text.isprintable() and "  " not in text:  # as most are, and in NFC then
        return text.strip()
    if not text.isprintable() or "  " in text:  # a blank is the only white space that is printable
        text = " ".join(text.split())  # first: some controls are white space and part words
        if not text.isprintable():
            text = " ".join(_UNPRINTABLE.sub("", text).split())
    return unicodedata.normalize("NFC", text).strip()


def readable(text: str) -> str:
    r"""LaTeX to Unicode for the eye: `$\ell_2$` becomes `ℓ_2`, `2\%` becomes `2%`.

    Text without a backslash or dollar sign comes back as it is, and so does text that is not
    LaTeX after all (a price, a Windows path, a formula that does not close).
    """
    if ("\\" not in text and "$" not in text) or len(text) > _LATEX_LIMIT:
        return text
    shown = to_unicode(text)
    return text if shown == text else clean(shown)
