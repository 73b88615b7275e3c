"""The words people agree to, by version, so that a consent row can name what was shown.

Never edit a version that was in use: add the next one.
"""

from django.utils.translation import gettext_lazy as _

SIGN_UP = "sign-up-1"
CONFIRM = "confirm-1"
UNSUBSCRIBE = "unsubscribe-1"
PREFERENCES = "preferences-1"
ADDRESS = "address-1"
PAUSE = "pause-1"
RESUME = "resume-1"
FEWER = "fewer-1"
UNDO = "undo-1"
NONE = ""
"""No words of ours: a mail program's click, the API, an editor."""

TEXTS = {
    SIGN_UP: _(
        "Send me papers that match my keywords by email. "
        "We will ask you to confirm first, and every digest has an unsubscribe link."
    ),
    CONFIRM: _("Yes, send me the digest."),
    UNSUBSCRIBE: _("Unsubscribe"),
    PREFERENCES: _("Save what I get"),
    ADDRESS: _("Yes, send my digests here"),
    PAUSE: _("Pause"),
    RESUME: _("Go on now"),
    FEWER: _("Fewer mails"),
    UNDO: _("That was a mistake: undo"),
}
