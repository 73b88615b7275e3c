"""What each platform's table says of a person."""

import io
from zoneinfo import ZoneInfo

import pytest

from subscriptions.imports import FileRefused, Standing, upload
from subscriptions.preferences import Preferences
from tests.subscriptions.imports.lists import (
    CLEANED,
    LISTMONK,
    MAILCHIMP,
    UNSUBSCRIBED,
    audience,
    audience_zip,
    listmonk,
    packed,
    table,
)
from tests.subscriptions.imports.reading import people, read, told

# --- our own ----------------------------------------------------------------------------


def own(
    line: str, header: str = "email,keywords,cadence,weekday,hour,time_zone,size,thin_day,language,status"
):
    return f"{header}\n{line}\n".encode()


def test_a_line_of_ours_is_a_whole_wish():
    [ada] = people(own('Ada@Example.org,"retrieval, -survey",weekly,friday,17,Europe/Rome,20,fill,de,active'))

    assert (ada.where, ada.address.email, ada.address.key) == ("line 2", "Ada@example.org", "ada@example.org")
    assert ada.standing is Standing.SUBSCRIBED
    assert ada.preferences.as_json() == {
        "keywords": ["retrieval", "-survey"],
        "cadence": "weekly",
        "weekday": 4,
        "hour": 17,
        "time_zone": "Europe/Rome",
        "size": 20,
        "thin_day": "fill",
        "language": "de",
    }


def test_an_address_is_enough():
    [ada] = people(b"email\nada@example.org\n")

    assert ada.preferences == Preferences()
    assert ada.standing is Standing.UNKNOWN


def test_a_muted_keyword_that_was_made_safe_for_spreadsheets_is_read_as_it_was():
    [ada] = people(own("'=ada@example.org,'-survey,,,,,,,,"))

    assert ada.address.key == "=ada@example.org"
    assert ada.preferences.as_json()["keywords"] == ["-survey"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("ada@example.org,,hourly,,,,,,,", "cadence: none of daily, weekdays, weekly"),
        ("ada@example.org,,weekly,someday,,,,,,", "weekday: none of monday"),
        ("ada@example.org,,weekly,7,,,,,,", "weekday: none of monday"),
        ("ada@example.org,,,,24,,,,,", "hour: not 0 to 23"),
        ("ada@example.org,,,,8:30,,,,,", "hour: not 0 to 23"),
        ("ada@example.org,,,,٨,,,,,", "hour: not 0 to 23"),
        ("ada@example.org,,,,,Mars/Olympus,,,,", "time_zone: unknown; write it like Europe/Berlin"),
        ("ada@example.org,,,,,,7,,,", "size: none of 5, 10, 20"),
        ("ada@example.org,,,,,,,maybe,,", "thin_day: none of skip, fill"),
        ("ada@example.org,,,,,,,,,eager", "status: none of active"),
        (f"ada@example.org,{'x' * 81},,,,,,,,", "keywords: too many, or one that is too long"),
        ("ada,,,,,,,,,", "bad address: no @"),
        ("ada@,,,,,,,,,", "bad address: what stands after the @"),
        (",retrieval,,,,,,,,", "bad address: no @"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named_and_not_shown(cells, reason):
    [line] = told(own(cells))

    assert line.startswith(f"line 2: {reason}")
    assert "ada" not in line.replace("monday", "")


@pytest.mark.parametrize(("hour", "read_as"), [("", 8), ("0", 0), ("08", 8), ("8:00", 8), ("23:00", 23)])
def test_an_hour_is_read_as_people_write_it(hour, read_as):
    [ada] = people(f"email,hour\nada@example.org,{hour}\n".encode())

    assert ada.preferences.hour == read_as


def test_a_language_of_another_house_loses_nobody():
    [ada] = people(b"email,language\nada@example.org,eo\n")

    assert ada.preferences.language == "en"


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("active", Standing.SUBSCRIBED),
        ("Subscribed", Standing.SUBSCRIBED),
        ("pending", Standing.PENDING),
        ("unsubscribed", Standing.UNSUBSCRIBED),
        ("bounced", Standing.BOUNCED),
        ("complained", Standing.COMPLAINED),
        ("blocked", Standing.BLOCKED),
    ],
)
def test_a_status_of_ours_is_how_they_stand(status, standing):
    [ada] = people(f"email,status\nada@example.org,{status}\n".encode())

    assert ada.standing is standing


