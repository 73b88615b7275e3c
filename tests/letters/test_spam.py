"""What SpamAssassin makes of every letter, by its rules alone: nothing is looked up, nothing learned. Only in
the long form: it is a package of the system.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.letters.gallery import Case
from tests.letters.judging import Finding, Known, accept

pytestmark = pytest.mark.django_db

MOST = 0.5
"""Points a letter may have; 5 make it spam."""
KNOWN = [
    Known("LONGWORDS", ".*", "Six long words in a row are how abstracts talk."),
    Known(
        "HTML_TITLE_SUBJ_DIFF",
        ".*",
        "A single paper of a few letters makes a subject much shorter than the title of the page.",
    ),
]
REPORT = re.compile(
    r"^Content analysis details: +\((-?[\d.]+) points, .*?\n\n(.*?)\n\n", re.DOTALL | re.MULTILINE
)
POINTS = re.compile(r"^ *(-?\d+\.\d+) (\w+)", re.MULTILINE)


def test_no_letter_looks_like_spam(gallery: list[Case], tmp_path: Path):
    spamassassin = shutil.which("spamassassin")
    if spamassassin is None:
        leave_out("No SpamAssassin: apt-get install spamassassin.")
    letters = [tmp_path / f"{number:03d}.eml" for number in range(len(gallery))]
    for path, case in zip(letters, gallery, strict=True):
        path.write_bytes(case.raw)

    command = [str(spamassassin), "-L", "-x", "-t", "--cf", "use_bayes 0"]
    told = subprocess.run([*command, *map(str, letters)], capture_output=True, check=True)

    reports = REPORT.findall(told.stdout.decode(errors="replace"))
    assert len(reports) == len(gallery), told.stderr.decode(errors="replace")
    accept(
        [
            finding
            for case, (points, table) in zip(gallery, reports, strict=True)
            if float(points) > MOST
            for finding in _rules(case, table)
        ],
        KNOWN,
    )


def _rules(case: Case, table: str) -> Iterator[Finding]:
    for points, rule in POINTS.findall(table):
        if float(points) > 0:
            yield Finding(case=case.name, rule=rule, line=0, message=f"{points} points")
