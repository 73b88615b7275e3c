"""What stands in `deploy/` is true of the code: its settings, commands, queues, files and times."""

import ast
import configparser
import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as code
from django.core.management import get_commands
from django.urls import resolve
from packaging.specifiers import SpecifierSet

from tests import deployment_check as check
from tests.journeys.house import own_database, wait_for
from tests.servers import ended, free_port

ROOT = check.ROOT
DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "paper-round"}
WORKERS = {name for name in OURS if name.startswith("worker-")}
PROCFILE = dict(line.split(": ", 1) for line in (DEPLOY / "Procfile").read_text().splitlines())
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
SETTINGS = check.example()
NAMES = {setting.name for setting in SETTINGS}


# --- env.example ---


def calls_of_env() -> list[tuple[str, ast.expr | None]]:
    """Each `env.xxx("NAME", default=...)` of settings.py: the name and the default."""
    tree = ast.parse((ROOT / "digest" / "settings.py").read_text(encoding="utf-8"))
    return [
        (call.args[0].value, next((word.value for word in call.keywords if word.arg == "default"), None))
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def test_env_example_names_exactly_the_settings_the_code_reads():
    provider = next(setting.value for setting in SETTINGS if setting.name == "ANYMAIL_ESP").upper()
    names = [name for name in sorted(NAMES) if not name.startswith(f"{provider}_")]

    assert set(names) == {name for name, _ in calls_of_env()} | {"POSTGRES_PASSWORD"}
    assert len(NAMES) == len(SETTINGS), "one of them stands there twice"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_env_example_tells_of_a_setting_its_default_and_an_example(setting: check.Setting):
    assert re.search(r"\bDefault: \S", setting.comment)
    assert setting.value or "Make one:" in setting.comment


def test_env_example_tells_the_defaults_that_the_code_has():
    literal = {
        name: default.value
        for name, default in calls_of_env()
        if isinstance(default, ast.Constant) and default.value not in ("", None)
    }
    told = {setting.name: setting.comment for setting in SETTINGS}

    assert "SITE_NAME" in literal
    for name, value in literal.items():
        text = str(int(value) if isinstance(value, bool) else value)
        assert re.search(rf"Default: {re.escape(text)}(?![\w:/])", told[name]), name


def test_env_example_reads_the_same_to_a_shell_and_to_us():
    in_force = {setting.name: setting.value for setting in SETTINGS if setting.active}
    shell = subprocess.run(
        ["sh", "-c", 'set -a; . "$1"; env -0', "sh", check.EXAMPLE], env={}, capture_output=True, check=True
    )
    from_shell = dict(line.split("=", 1) for line in shell.stdout.decode().split("\0") if line)

    assert {name: from_shell[name] for name in in_force} == in_force


def test_env_example_makes_a_deployment_without_a_warning():
    assert check.main() == 0


def test_env_example_gives_every_setting_a_value_that_is_accepted(tmp_path: Path):
    everything = {setting.name: setting.value for setting in SETTINGS if setting.value}

    done = check.manage(
        "check", "--deploy", env=check.environment(tmp_path, **everything | {"VAR_DIR": str(tmp_path)})
    )

    assert done.returncode == 0, done.stdout


def test_env_example_with_the_key_forgotten_is_refused(tmp_path: Path):
    done = check.manage("check", env=check.environment(tmp_path, SECRET_KEY=""))

    assert done.returncode == 1
    assert "digest.E005" in done.stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"POSTAL_ADDRESS": ""}, "subscriptions.E002"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"REDIS_URL": ""}, "digest.W001"),
    ],
)
def test_the_deployment_check_tells_what_is_set_wrongly(change: dict[str, str], told: str, tmp_path: Path):
    [problem] = check.problems(check.environment(tmp_path, **change), tmp_path)

    assert told in problem


def test_the_deployment_check_misses_a_migration(image: Path, tmp_path: Path):
    root = tmp_path / "app"
    shutil.copytree(image, root)
    (root / "digest" / "migrations" / "0001_initial.py").unlink()

    [problem] = check.problems(check.environment(tmp_path), tmp_path, root)

    assert "makemigrations --check" in problem


