"""Lists as other platforms write them, with made-up people."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence

MAILCHIMP = (
    *("Email Address", "First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP"),
    *("CONFIRM_TIME", "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC"),
    *("REGION", "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS"),
)
UNSUBSCRIBED = (*MAILCHIMP[:-4], "UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_REASON", *MAILCHIMP[-4:])
CLEANED = (*MAILCHIMP[:-4], "CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", *MAILCHIMP[-4:])
LISTMONK = ("uuid", "email", "name", "attributes", "status", "created_at", "updated_at")


def table(columns: Sequence[str], rows: Sequence[Mapping[str, str]], *, delimiter: str = ",") -> bytes:
    """CSV with these columns; a row names only the cells it fills."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def audience(*emails: str, columns: Sequence[str] = MAILCHIMP) -> bytes:
    """A table of Mailchimp's."""
    rows = [
        {
            "Email Address": email,
            "First Name": "Ada",
            "MEMBER_RATING": "2",
            "OPTIN_TIME": "2021-03-04 10:11:12",
            "CONFIRM_TIME": "2021-03-04 10:15:00",
            "CONFIRM_IP": "192.0.2.7",
            "TIMEZONE": "Europe/Berlin",
            "LAST_CHANGED": "2021-03-04 10:15:00",
            "TAGS": '"spring fair","lab"',
        }
        for email in emails
    ]
    return table(columns, rows)


def audience_zip(**emails: Sequence[str]) -> bytes:
    """The archive Mailchimp makes: a table a standing, each named for it."""
    columns = {"unsubscribed": UNSUBSCRIBED, "cleaned": CLEANED}
    return packed(
        {
            f"{standing}_email_audience_export_1a2b3c.csv": audience(
                *some, columns=columns.get(standing, MAILCHIMP)
            )
            for standing, some in emails.items()
        }
    )


def packed(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in files.items():
            into.writestr(name, content)
    return archive.getvalue()


def listmonk(*people: tuple[str, str], attributes: object = None) -> bytes:
    """A table of listmonk's, of addresses and statuses."""
    rows = [
        {
            "uuid": f"00000000-0000-4000-8000-{number:012}",
            "email": email,
            "name": "Ada",
            "attributes": json.dumps(attributes or {}),
            "status": status,
            "created_at": "2022-05-06 07:08:09.123456 +0000 +0000",
            "updated_at": "2022-05-06 07:08:09.123456 +0000 +0000",
        }
        for number, (email, status) in enumerate(people)
    ]
    return table(LISTMONK, rows)
