"""Does this container's web process answer? `python -m deploy.healthcheck [PORT]` exits with 1 if not."""

import sys
from http.client import HTTPConnection, HTTPException


def problem(port: int = 8000) -> str | None:
    """What is wrong, in one line, or None."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"/healthz does not answer ({type(error).__name__})"
    finally:
        connection.close()
    return None if status == 200 else f"/healthz answered {status}"


if __name__ == "__main__":
    sys.exit(problem(*map(int, sys.argv[1:])))
