"""The rules of the house that a reader would otherwise have to watch over."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.app.task import Task

from digest.celery import app

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("digest", "subscriptions")
LONGEST = 320

# The settings, and how they are read.
SETTINGS = {"digest/settings.py", "digest/environment.py"}
# Where Django is told which settings to read; and where a child process is handed what we were given.
NAMES_SETTINGS = {"manage.py", "digest/celery.py", "digest/wsgi.py", "digest/asgi.py"}
HANDS_ON = {"digest/management/commands/demo.py"}


def modules(*folders: str) -> list[Path]:
    """Every module of these folders that somebody wrote."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def imports(path: Path) -> set[str]:
    """Full names of all that a module imports, wherever in it, with all their parents."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(path)} imports relatively, which this test does not follow"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.rsplit(".", cut)[0] for name in found for cut in range(name.count(".") + 1)}


# --- the environment --------------------------------------------------------------------


def environment_reads(source: str) -> Iterator[str]:
    """How a module touches the environment, as it is written there."""
    tree = ast.parse(source)
    handed_on = {
        value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is None
    }
    for node in ast.walk(tree):
        match node:
            case ast.Expr(
                ast.Call(ast.Attribute(ast.Attribute(ast.Name("os"), "environ"), "setdefault"), [name, _])
            ) if ast.unparse(name) == "'DJANGO_SETTINGS_MODULE'":
                yield "names the settings"
            case ast.Attribute(ast.Name("os"), "environ"):
                yield "hands it on" if node in handed_on else "os.environ"
            case ast.Attribute(ast.Name("os"), "getenv" | "environb" | "getenvb" | "putenv"):
                yield f"os.{node.attr}"
            case ast.ImportFrom("os", names=names):
                yield from (f"from os import {n.name}" for n in names if "env" in n.name)
            case ast.Import(names=names):
                yield from ("import environ" for n in names if n.name.partition(".")[0] == "environ")
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] == "environ":
                yield "import environ"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import os\nos.environ['A']", ["os.environ"]),
        ("import os\nos.getenv('A')", ["os.getenv"]),
        ("from os import environ", ["from os import environ"]),
        ("def f():\n    import environ", ["import environ"]),
        ("from environ import Env", ["import environ"]),
        ("import os\nenv = {**os.environ, 'A': '1'}", ["hands it on"]),
        ("import os\nos.environ.setdefault('A', 'b')", ["os.environ"]),
        ("import os\nos.getpid()", []),
    ],
)
def test_the_rule_on_the_environment_sees_what_it_should(source, told):
    assert list(environment_reads(source)) == told


def test_only_the_settings_read_the_environment():
    for path in [ROOT / "manage.py", *modules(*HOUSE)]:
        told = set(environment_reads(path.read_text(encoding="utf-8")))
        allowed = set()
        if name_of(path) in NAMES_SETTINGS:
            # The call that names the settings holds the word `os.environ` once.
            allowed = {"names the settings", "os.environ"}
            assert path.read_text(encoding="utf-8").count("environ") == 1, name_of(path)
        elif name_of(path) in HANDS_ON:
            allowed = {"hands it on"}
        elif name_of(path) in SETTINGS:
            continue
        assert told <= allowed, name_of(path)


def test_only_the_settings_know_how_the_environment_is_read():
    knowing = {name_of(path) for path in modules(*HOUSE) if "digest.environment" in imports(path)}

    assert knowing <= {"digest/settings.py"}


# --- who may know what ------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *(ROOT / "subscriptions" / name for name in ("tokens.py", "cadence.py", "mjml.py", "address.py")),
        *modules("digest/relevance"),
    ],
    ids=name_of,
)
def test_what_is_pure_knows_neither_tables_nor_settings(path):
    known = imports(path)

    assert not known & {"django.db", "django.conf", "celery"}
    assert not {name for name in known if re.match(r"(digest|subscriptions)\.(models|settings)\b", name)}
    if path.name != "tokens.py":
        assert "django" not in known


def test_subscriptions_know_nothing_of_papers():
    for path in modules("subscriptions"):
        assert "digest" not in imports(path), name_of(path)


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("mjml", {"subscriptions/mjml.py"}),
        ("anymail", {"subscriptions/mail.py", "digest/delivery.py", "digest/feedback.py"}),
        ("email_validator", {"subscriptions/address.py"}),
    ],
)
def test_an_outside_library_has_one_door(library, doors):
    assert {name_of(path) for path in modules(*HOUSE) if library in imports(path)} <= doors


# --- files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["digest", "subscriptions", "templates", "tests", "benchmarks", "deploy", "docs"]
)
def test_the_house_has_its_rooms(folder):
    assert (ROOT / folder).is_dir()
    assert any((ROOT / folder).iterdir()), "an empty room is in nobody's checkout"


@pytest.mark.parametrize("name", ["manage.py", "pyproject.toml", "Makefile", "README.md", "LICENSE"])
def test_the_front_door_is_where_people_look_for_it(name):
    assert (ROOT / name).is_file()


def test_a_file_holds_one_noun_or_one_verb():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules(*HOUSE)}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_module_is_named_for_being_a_collection():
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "services"}

    assert [
        name for name in map(name_of, modules(*HOUSE, "tests")) if vague & set(re.split("[/.]", name))
    ] == []


def test_every_package_of_tests_is_one():
    """Without `__init__.py` the folder `tests/digest` would hide the package `digest`."""
    for folder in {path.parent for path in modules("tests")}:
        assert (folder / "__init__.py").is_file(), name_of(folder)


# --- tasks ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task[Any, Any]]:
    """Our own tasks by name, as a worker that has started knows them."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.partition(".")[0] in HOUSE}


