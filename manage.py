#!/usr/bin/env python
"""The command line of Paper Round: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digest.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed for this Python. Run `make demo` once, "
            "then use .venv/bin/python manage.py."
        )
    from digest.masking import tell_uncaught

    # Python's own words for an error may hold an address; a log is no place for one.
    sys.excepthook = tell_uncaught
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Settings: {error}")
    except KeyboardInterrupt:
        sys.exit("Interrupted.")


if __name__ == "__main__":
    main()
