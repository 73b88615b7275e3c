"""The Celery application and its beat schedule.

The schedule is code, not rows: every tick asks the database what is due, so a tick that
comes twice, late or not at all does no harm, and no scheduler state has to be kept.
"""

import logging
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger
from celery.utils.log import get_multiprocessing_logger

from digest import filequeue  # noqa: F401  (makes its scheme known)
from digest.masking import mask_handlers, tell_uncaught

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digest.settings")

app = Celery("digest")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

MINUTE = 60.0

SCHEDULE: dict[str, dict[str, Any]] = {
    "dispatch": {"task": "digest.tasks.dispatch_due", "schedule": 10.0},
    "deliver": {"task": "digest.tasks.deliver_planned", "schedule": 30.0},
    "notices": {"task": "subscriptions.tasks.send_due_notices", "schedule": 30.0},
    "publish": {"task": "digest.tasks.publish_due", "schedule": MINUTE},
    "ingest": {"task": "digest.tasks.ingest_due", "schedule": MINUTE},
    "enrich": {"task": "digest.tasks.enrich_due", "schedule": 30 * MINUTE},
    "reap": {"task": "digest.tasks.reap_expired", "schedule": MINUTE},
    "prune-ledger": {"task": "digest.tasks.prune_ledger", "schedule": 60 * MINUTE},
    "prune": {"task": "subscriptions.tasks.prune_pending", "schedule": 60 * MINUTE},
}
# A tick nobody could take for a minute is stale: the next one asks the same question.
for entry in SCHEDULE.values():
    entry["options"] = {"expires": max(entry["schedule"], MINUTE)}
# Set, not read: reading would load the settings while they may still be loading this.
app.conf.beat_schedule = SCHEDULE


@after_setup_logger.connect
@after_setup_task_logger.connect
def mask_logs(logger: logging.Logger, **kwargs: Any) -> None:
    """Worker and beat make handlers of their own, at the level of their command line: mask those too."""
    mask_handlers(logger)
    # The pool's own logger gets its handler just before, and no signal.
    if pool := get_multiprocessing_logger():
        mask_handlers(pool)
    sys.excepthook = tell_uncaught