def value_of(expression: str, env: dict[str, str]) -> str:
    """An expression over the settings `s`, in a process with this environment."""
    line = f"from digest import settings as s; print(repr({expression}))"
    done = subprocess.run(
        [sys.executable, "-c", line], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_secret_may_come_from_a_file_and_its_line_end_is_no_part_of_it(tmp_path: Path):
    (tmp_path / "token").write_text("the-token\n")
    env = check.environment(
        tmp_path, ANYMAIL_ESP="postmark", POSTMARK_SERVER_TOKEN_FILE=str(tmp_path / "token")
    )

    assert value_of("s.ANYMAIL['POSTMARK_SERVER_TOKEN']", env) == "'the-token'"


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Papers", "Papers <papers@papers.example.org>"),
        ("Widgets, Inc.", '"Widgets, Inc." <papers@papers.example.org>'),
        ("Ünï (Ç)", '"Ünï (Ç)" <papers@papers.example.org>'),
    ],
)
def test_whatever_the_site_is_called_its_mail_has_one_sender(name: str, sender: str, tmp_path: Path):
    env = check.environment(tmp_path, SITE_NAME=name, SITE_URL="https://papers.example.org")
    env.pop("DEFAULT_FROM_EMAIL", None)

    assert value_of("s.DEFAULT_FROM_EMAIL", env) == repr(sender)


def test_an_empty_suppression_key_is_no_key(tmp_path: Path):
    """Somebody who removes only the `#` must not get hashes that anybody can compute."""
    env = check.environment(tmp_path, SUPPRESSION_KEY="")

    assert value_of("s.SUPPRESSION_KEYS[0] == s.SECRET_KEY", env) == "True"


# --- compose.yaml ---


def test_compose_asks_the_environment_for_the_database_password_only():
    asked = re.findall(r"(?<!\$)\$\{?(\w+)", COMPOSE_TEXT.replace("$$", ""))

    assert set(asked) == {"POSTGRES_PASSWORD"}
    assert set(asked) <= NAMES


def test_compose_publishes_the_web_alone_and_to_this_machine_alone():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_compose_gives_all_processes_the_same_image_file_and_servers():
    assert set(OURS) == {"migrate", "web", "worker-letters", "worker-digests", "beat"}
    for name, service in OURS.items():
        assert service["env_file"] == ".env", name
        assert set(service["environment"]) == {"DATABASE_URL", "REDIS_URL"}, name
        assert "@postgres:5432/paper_round" in service["environment"]["DATABASE_URL"]
        assert service["environment"]["REDIS_URL"].startswith("redis://redis:6379")
    built = [service["build"] for service in OURS.values() if "build" in service]
    assert built == [{"context": "..", "dockerfile": "deploy/Dockerfile"}]


def test_compose_starts_nothing_before_the_database_is_migrated():
    assert SERVICES["migrate"]["command"] == PROCFILE["release"]
    servers = {name: {"condition": "service_healthy"} for name in ("postgres", "redis")}
    assert SERVICES["migrate"]["depends_on"] == servers
    for name in set(OURS) - {"migrate"}:
        migrated = {"migrate": {"condition": "service_completed_successfully"}}
        assert OURS[name]["depends_on"] == servers | migrated, name


def test_compose_starts_again_what_died_but_not_what_is_done():
    assert {name: service["restart"] for name, service in SERVICES.items()} == dict.fromkeys(
        SERVICES, "unless-stopped"
    ) | {"migrate": "no"}


