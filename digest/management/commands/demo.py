"""Everything on one machine: `make demo`."""

import os
import shlex
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from digest import demo, tasks
from digest.management.base import Command as BaseCommand
from digest.processes import run_together


class Command(BaseCommand):
    help = "Load the sample papers, then run web, worker and beat until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="only load the data, start nothing")
        parser.add_argument("--reload", action="store_true", help="restart web and worker when code changes")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo makes people and passwords up; unset SECRET_KEY or set DEBUG=1.")
        if not options["prepare"]:
            self._check_port()
        call_command("migrate", verbosity=0)
        if new := demo.load_samples():
            self.stdout.write(f"Loaded {new} days of sample papers.")
        password = demo.ensure_admin()
        for email in demo.ensure_people():
            self.stdout.write(f"Subscribed {email}.")
        if options["prepare"]:
            return
        # The worker finds this when it is up; from then on beat asks.
        tasks.dispatch_due.delay()
        base = f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(
            f"\n  {settings.SITE_NAME} is starting. Ctrl-C ends it.\n\n"
            f"  Site     {base}/\n"
            f"  Outbox   {base}/outbox/      every mail, as it would arrive\n"
            f"  Admin    {base}/admin/       {demo.ADMIN} / {password}\n"
        )
        self.stdout.flush()
        sys.exit(self._run(reload=options["reload"]))

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError as error:
                raise CommandError(
                    f"Port {settings.PORT} is taken ({error.strerror}). Choose another: PORT=8001 make demo"
                ) from error

    def _run(self, *, reload: bool) -> int:
        env = {**os.environ, "PORT": str(settings.PORT), "PYTHONUNBUFFERED": "1"}
        # Python's own words on running as root or with SQLite's threads are no help here.
        env.setdefault("PYTHONWARNINGS", "ignore")
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "digest"]
        web = [
            *(sys.executable, "-m", "gunicorn", "digest.wsgi"),
            *("--bind", f"127.0.0.1:{settings.PORT}", "--threads", "4"),
            *("--graceful-timeout", "3", "--log-level", "warning"),
            *("--logger-class", "digest.access_log.Logger"),
        ]
        worker = [
            *(*celery, "worker", "--queues", "letters,digests", "--concurrency", "2"),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
        beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
        if reload:
            web.append("--reload")
            watch = [sys.executable, "-m", "watchfiles", "--filter", "python"]
            worker = [*watch, shlex.join(worker), "digest", "subscriptions"]
        commands = {"web": web, "worker": worker, "beat": beat}
        code = run_together(commands, env=env, cwd=settings.BASE_DIR)
        self.stdout.write(
            "Stopped."
            if code == 0
            else "Stopped the others. What was done is kept: make demo goes on from here."
        )
        return code