# --- Mailchimp --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "columns", "standing"),
    [
        ("subscribed_email_audience_export_1a2b.csv", MAILCHIMP, Standing.SUBSCRIBED),
        ("subscribed_members_export_1a2b.csv", MAILCHIMP, Standing.SUBSCRIBED),
        ("nonsubscribed_email_audience_export_1a2b.csv", MAILCHIMP, Standing.NEVER),
        ("unsubscribed_email_audience_export_1a2b.csv", UNSUBSCRIBED, Standing.UNSUBSCRIBED),
        ("cleaned_email_audience_export_1a2b.csv", CLEANED, Standing.BOUNCED),
        ("friends.csv", MAILCHIMP, Standing.UNKNOWN),
        ("", MAILCHIMP, Standing.UNKNOWN),
        # Renamed, so that the name would say the opposite.
        ("subscribed.csv", UNSUBSCRIBED, Standing.UNSUBSCRIBED),
        ("subscribed.csv", CLEANED, Standing.BOUNCED),
    ],
)
def test_the_name_of_mailchimps_file_says_how_its_people_stand(name, columns, standing):
    [ada] = people(audience("ada@example.org", columns=columns), name)

    assert ada.standing is standing


def test_mailchimp_tells_the_moments_of_consent_and_the_zone_but_no_wish():
    [ada] = people(audience("ada@example.org"), "subscribed_email_audience_export_1.csv")

    assert ada.times == {"opted_in": "2021-03-04 10:11:12", "confirmed": "2021-03-04 10:15:00"}
    assert ada.preferences == Preferences(time_zone=ZoneInfo("Europe/Berlin"))


def test_a_renamed_address_column_is_still_the_first():
    columns = ("E-Mail-Adresse", *MAILCHIMP[1:])
    [ada] = people(table(columns, [{"E-Mail-Adresse": "ada@example.org"}]), "subscribed.csv")

    assert ada.address.key == "ada@example.org"


def test_mailchimps_archive_is_read_whole_and_who_is_in_two_tables_counts_as_the_stricter_says():
    archive = audience_zip(
        subscribed=["ada@example.org", "grace@example.org", "mary@example.org"],
        unsubscribed=["grace@example.org"],
        cleaned=["mary@example.org"],
        nonsubscribed=["joan@example.org"],
    )

    assert told(archive, "audience_export.zip") == [
        "line 2 (bounced): mary@example.org",
        "line 2 (unsubscribed): grace@example.org",
        "line 2 (never subscribed): joan@example.org",
        "line 2 (subscribed): ada@example.org",
        "line 3 (subscribed): the same address as in an earlier line",
        "line 4 (subscribed): the same address as in an earlier line",
    ]


def test_a_table_of_phone_numbers_in_the_archive_is_left_out():
    archive = packed(
        {
            "sms_only_audience_export_1.csv": b"Phone Number,Status\n+15550100,subscribed\n",
            "__MACOSX/._subscribed_email_audience_export_1.csv": b"\0\1\2",
            "read me.pdf": b"%PDF",
            "subscribed_email_audience_export_1.csv": audience("ada@example.org"),
        }
    )

    assert told(archive) == ["file 1 of the archive: no table of Mailchimp's", "line 2: ada@example.org"]


