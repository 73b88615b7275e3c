"""No token and no mail address in any log: what masks them, and the formatter that does so.

Logs are kept longer than mails, and read by more people. A link of ours opens a person's page to
whoever holds it, so it is a secret; an address is nobody's business but the mail server's.
"""

import contextlib
import copy
import io
import logging
import re
from types import TracebackType

from subscriptions.tokens import Purpose

MASK = "…"

# What is in a query is percent-encoded, and once more where a link stands in a link.
ENCODED_SLASH = r"%(?:25){0,2}2[Ff]"
ENCODED_AT = r"%(?:25){0,2}40"
COLON = r"(?::|%(?:25){0,2}3[Aa])"

# A token as `make_token` makes it, wherever it stands: id, epoch, time and signature. What sticks
# to its end goes with it.
TOKEN = re.compile(
    rf"[A-Za-z0-9_-]{{22}}\.[0-9]{{1,10}}{COLON}[A-Za-z0-9_-]{{1,12}}{COLON}[A-Za-z0-9_-]{{43}}"
    rf"(?:[\w.:-]++|(?!{ENCODED_SLASH})%)*+"
)

# Whatever follows a word that leads to a token, token or not: a damaged one may be easy to mend.
# But `digest` is also where our code lives, and tracebacks are to name its files.
PATH = re.compile(
    rf"""
    ( (?: (?<![\w-]) | (?<=2[Ff]) )
      (?: {"|".join(Purpose)} )
      (?: \\?/ | {ENCODED_SLASH} )++ )
    (?! (?: [\w-]{{1,40}}/ ){{0,4}} [\w-]{{1,60}}\.py\b )
    (?: [^\s%/\\"'<>()\[\]{{}}?\#&,;|]++ | (?!{ENCODED_SLASH})% )++
    """,
    re.VERBOSE,
)

# Runs are taken whole or not at all (`++`), and looked at from their beginning only: text that somebody
# made up to keep us busy is read as fast as any other.
AT = rf"(?:[@＠﹫]|{ENCODED_AT})"
# Letters with the marks that some scripts write around them; and as `repr` and Django's logs escape them.
LETTER = r"\w\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0900-\u109f\u1780-\u17ff\u200c\u200d"
ESCAPED = r"(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
IN_LOCAL = rf"[{LETTER}.!$%*+=^~-]"
ATOM = rf"(?:[{LETTER}.!$*+=^~-]++|(?!{ENCODED_AT})%|\\{ESCAPED})++"
LOCAL = rf"{ATOM}(?:'{ATOM})*+"
LABEL = rf"(?:[{LETTER}-]++|(?!{ENCODED_AT})%|\\{ESCAPED})++"
DOMAIN = rf"(?:{LABEL}(?:[.。．｡]{LABEL})++|\[[\w.:]{{2,60}}\])"
AFTER_AT = "|".join(f"(?<={at}{quote})" for at in ("%40", "%2540", "%252540") for quote in ("", "'"))
BEGINNING = rf"(?:(?<!{IN_LOCAL})(?<!{IN_LOCAL}')(?!(?<=\\){ESCAPED})|{AFTER_AT})"
ADDRESS = re.compile(rf"""(?:"[^"\r\n]++"|{BEGINNING}{LOCAL}){AT}{DOMAIN}(?:(?:'?{LOCAL})?{AT}{DOMAIN})*+""")

# All that ends a line somewhere, or moves a terminal's cursor.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def mask(text: str) -> str:
    """The text with every token and every mail address taken out, in time linear in its length."""
    text = TOKEN.sub(MASK, text)
    text = ADDRESS.sub(f"{MASK}@{MASK}", text)
    return PATH.sub(rf"\g<1>{MASK}", text)


def on_one_line(message: str) -> str:
    """The message with its line breaks made visible, so that nobody writes a second record into it."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), message.rstrip("\r\n"))


class MaskingFormatter(logging.Formatter):
    """Formats as usual, or as the formatter it is put `around` does, and masks what comes out."""

    around: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        # A copy: the record belongs to every handler, and keeps the traceback of the first who formats it.
        own = copy.copy(record)
        try:
            own.msg, own.args = on_one_line(record.getMessage()), None
            text = self.around.format(own) if self.around else super().format(own)
        except Exception as error:  # noqa: BLE001
            # Left to itself, logging prints a record it cannot format as it is.
            text = on_one_line(f"{record.levelname} {record.name}: {record.msg} {record.args} ({error})")
        return mask(text)


def mask_handlers(logger: logging.Logger) -> None:
    """Have all that this logger's own handlers write masked; their format stays."""
    for handler in logger.handlers:
        if not isinstance(handler.formatter, MaskingFormatter):
            formatter = MaskingFormatter()
            formatter.around = handler.formatter
            handler.setFormatter(formatter)
        # Nor does logging hold back a record whose letters a narrow stream cannot take.
        if isinstance(stream := getattr(handler, "stream", None), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """For `sys.excepthook`: what nobody caught is one record. Python itself would write it unmasked."""
    # A signal may interrupt even this, and Python then writes both errors after all.
    with contextlib.suppress(BaseException):
        logging.getLogger("digest").critical("Uncaught", exc_info=(kind, error, traceback))
