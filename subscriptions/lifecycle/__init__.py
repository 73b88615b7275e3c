"""The only writer of consent and status.

Every verb is one transaction and returns what it owes: ids of notices to send. It never sends;
the view or task that called it enqueues them once the transaction has committed.
"""

from subscriptions.lifecycle.changing import (
    PauseRefused,
    ask_for_link,
    change,
    fewer,
    pause,
    resume,
    revoke_links,
    set_keywords,
)
from subscriptions.lifecycle.importing import (
    ImportReport,
    Line,
    Outcome,
    StatementRefused,
    import_people,
)
from subscriptions.lifecycle.leaving import (
    UNDO,
    can_restore,
    erase,
    erase_address,
    prune_pending,
    restore,
    withdraw,
)
from subscriptions.lifecycle.moving import AddressTaken, ask_to_move, move
from subscriptions.lifecycle.signing_up import (
    PENDING_LIFE,
    ask_to_confirm,
    can_confirm,
    confirm,
    request,
)

__all__ = [
    "PENDING_LIFE",
    "UNDO",
    "AddressTaken",
    "ImportReport",
    "Line",
    "Outcome",
    "PauseRefused",
    "StatementRefused",
    "ask_for_link",
    "ask_to_confirm",
    "ask_to_move",
    "can_confirm",
    "can_restore",
    "change",
    "confirm",
    "erase",
    "erase_address",
    "fewer",
    "import_people",
    "move",
    "pause",
    "prune_pending",
    "request",
    "restore",
    "resume",
    "revoke_links",
    "set_keywords",
    "withdraw",
]
