"""How settings are read from the environment."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):  # type: ignore[misc]
    """`NAME_FILE` stands for `NAME`; a file's last line end is no part of it, and a name that is
    set to nothing is not set.
    """

    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)
        if self.env.get(f"{key}_FILE"):
            value = value.rstrip("\r\n")
        if not value.strip():
            raise KeyError(key)
        return value


class Environment(environ.Env):  # type: ignore[misc]
    """Reads typed values; one that cannot be read is told by name."""

    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = _Variables()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ImproperlyConfigured:
            raise
        except (ValueError, TypeError, OSError) as error:
            raise ImproperlyConfigured(f"{var} cannot be read: {error}.") from error

    def get(self, var: str) -> str:
        """A value as it stands, or ''."""
        return str(self.ENVIRON.get(var) or "")
