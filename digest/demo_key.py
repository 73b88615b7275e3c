"""The secret key of a demo: made once per `var/` directory, kept in a file only its owner reads."""

import os
import secrets
from pathlib import Path


def demo_secret_key(var_dir: Path) -> str:
    """Return the key kept in `var_dir`, making it first where there is none.

    Web, worker and beat start at the same moment, so the key is written under another name
    and linked into place: exactly one of them wins and all read the same key.
    """
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        draft = var_dir / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
