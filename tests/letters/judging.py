"""How a judge is asked, and what it finds is told."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import leave_out

FOLDER = Path(__file__).resolve().parent / "judges"
MODULES = FOLDER / "node_modules"
SHOWN = 3
"""Cases that are named of each finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge has against one case."""

    case: str
    rule: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """Findings that are to be: patterns of their whole rule and message, and why."""

    rule: str
    message: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return bool(
            re.fullmatch(self.rule, finding.rule) and re.fullmatch(self.message, finding.message, re.DOTALL)
        )


def ask(judge: str, sources: Mapping[str, str]) -> tuple[list[Finding], dict[str, Any]]:
    """What one of the judges of `judge.mjs` finds in all these sources, and what else it tells."""
    node = shutil.which("node")
    if node is None:
        leave_out("No Node.js for those who judge the letters: apt-get install nodejs npm.")
    if not MODULES.is_dir():
        leave_out("Those who judge the letters are not installed: npm ci --prefix tests/letters/judges.")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([{"name": name, "source": source} for name, source in sources.items()], file)
        file.flush()
        told = subprocess.run(
            [str(node), str(FOLDER / "judge.mjs"), judge, file.name], capture_output=True, check=False
        )
    assert told.returncode == 0, told.stderr.decode(errors="replace")
    answer: dict[str, Any] = json.loads(told.stdout)
    return [Finding(**finding) for finding in answer.pop("findings")], answer


def accept(findings: Iterable[Finding], known: Sequence[Known] = ()) -> None:
    """Fail with the words for each finding that is not known, and each exception that nothing needs."""
    if complaints := complaints_of(findings, known):
        pytest.fail("\n".join(complaints), pytrace=False)


def complaints_of(findings: Iterable[Finding], known: Sequence[Known] = ()) -> list[str]:
    unknown: dict[tuple[str, str], list[Finding]] = {}
    unmet = list(known)
    for finding in findings:
        covering = [one for one in known if one.covers(finding)]
        unmet = [one for one in unmet if one not in covering]
        if not covering:
            unknown.setdefault((finding.rule, finding.message), []).append(finding)
    return [
        *(f"{rule}: {message}: {_places(found)}" for (rule, message), found in unknown.items()),
        *(f"{one.rule}: no letter needs the exception for “{one.message}” any more" for one in unmet),
    ]


def _places(found: Sequence[Finding]) -> str:
    lines = {finding.case: finding.line for finding in reversed(found)}
    named = [
        f"“{case}” line {line}" if line else f"“{case}”" for case, line in list(lines.items())[::-1][:SHOWN]
    ]
    more = len(lines) - len(named)
    return " and ".join([*named, f"{more} more letters"] if more else named)
