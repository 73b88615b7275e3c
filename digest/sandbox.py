"""The policy under which a letter is shown: texts by strangers with styles of their own. It gets no origin of
ours and no script, and loads nothing.
"""


def sandbox(*, framed_by: str, may: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """For `csp()`: `framed_by` is 'self' or 'none', `may` what its links are allowed beside opening pages."""
    return {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "frame-ancestors": [f"'{framed_by}'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", *may],
    }
