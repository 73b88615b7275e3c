"""The words people agree to, by version, so that a consent row can name what was shown.

Never edit a version that was in use: add the next one.
"""

SIGN_UP = "sign-up-1"
CONFIRM = "confirm-1"
UNSUBSCRIBE = "unsubscribe-1"

TEXTS = {
    SIGN_UP: (
        "Send me papers that match my keywords by email. "
        "We will ask you to confirm first, and every digest has an unsubscribe link."
    ),
    CONFIRM: "Yes, send me the digest.",
    UNSUBSCRIBE: "Stop sending me the digest.",
}