def test_beat_names_only_tasks_that_a_worker_knows(tasks):
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(tasks)


def test_beat_gives_no_arguments_and_lets_old_ticks_expire(tasks):
    for name, entry in app.conf.beat_schedule.items():
        assert not entry.get("args"), name
        assert not entry.get("kwargs"), name
        assert entry["options"]["expires"] >= 60, name
        assert not inspect.signature(tasks[entry["task"]].run).parameters, name


def test_a_task_takes_ids_dates_and_names_of_sources_and_gives_nothing(tasks):
    assert tasks
    for name, task in tasks.items():
        signature = inspect.signature(task.run)
        assert signature.return_annotation is None, name
        for parameter in signature.parameters.values():
            match parameter.name, parameter.annotation:
                case str(label), kind if label.endswith("_id") and kind is int:
                    continue
                case str(label), kind if label.endswith("_ids") and kind == list[int]:
                    continue
                case (("day" | "source" | "category"), kind) if kind is str:
                    continue
            pytest.fail(f"{name} takes {parameter}")


def test_tasks_live_in_the_modules_named_for_them(tasks):
    assert {name.rpartition(".")[0] for name in tasks} == {"digest.tasks", "subscriptions.tasks"}


# --- dependencies -----------------------------------------------------------------------

LOCKS = ["requirements.txt", "requirements-dev.txt"]
PINNED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?P<marker> ; [^\\]+)?"
    r"(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})+)"
)


def lock(name: str) -> dict[str, re.Match[str]]:
    """The pinned packages of a lock by name. Fails at any line that pins nothing."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pinned = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        entry = PINNED.fullmatch(line)
        assert entry, f"{name}: {line[:100]}"
        pinned[f"{entry['name']}{entry['marker'] or ''}"] = entry
    return pinned


def direct(*extras: str) -> set[str]:
    """Names of the packages that `pyproject.toml` asks for, as a lock writes them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(r for extra in extras for r in project["optional-dependencies"][extra]),
    ]
    names = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in asked)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_pins_a_version_by_its_hashes(name):
    assert len(lock(name)) > 20


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")

    for word in (
        "://",
        "--index",
        "--extra-index",
        "--find-links",
        "--trusted-host",
        "-i ",
        "-f ",
        "git+",
        " @ ",
    ):
        assert word not in text


@pytest.mark.parametrize(("name", "extras"), [(LOCKS[0], ()), (LOCKS[1], ("dev",))])
def test_a_lock_holds_all_that_the_project_asks_for(name, extras):
    locked = {entry["name"] for entry in lock(name).values()}

    assert direct(*extras) <= locked


def test_tests_run_on_the_very_versions_that_are_deployed():
    deployed, tested = ({key: entry["version"] for key, entry in lock(name).items()} for name in LOCKS)

    assert deployed.items() <= tested.items()