def test_compose_watches_the_health_of_every_service():
    assert SERVICES["migrate"]["healthcheck"] == {"disable": True}
    assert "healthcheck" not in SERVICES["web"], "the image has the web's own"
    for name in set(SERVICES) - {"migrate", "web"}:
        assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_compose_keeps_what_must_outlive_a_container():
    kept = {volume for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert kept == {"postgres:/var/lib/postgresql/data", "redis:/data"}
    assert set(COMPOSE["volumes"]) == {volume.split(":")[0] for volume in kept}
    redis = shlex.split(SERVICES["redis"]["command"])
    assert redis == ["redis-server", "--maxmemory-policy", "noeviction", "--appendonly", "yes"]


def test_compose_needs_no_file_but_the_one_that_stays_out_of_the_repository():
    assert "/.env" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not any(
        volume.startswith((".", "/")) for s in SERVICES.values() for volume in s.get("volumes", [])
    )


# --- Commands, the same everywhere ---


def command_of(unit: str, instance: str = "") -> str:
    """What a systemd unit runs, without the folder it runs it from."""
    line = units()[unit]["Service"]["ExecStart"]
    return line.replace("/opt/paper-round/.venv/bin/", "").replace("%i", instance).replace("%%", "%")


def units() -> dict[str, configparser.ConfigParser]:
    found = {}
    for path in SYSTEMD.iterdir():
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(path.read_text(encoding="utf-8"))
        found[path.name] = parser
    return found


def without_bind(command: str) -> list[str]:
    """Where to listen is what the ways to deploy differ in."""
    words = shlex.split(command)
    at = words.index("--bind")
    return words[:at] + words[at + 2 :]


def commands(way: str) -> dict[str, str]:
    """The commands of one way to deploy, by the Procfile's names."""
    if way == "Procfile":
        return dict(PROCFILE)
    if way == "compose":
        [web] = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
        found = {name: service["command"] for name, service in OURS.items() if "command" in service}
        return found | {"web": shlex.join(yaml.safe_load(web)), "release": found.pop("migrate")}
    wanted = units()["paper-round.target"]["Unit"]["Wants"].split()
    found = {}
    for name in wanted:
        stem, _, instance = name.removesuffix(".service").partition("@")
        unit = f"{stem}@.service" if instance else name
        process = stem.removeprefix("paper-round-") + (f"-{instance}" if instance else "")
        found[process] = command_of(unit, instance)
    return found | {"release": PROCFILE["release"]}


WAYS = ["Procfile", "compose", "systemd"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_deploy_runs_the_same_commands(way: str):
    found = commands(way)

    assert set(found) == {"web", "worker-letters", "worker-digests", "beat", "release"}
    assert without_bind(found.pop("web")) == without_bind(PROCFILE["web"])
    assert found == {name: command for name, command in PROCFILE.items() if name != "web"}


@pytest.mark.parametrize("way", WAYS)
def test_every_queue_has_a_worker_and_every_worker_a_name_of_its_own(way: str):
    queues, names = [], []
    for command in commands(way).values():
        words = shlex.split(command)
        if words[:4] == ["celery", "-A", "digest", "worker"]:
            queues += words[words.index("--queues") + 1].split(",")
            names.append(words[words.index("--hostname") + 1])

    routed = {route["queue"] for route in code.CELERY_TASK_ROUTES.values()}
    assert set(queues) == {code.CELERY_TASK_DEFAULT_QUEUE} | routed
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["worker-letters", "worker-digests", "beat"])
def test_celery_knows_the_options_it_is_started_with(name: str, tmp_path: Path):
    """`--help` comes after a command line has been read, and an unknown option ends it before."""
    _, *words = shlex.split(PROCFILE[name])
    env = check.environment(tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "celery", *words, "--help"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()


def seconds(text: str) -> int:
    assert re.fullmatch(r"\d+s?", text), text
    return int(text.removesuffix("s"))


def test_a_worker_is_given_the_time_its_task_may_take_before_it_is_killed():
    least = max(code.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, code.CELERY_TASK_TIME_LIMIT)

    for name in WORKERS:
        assert seconds(OURS[name]["stop_grace_period"]) > least
    assert seconds(units()["paper-round-worker@.service"]["Service"]["TimeoutStopSec"]) > least


def test_the_web_is_given_the_time_of_its_requests_before_it_is_killed():
    from gunicorn.config import GracefulTimeout  # type: ignore[import-untyped]

    assert seconds(SERVICES["web"]["stop_grace_period"]) > GracefulTimeout.default
    assert seconds(units()["paper-round-web.service"]["Service"]["TimeoutStopSec"]) > GracefulTimeout.default


# --- systemd ---


def test_the_target_wants_units_that_exist_and_they_end_with_it():
    services = set(units()) - {"paper-round.target"}
    wanted = {
        re.sub(r"@\w+\.", "@.", unit) for unit in units()["paper-round.target"]["Unit"]["Wants"].split()
    }

    assert wanted == services
    for name in services:
        assert units()[name]["Unit"]["PartOf"] == "paper-round.target"


def test_every_unit_runs_as_the_same_person_in_the_same_narrow_place():
    places = []
    for name, unit in units().items():
        if name == "paper-round.target":
            continue
        place = dict(unit["Service"])
        assert place["Restart"] == "always"
        for own in ("Type", "ExecStart", "ExecStartPre", "KillMode", "TimeoutStopSec"):
            place.pop(own, None)
        places.append(place)
    first, *others = places
    assert all(other == first for other in others)
    assert first["User"] == "paper-round"
    assert first["NoNewPrivileges"] == "yes"
    assert first["ProtectSystem"] == "strict"
    assert first["CapabilityBoundingSet"] == ""
    # The one folder it may write is the one the environment names.
    assert {s.value for s in SETTINGS if s.name == "VAR_DIR"} == {f"/var/lib/{first['StateDirectory']}"}


# --- Dockerfile ---


def copied() -> dict[str, str]:
    """What the Dockerfile copies from the checkout into the image: source and destination."""
    found = {}
    last_stage = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    for *sources, target in (line.split() for line in re.findall(r"^COPY (.+)$", last_stage, re.MULTILINE)):
        for source in sources:
            found[source] = f"{target}{source}" if target.endswith("/") else target
    return found


def test_the_image_is_made_of_files_that_exist_and_of_no_others():
    sources = set(re.findall(r"\S+", " ".join(re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE))))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert all((ROOT / source).exists() for source in sources)
    # All is ignored first, so that only what is named gets in; and all that is named is used.
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == sources


def test_the_image_has_a_python_that_the_project_supports():
    with (ROOT / "pyproject.toml").open("rb") as file:
        supported = SpecifierSet(tomllib.load(file)["project"]["requires-python"])

    pythons = re.findall(r"^FROM python:([\d.]+)-slim\b", DOCKERFILE, re.MULTILINE)
    assert len(pythons) == 2
    assert len(set(pythons)) == 1
    assert pythons[0] in supported


def test_the_image_runs_as_nobody_in_particular():
    lines = DOCKERFILE.splitlines()
    [user] = [line for line in lines if line.startswith("USER ")]

    assert user == "USER paper-round"
    assert re.search(r"useradd --system --uid [1-9]\d* .*\bpaper-round\b", DOCKERFILE)
    assert not [line for line in lines[lines.index(user) :] if line.startswith(("RUN ", "COPY "))]


def test_the_image_takes_only_what_the_lock_vouches_for():
    assert not re.findall(r"^ADD ", DOCKERFILE, re.MULTILINE)
    assert not re.findall(r"://|\bcurl\b|\bwget\b|\bapt", DOCKERFILE)
    installs = re.findall(r"pip (?:wheel|install) [^&\n]+", DOCKERFILE)
    assert len(installs) == 2
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) + [s["image"] for s in SERVICES.values()]
    assert all(re.fullmatch(r"[a-z-]+(:[\w.-]+)?", image) for image in images)


