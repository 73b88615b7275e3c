"""What the processes log, and how each line is masked."""

from typing import Any


def logging_for(level: str) -> dict[str, Any]:
    """Django's `LOGGING` for a level's name."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                # Neither tokens nor addresses; workers and gunicorn see to that in handlers of their own.
                "class": "digest.masking.MaskingFormatter",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        # What matters of a failed request is said by whoever asked for it.
        "loggers": {
            "urllib3": {"level": "ERROR"},
            "pylatexenc": {"level": "CRITICAL"},
            # Django brings a handler of its own, and then each line is there twice.
            "django": {"handlers": []},
            # The lines of runserver, which else hold every path as it was asked for.
            "django.server": {"handlers": ["stderr"]},
        },
        # Commands speak for themselves on stdout; workers are started with a level of their own.
        "root": {"handlers": ["stderr"], "level": level},
    }