# --- listmonk ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("enabled", Standing.SUBSCRIBED),
        ("disabled", Standing.UNSUBSCRIBED),
        ("blocklisted", Standing.BLOCKED),
    ],
)
def test_listmonk_says_how_they_stand(status, standing):
    [ada] = people(listmonk(("ada@example.org", status)))

    assert ada.standing is standing
    assert ada.times == {"created": "2022-05-06 07:08:09.123456 +0000"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"keywords": ["retrieval", "-survey"], "hour": 7, "time_zone": "Asia/Tokyo", "city": "Kyoto"},
        {"keywords": "retrieval, -survey", "hour": "7", "time_zone": "tokyo", "city": {"name": "Kyoto"}},
    ],
)
def test_attributes_named_like_our_columns_are_the_wish(attributes):
    [ada] = people(listmonk(("ada@example.org", "enabled"), attributes=attributes))

    assert ada.preferences.as_json()["keywords"] == ["retrieval", "-survey"]
    assert (ada.preferences.hour, str(ada.preferences.time_zone)) == (7, "Asia/Tokyo")


@pytest.mark.parametrize("attributes", ["[1, 2]", "null", '"x"', '{"keywords": true}', "{}", ""])
def test_attributes_of_another_shape_are_no_wish(attributes):
    row = {"email": "ada@example.org", "attributes": attributes, "status": "enabled"}
    [ada] = people(table(LISTMONK, [row]))

    assert ada.preferences == Preferences()


@pytest.mark.parametrize("attributes", ["{", "[" * 90_000, "{'a': 1}", '{"a": NaN,}', "1" * 5_000])
def test_attributes_that_are_no_json_set_the_line_aside(attributes):
    row = {"email": "ada@example.org", "attributes": attributes, "status": "enabled"}
    good = {"email": "grace@example.org", "attributes": "{}", "status": "enabled"}

    assert told(table(LISTMONK, [row, good])) == ["line 2: attributes: not JSON", "line 3: grace@example.org"]


def test_a_status_listmonk_does_not_have_sets_the_line_aside():
    assert told(listmonk(("ada@example.org", "asleep"))) == [
        "line 2: status: none of enabled, disabled, blocklisted"
    ]


# --- which is it? -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "platform"),
    [
        (b"email\nada@example.org\n", "Paper Round"),
        (b" E-MAIL ,x\n".replace(b"E-MAIL", b"Email").replace(b",x", b",HOUR"), "Paper Round"),
        (audience("ada@example.org"), "Mailchimp"),
        (listmonk(("ada@example.org", "enabled")), "listmonk"),
    ],
)
def test_a_format_is_told_by_the_first_line(content, platform):
    with upload(io.BytesIO(content), "") as found:
        assert found.platform == platform


@pytest.mark.parametrize(
    "content",
    [
        b"ada@example.org\ngrace@example.org\n",
        b"email,plan\nada@example.org,free\n",
        b"name,phone\nAda,+15550100\n",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"<html><body>Log in</body></html>",
        b'{"email": "ada@example.org"}',
        b'"email\nada@example.org\n',
    ],
)
def test_what_is_no_list_is_refused_with_one_sentence(content):
    with pytest.raises(FileRefused) as refused:
        read(content)

    assert str(refused.value).startswith("This is no list that can be read: its first line names neither")
    assert "ada" not in str(refused.value)


def test_an_empty_file_is_said_to_be_empty():
    with pytest.raises(FileRefused, match=r"^The file is empty\.$"):
        read(b"")


def test_a_format_that_is_named_is_believed_and_other_columns_are_left():
    content = b"email,plan\nada@example.org,free\n"

    assert told(content, form="paper-round") == ["line 2: ada@example.org"]


@pytest.mark.parametrize(
    ("form", "missing"), [("paper-round", "email"), ("mailchimp", "Email Address"), ("listmonk", "email")]
)
def test_a_format_that_is_named_wrongly_is_refused_with_the_column_that_is_missing(form, missing):
    with pytest.raises(FileRefused, match=f"names no column “{missing}”"):
        read(b"address\nada@example.org\n", form=form)
