"""The Celery application and its beat schedule.

The schedule is code, not rows: every tick asks the database what is due, so a tick that
comes twice, late or not at all does no harm, and no scheduler state has to be kept.
"""

import os
from typing import Any

from celery import Celery

from digest import filequeue  # noqa: F401  (makes its scheme known)

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
    "reap": {"task": "digest.tasks.reap_expired", "schedule": MINUTE},
    "prune": {"task": "subscriptions.tasks.prune_pending", "schedule": 60 * MINUTE},
}
# A tick nobody could take for a minute is stale: the next one asks the same question.
for entry in SCHEDULE.values():
    entry["options"] = {"expires": max(entry["schedule"], MINUTE)}
# Set, not read: reading would load the settings while they may still be loading this.
app.conf.beat_schedule = SCHEDULE
