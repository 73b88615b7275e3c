"""How findings are weighed: what is known is let pass, and only for as long as it is met."""

import json

from tests.letters.judging import FOLDER, Finding, Known, complaints_of

ALIGN = Known("deprecated", 'Attribute "(align|width)".*', "Old Outlooks know no other.")


def found(message: str, *, rule: str = "deprecated", case: str = "one", line: int = 7) -> Finding:
    return Finding(case=case, rule=rule, line=line, message=message)


def test_what_is_known_passes_and_all_else_is_told_with_its_place():
    findings = [found('Attribute "align" is old'), found('Attribute "bgcolor" is old')]

    assert complaints_of(findings, [ALIGN]) == ['deprecated: Attribute "bgcolor" is old: “one” line 7']


def test_another_rule_with_the_same_words_does_not_pass():
    assert complaints_of([found('Attribute "align"', rule="new"), found('Attribute "align"')], [ALIGN]) == [
        'new: Attribute "align": “one” line 7'
    ]


def test_an_exception_that_nothing_needs_is_told():
    assert complaints_of([], [ALIGN]) == [
        'deprecated: no letter needs the exception for “Attribute "(align|width)".*” any more'
    ]


def test_a_finding_in_many_letters_is_one_complaint():
    findings = [found("x", case=case, line=line) for case in ("a", "b", "c", "d", "e") for line in (3, 4)]

    assert complaints_of(findings) == [
        "deprecated: x: “a” line 3 and “b” line 3 and “c” line 3 and 2 more letters"
    ]


def test_the_lock_of_the_judges_pins_every_package_by_its_hash_and_names_no_place():
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert len(packages) > 100
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
