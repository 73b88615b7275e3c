"""The HTML of every letter, judged by the Nu Html Checker of the W3C. Only in the long form: it is Java."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.letters.gallery import Case
from tests.letters.judging import MODULES, Finding, Known, accept

pytestmark = pytest.mark.django_db

JAR = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
MSO = "Outlook's Word engine reads it; all others pass over it."
KNOWN = [
    Known("error", "Attribute “xmlns:[vo]” not allowed here.", MSO),
    Known("error", "CSS: “mso-[a-z-]+”: Property .* doesn't exist.", MSO),
    Known(
        "error", "CSS: “supported-color-schemes”: .*", "So Apple Mail of 2019 names what `color-scheme` is."
    ),
    Known(
        "error", "Attribute “vertical-align” not allowed on element “td” .*", "MJML writes it into buttons."
    ),
]


def test_the_checker_of_the_w3c_finds_no_error(gallery: list[Case], tmp_path: Path):
    java = shutil.which("java")
    if java is None:
        leave_out("No Java for the Nu Html Checker: apt-get install default-jre-headless.")
    if not JAR.is_file():
        leave_out("The Nu Html Checker is not installed: npm ci --prefix tests/letters/judges.")
    cases = {(tmp_path / f"{number}.html").as_uri(): case for number, case in enumerate(gallery)}
    for number, case in enumerate(gallery):
        (tmp_path / f"{number}.html").write_text(case.html, encoding="utf-8")

    command = [
        str(java),
        "-jar",
        str(JAR),
        "--errors-only",
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
    ]
    told = subprocess.run([*command, *map(str, tmp_path.glob("*.html"))], capture_output=True, check=True)

    accept(
        [
            Finding(
                case=cases[message["url"].replace("file:/", "file:///", 1)].name,
                rule=message["type"],
                line=message.get("lastLine", 0),
                message=message["message"],
            )
            for message in json.loads(told.stdout)["messages"]
        ],
        KNOWN,
    )
