"""The other languages: nothing is left untranslated, and nothing is lost on the way."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

from tests.conftest import leave_out

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
HOUSE = ("digest", "subscriptions", "templates", "locale")
TAG = re.compile(r"<[^<>]*>")
PLACE = re.compile(r"%\(\w+\)[a-z]")

Message = tuple[str | None, str]
each_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])


def messages(catalogue: list[polib.POEntry] | list[polib.MOEntry]) -> dict[Message, list[str]]:
    """What stands for each message: one text, or one for each plural form."""
    return {
        (entry.msgctxt or None, entry.msgid): list(entry.msgstr_plural.values()) or [entry.msgstr]
        for entry in catalogue
    }


def pairs(path: Path) -> list[tuple[str, str]]:
    """Each text of a catalogue beside its translation; of plurals, each form."""
    found = []
    for entry in polib.pofile(str(path)):
        if entry.msgid_plural:
            for form, text in entry.msgstr_plural.items():
                found.append((entry.msgid_plural if form else entry.msgid, text))
        else:
            found.append((entry.msgid, entry.msgstr))
    return found


# --- Complete -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house in which `make messages` has just gathered what there is."""
    if shutil.which("xgettext") is None:
        leave_out("There is no GNU gettext on this machine (apt-get install gettext).")
    copy = tmp_path_factory.mktemp("languages") / "house"
    for folder in HOUSE:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "samples"))
    shutil.copy(ROOT / "manage.py", copy)
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--verbosity", "0"],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(copy / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return copy


def test_every_language_but_our_own_has_a_catalogue():
    assert {path.parts[-3] for path in CATALOGUES} | {"en"} == set(dict(settings.LANGUAGES))


@each_catalogue
def test_the_catalogue_holds_what_the_house_says_and_no_more(path: Path, extracted: Path):
    anew = extracted / path.relative_to(ROOT)

    assert messages(polib.pofile(str(path))).keys() == messages(polib.pofile(str(anew))).keys()
    assert path.read_text(encoding="utf-8") == anew.read_text(encoding="utf-8"), "run `make messages`"


@each_catalogue
def test_every_message_is_translated_and_none_is_a_guess(path: Path):
    catalogue = polib.pofile(str(path))

    assert len(catalogue) > 100
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []
    assert not catalogue.metadata_is_fuzzy


@each_catalogue
def test_what_is_compiled_is_what_is_written(path: Path):
    compiled = polib.mofile(str(path.with_suffix(".mo")))

    assert messages(compiled) == messages(polib.pofile(str(path)))


# --- Nothing lost ---------------------------------------------------------------------------


@each_catalogue
def test_a_translation_says_every_value_and_no_other(path: Path):
    lost = [
        (text, said) for text, said in pairs(path) if set(PLACE.findall(text)) != set(PLACE.findall(said))
    ]

    assert lost == []


@each_catalogue
def test_a_translation_has_the_tags_of_its_text_and_closes_them(path: Path):
    for text, said in pairs(path):
        assert sorted(TAG.findall(text)) == sorted(TAG.findall(said)), said
        still_open: list[str] = []
        for tag in TAG.findall(said):
            name = tag.strip("</>").split()[0]
            if tag.startswith("</"):
                assert still_open.pop(-1) == name, said
            elif not tag.endswith("/>"):
                still_open.append(name)
        assert still_open == [], said


@each_catalogue
def test_a_translation_begins_and_ends_as_its_text_does(path: Path):
    """Text letters live by their line ends, and sentences are put together around spaces and colons."""
    edge = re.compile(r"^\s*|[:?…]?\s*$")

    assert [(text, said) for text, said in pairs(path) if edge.findall(text) != edge.findall(said)] == []


def test_german_calls_nobody_du():
    [path] = [path for path in CATALOGUES if path.parts[-3] == "de"]
    familiar = re.compile(r"\b(du|dich|dir|dein\w*|ihr|euch|euer|eure\w*)\b")

    assert [said for _, said in pairs(path) if familiar.search(said)] == []


# --- Nothing forgotten ----------------------------------------------------------------------

# What is the same everywhere, or is no word of a language.
NAMES = {"arXiv", "DOI", "HTML", "UTC"}
# Shown when all else has failed, so it speaks both languages by itself and asks nobody.
BY_ITSELF = {"500.html"}
READ_ALOUD = r"(?:aria-label|title|alt|placeholder|content)"


def untranslated(template: str) -> list[str]:
    """The words of a template that reach a reader as they stand there, whatever the language."""
    without = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->", "", template, flags=re.DOTALL)
    without = re.sub(
        r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", "", without, flags=re.DOTALL
    )
    without = re.sub(r"{%.*?%}|{{.*?}}", "", without, flags=re.DOTALL)
    without = re.sub(r"<(mj-style|style|script)\b.*?</\1>", "", without, flags=re.DOTALL)
    spoken = [
        words
        for tag in re.findall(r"<[^>]*>", without)
        for words in re.findall(rf'\b{READ_ALOUD}="([^"]*)"', tag)
        if not tag.startswith(
            ('<meta name="viewport', '<meta name="robots', '<meta name="color', '<meta name="supp')
        )
    ]
    spoken += re.sub(r"<[^>]*>", "\n", without).splitlines()
    return [
        line.strip()
        for line in spoken
        if any(word not in NAMES for word in re.findall(r"[^\W\d_]{2,}", line.replace("&#160;", " ")))
    ]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{% translate "Hello" %} {{ name }}', []),
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% blocktranslate %}Hello{% endblocktranslate %} there</p>", ["there"]),
        ("{% if a %}one{% else %}{% translate 'two' %}{% endif %}", ["one"]),
        ('<a title="Away" href="/x/">{{ y }}</a>', ["Away"]),
        ('<a aria-label="{% translate "Away" %}">arXiv {{ y }} · {{ z }}</a>', []),
        ("<style>p { margin: 0 }</style><!-- why -->{# why #}", []),
    ],
)
def test_the_rule_on_templates_sees_what_it_should(template: str, told: list[str]):
    assert untranslated(template) == told


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if path.name not in BY_ITSELF and "admin" not in path.parts
    ],
    ids=lambda path: path.relative_to(ROOT / "templates").as_posix(),
)
def test_no_template_speaks_english_to_everybody(path: Path):
    assert untranslated(path.read_text(encoding="utf-8")) == []
