"""The one door to other people's servers."""

from functools import cache

import urllib3
from django.conf import settings
from urllib3.util import Retry, Timeout

from digest.sources.base import SourceError, Unreachable

MAX_BYTES = 32 * 1024 * 1024
CHUNK = 64 * 1024


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        headers={
            "User-Agent": f"PaperRound (+{settings.HTTP_CONTACT})",
            "Accept-Encoding": "gzip",
        },
        timeout=Timeout(connect=5, read=20, total=60),
        retries=Retry(
            total=3,
            connect=1,
            read=1,
            redirect=3,
            status=2,
            backoff_factor=1.0,
            backoff_jitter=0.5,
            backoff_max=30,
            status_forcelist=(429, 500, 502, 503, 504),
            respect_retry_after_header=True,
            retry_after_max=60,
            raise_on_status=False,
        ),
    )


def get(url: str, fields: dict[str, str]) -> bytes:
    """GET a document of at most `MAX_BYTES` after decompression.

    Raises:
        SourceError: no connection, an answer other than 200, or too much of it.
    """
    host = url
    try:
        host = urllib3.util.parse_url(url).host or url
        response = _pool().request("GET", url, fields=fields, preload_content=False)
    except urllib3.exceptions.HTTPError as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(
            f"{host} cannot be reached ({type(reason).__name__}). Check the network and try again, "
            "or read a recorded payload with --file."
        ) from error
    try:
        body = bytearray()
        for chunk in response.stream(CHUNK, decode_content=True):
            body += chunk
            if len(body) > MAX_BYTES:
                raise SourceError(f"{host} sent more than {MAX_BYTES // 1024 // 1024} MB; stopped reading.")
    except urllib3.exceptions.HTTPError as error:
        raise SourceError(f"{host} broke off its answer ({type(error).__name__}). Try again.") from error
    finally:
        response.release_conn()
    if response.status != 200:
        raise SourceError(f"{host} answered {response.status} instead of a list. Try again later.")
    return bytes(body)