def test_the_image_keeps_no_key():
    kept = re.findall(r"(\w+)=", " ".join(re.findall(r"^(?:ENV|ARG|LABEL) (.+)$", DOCKERFILE, re.MULTILINE)))

    assert set(kept) == {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "VAR_DIR"}


# --- The real thing: the image's files, in a folder, run by the Procfile's commands ---


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image: copied and prepared as the Dockerfile says, all but the installing."""
    folder = tmp_path_factory.mktemp("image")
    root = folder / "app"
    root.mkdir()
    for source, target in copied().items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, root / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, root / target)
    [prepare] = re.findall(r"^RUN (.*manage\.py.*)$", DOCKERFILE, re.MULTILINE)
    assert "/tmp/build" in prepare
    build = folder / "build"
    env = {"PATH": path_with_our_python()}
    subprocess.run(prepare.replace("/tmp/build", str(build)), shell=True, cwd=root, env=env, check=True)
    assert not build.exists(), "nothing made with the key of the build is left"
    return root


def path_with_our_python() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


class Deployed:
    """The image's files and the Procfile's processes, in an environment like a deployment's."""

    def __init__(self, root: Path, env: dict[str, str], logs: Path) -> None:
        self.root, self.env, self.logs = root, env, logs
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        with (self.logs / f"{name}.log").open("wb") as output:
            self.processes[name] = subprocess.Popen(
                f"exec {PROCFILE[name]}",
                shell=True,
                cwd=self.root,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def run(self, command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            shell=True,
            cwd=self.root,
            env=self.env | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", int(self.env["PORT"]), timeout=10)
        try:
            connection.request("GET", path, headers={"Host": "papers.example.org", **headers})
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    def told(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()}" for path in sorted(self.logs.glob("*.log")))


HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def deployed(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All of a deployment as env.example sets it up, but on the servers of the tests."""
    var = tmp_path_factory.mktemp("var")
    env = check.environment(var, PATH=path_with_our_python(), PORT=str(free_port()), SOURCES="")
    with contextlib.ExitStack() as stack:
        if url := os.environ.get("DATABASE_URL"):
            env["DATABASE_URL"] = stack.enter_context(own_database(url))
        else:
            del env["DATABASE_URL"]
        # Nor does gunicorn believe this machine's headers: a container's proxy is another machine to it.
        env["FORWARDED_ALLOW_IPS"] = "192.0.2.1"
        # A Redis database of its own: what beat puts there is no other test's.
        env["REDIS_URL"] = re.sub(r"/\d*$", "/8", os.environ.get("REDIS_URL", ""))
        house = Deployed(image, env, tmp_path_factory.mktemp("logs"))
        stack.callback(lambda: ended([p for p in house.processes.values() if p.poll() is None]))
        released = house.run(PROCFILE["release"])
        assert released.returncode == 0, released.stdout
        for name in set(PROCFILE) - {"release"}:
            house.start(name)
        yield house


@pytest.mark.journey
def test_the_web_answers_behind_a_proxy_that_ends_tls(deployed: Deployed):
    wait_for("the web", lambda: deployed.get("/healthz")[0] == 200, seconds=30)

    status, page = deployed.get("/", **HTTPS)
    assert status == 200
    [style] = re.findall(r'<link rel="stylesheet" href="(/static/[^"]+)"', page)
    assert re.search(r"site\.[0-9a-f]{12}\.css$", style), "collectstatic gave it the name of its content"
    assert deployed.get(style, **HTTPS)[0] == 200
    assert deployed.get("/")[0] == 301
    assert deployed.get("/outbox/", **HTTPS)[0] == 404


@pytest.mark.journey
def test_the_health_check_of_the_image_asks_the_web(deployed: Deployed):
    resolve("/healthz")
    [line] = re.findall(r"^HEALTHCHECK .*CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    ask = shlex.join(yaml.safe_load(line))
    port = deployed.env["PORT"]

    wait_for("the web", lambda: deployed.get("/healthz")[0] == 200, seconds=30)
    good = deployed.run(f"{ask} {port}")
    nobody_there = deployed.run(f"{ask} {free_port()}")

    assert (good.returncode, good.stdout) == (0, "")
    assert nobody_there.returncode == 1
    assert "ConnectionRefusedError" in nobody_there.stdout
    assert deployed.get("/healthz", Host="elsewhere.example.org")[0] == 200, "whatever host is asked for"


@pytest.mark.journey
@pytest.mark.parametrize("name", ["worker-letters", "worker-digests", "beat"])
def test_the_health_check_of_compose_asks_that_process(deployed: Deployed, name: str):
    kind, ask = SERVICES[name]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    ask = ask.replace("$$", "$")

    wait_for(name, lambda: deployed.run(ask).returncode == 0, seconds=30)

    nobody = ask.replace("--timeout 5", "--timeout 1").replace("--destination ", "--destination not-")
    assert deployed.run(nobody).returncode != 0


@pytest.mark.journey
def test_signing_up_goes_on_while_the_queue_is_down(deployed: Deployed):
    sign_up = """
from django.test import Client
client = Client(headers={"host": "papers.example.org", "x-forwarded-proto": "https"})
response = client.post("/subscribe/", {"email": "ada@example.org", "keywords": "retrieval"})
print("answered", response.status_code)
"""
    nobody_there = f"redis://127.0.0.1:{free_port()}/0"

    done = deployed.run(f"python manage.py shell -v 0 -c {shlex.quote(sign_up)}", REDIS_URL=nobody_there)

    assert "answered 302" in done.stdout, done.stdout


@pytest.mark.journey
def test_the_processes_end_by_themselves_when_asked_to(deployed: Deployed):
    for process in deployed.processes.values():
        assert process.poll() is None, deployed.told()
        process.terminate()

    codes = {name: process.wait(timeout=25) for name, process in deployed.processes.items()}

    assert codes == dict.fromkeys(codes, 0), deployed.told()


# --- README.md ---


def test_the_readme_names_only_what_there_is():
    lines = re.findall(r"docker compose -f deploy/compose\.yaml ([^`\n]+)", README)
    for verb, *words in map(shlex.split, lines):
        plain = [word for word in words if not word.startswith("-")]
        if verb in ("exec", "run"):
            assert plain[0] in SERVICES
        elif verb in ("stop", "logs"):
            assert set(plain) <= set(SERVICES)
        else:
            assert verb in ("build", "up", "ps")
    managed = set(re.findall(r"manage(?:\.py)? ([a-z_]+)", README))
    assert "createsuperuser" in managed
    assert managed <= set(get_commands())
    assert set(re.findall(r"`([A-Z][A-Z]*_[A-Z_]+)`", README)) <= NAMES
    for path in re.findall(r"\bdeploy/[\w./-]*\w", README):
        assert (ROOT / path).exists() or path == "deploy/.env", path


def test_the_readme_restarts_and_enables_units_that_exist():
    named = set(re.findall(r"\bpaper-round[\w@-]*\.(?:service|target)", README))

    assert named
    assert named <= set(units())


def test_the_readme_says_of_every_process_what_its_failing_means():
    for name in SERVICES:
        assert re.search(rf"^\| `{name}` \|", README, re.MULTILINE), name
