"""Pieces of LaTeX to what they show, in Unicode, in one pass."""

import re
import unicodedata

from digest.relevance.macros import (
    ACCENTS,
    BEARS,
    CLOSING,
    DROPPED,
    FRAMES,
    FUNCTIONS,
    IN_FORMULAS,
    LETTERS,
    LOWERED,
    OPENING,
    RAISED,
    RARE,
    RELATIONS,
    STYLES,
    SWITCHES,
    SYMBOLS,
    WITH_ARGUMENT,
    WITH_TWO,
)

_ONE_TERM = re.compile(r"[\w.'∞∂\u0300-\u036f⁰¹²³⁴-ⁿ₀-ₜᵃ-ᵿ^]*|\W?\w*\([^()]*\)")
_PRODUCT = re.compile(r"\d+[^\W\d]|[^\W\d][^\W_^]")
_NUMBER = re.compile(r"[+-]?\d+")
_PLAIN_SCRIPT = re.compile(r"[\w.]+|\w*\([^()]*\)|[^\w\s]{1,2}")
_SET = re.compile(r"^[^\\\x00]*[:,|=<>]")  # braces that are meant to be seen
_BLANK_IN_MATH = {ord("~"): " ", ord("&"): " "}
_DEPTH = 40

SHOWN = "\x00"
"""Begins a piece that is no LaTeX any more."""


class Beyond(Exception):
    """A macro for pylatexenc, or braces nested deeper than anybody means."""


class Reading:
    """A list of pieces, and how far it is read."""

    __slots__ = ("at", "depth", "known", "math", "pieces", "symbols")

    def __init__(self, pieces: list[str], *, math: bool) -> None:
        self.pieces, self.math = pieces, math
        self.symbols = IN_FORMULAS if math else SYMBOLS
        self.at = self.depth = 0
        self.known = False  # was there any LaTeX that we could read?

    def whole(self) -> str:
        out = [self.rest()]
        while self.at < len(self.pieces):  # a brace that closes nothing ended it
            out.append("}" + self.rest())
        return "".join(out)

    def rest(self) -> str:
        """What is left of the group, or of all where none is open; its closing brace is read too."""
        out: list[str] = []
        self.depth += 1
        if self.depth > _DEPTH:
            raise Beyond
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece == "}":
                break
            if piece == "{":
                is_set = not self.math and _SET.search(self.following())
                out.append(f"{{{self.rest()}}}" if is_set else self.group())
            elif piece[0] == "\\":
                if piece == r"\over":
                    out = [_fraction("".join(out).strip(), self.rest().strip())]
                    break
                if self.math and (style := SWITCHES.get(piece[1:])) is not None:
                    rest = self.rest().lstrip()
                    out.append(rest if "\\" in rest else rest.translate(style))
                    break
                self.macro(piece[1:], out)
            elif self.math and piece in "^_":
                self.script(piece, out)
            else:
                out.append(piece.translate(_BLANK_IN_MATH) if self.math else piece.removeprefix(SHOWN))
        self.depth -= 1
        return "".join(out)

    def group(self) -> str:
        before = self.at
        inside = self.rest()
        return inside if self.pieces[self.at - 1] == "}" or self.at == before else "{" + inside

    def argument(self) -> str | None:
        """A group, a macro with its own arguments, or one character; nothing at the end of a group."""
        self.skip_blanks()
        if self.at == len(self.pieces) or (piece := self.pieces[self.at]) in {"}", "^", "_"}:
            return None
        if piece == "{" or piece[0] in {"\\", SHOWN}:
            self.at += 1
            if piece == "{":
                return self.group().strip()
            if piece[0] == SHOWN:
                return piece[1:]
            out: list[str] = []
            self.nested_macro(piece[1:], out)
            return "".join(out)
        self.drop(1)
        return piece[0]

    def nested_macro(self, name: str, out: list[str]) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise Beyond
        self.macro(name, out)
        self.depth -= 1

    def option(self) -> str:
        """What stands in square brackets before an argument."""
        if self.following().startswith("[") and (end := self.pieces[self.at].find("]")) > 0:
            option = self.pieces[self.at][1:end]
            self.drop(end + 1)
            return option
        return ""

    def following(self) -> str:
        return self.pieces[self.at] if self.at < len(self.pieces) else ""

    def drop(self, count: int) -> None:
        if left := self.pieces[self.at][count:]:
            self.pieces[self.at] = left
        else:
            self.at += 1

    def skip_blanks(self) -> None:
        following = self.following()
        if following[:1].isspace():
            self.drop(len(following) - len(following.lstrip()))

    def macro(self, name: str, out: list[str]) -> None:
        if (symbol := self.symbols.get(name)) is not None:
            self.known = True
            self.symbol(name, symbol, out)
            return
        if name in RARE:
            raise Beyond
        start = self.at
        shown = self.with_arguments(name, out)
        if shown is not None:
            self.known = True
            out.append(shown)
            return
        out.append("\\" + name)  # the authors' own, or without what it needs
        while start == self.at and self.following() == "{":
            self.at += 1
            out.append("{" + self.rest() + "}")
            start = self.at

    def symbol(self, name: str, symbol: str, out: list[str]) -> None:
        following = self.following()
        if not self.math:
            if name in LETTERS and following[:2].strip().islower():
                self.skip_blanks()  # TeX ends the macro's name at the blank: S\o ren
        elif name in FUNCTIONS:
            symbol = self.spaced(symbol, out)
        elif symbol in RELATIONS and out and out[-1][-1:] not in OPENING and following[:1] not in CLOSING:
            blank_before, blank_behind = out[-1][-1:].isspace(), following[:1].isspace()
            if blank_behind and not blank_before:
                symbol = f" {symbol}"
            elif blank_before and not blank_behind:
                symbol = f"{symbol} "
        elif symbol in {"⟨", "⌊", "⌈"}:
            self.skip_blanks()
        elif symbol in {"⟩", "⌋", "⌉"} and out:
            out[-1] = out[-1].rstrip()
        out.append(symbol)

    def spaced(self, term: str, out: list[str]) -> str:
        """A term that must not run into a letter or digit beside it."""
        before, behind = out[-1][-1:] if out else "", self.following()
        touches = behind[:1].isalnum() or self.symbols.get(behind[1:], "").isalpha()
        return f"{' ' * (before.isalnum() or before == ')')}{term}{' ' * touches}"

    def with_arguments(self, name: str, out: list[str]) -> str | None:
        """What a macro with its arguments shows, or nothing where it is none of ours or lacks one."""
        if name in DROPPED:
            self.dropped(name, out)
            return ""
        if (mark := ACCENTS.get(name)) is not None:
            return self.accented(name, mark)
        # Outside a group a colour would be that of all that follows: nobody's meaning.
        if name not in WITH_ARGUMENT or (name == "color" and self.depth < 2):
            return None
        option = self.option()
        first = self.argument()
        if first is None or name not in WITH_TWO:
            return None if first is None else self.of_one(name, option, first, out)
        second = self.argument()
        return f"\\{name}{{{first}}}" if second is None else self.of_two(name, first, second, out)

    def dropped(self, name: str, out: list[str]) -> None:
        """A macro that shows nothing, along with the blanks it ends at."""
        if name in {"-", "/", "!"}:
            return
        self.skip_blanks()
        following = self.following()
        if name == "right" and out:
            out[-1] = out[-1].rstrip()
        if name in {"left", "right"} and following[:1] == ".":  # a bracket one does not see
            self.drop(1)
        elif name == "left" and following[:1] and following[0] in "([|":
            self.pieces[self.at] = following[0] + following[1:].lstrip()

    def of_two(self, name: str, first: str, second: str, out: list[str]) -> str:
        match name:
            case "href" | "hyperlink":
                return second if first == second else f"{second} ({first})"
            case "textcolor" | "colorbox":
                return second
            case "binom" | "dbinom" | "tbinom":
                return f"binom({first},{second})"
            case "stackrel" | "overset":
                return second + _script("^", first, braced=True)
            case "underset":
                return second + _script("_", first, braced=True)
        return self.spaced(_fraction(first, second), out)

    def of_one(self, name: str, option: str, argument: str, out: list[str]) -> str:
        if (style := STYLES.get(name)) is not None:
            return argument if "\\" in argument else argument.translate(style)
        match name:
            case "sqrt":
                return f"{option.translate(RAISED)}√({argument})"
            case "footnote":
                return f"{' ' * bool(out)}({argument})"
            case "textsuperscript" | "textsubscript":
                return _script("^" if "super" in name else "_", argument, braced=True)
            case "xrightarrow" | "xleftarrow":
                return ("→" if "right" in name else "←") + (
                    _script("^", argument, braced=True) if argument else ""
                )
            case "unicode":
                code = int(argument[1:], 16) if re.fullmatch("x[0-9A-Fa-f]{2,5}", argument) else 0
                return chr(code) if code and chr(code).isprintable() else f"\\unicode{{{argument}}}"
            case "operatorname" | "operatorname*":
                return self.spaced(argument, out)
        return FRAMES.get(name, "{}").format(argument)

    def accented(self, name: str, mark: str) -> str | None:
        bearer = self.following()
        if bearer == "{":
            bearer = "".join(self.pieces[self.at + 1 : self.at + 2])
        if name.isalpha():
            bearer = bearer.lstrip()
        if not self.math and not BEARS[name == '"'].match(bearer):
            return '"' if name == '"' else None  # a quotation mark; a regular expression
        base = (self.argument() or "").replace("ı", "i").replace("ȷ", "j")
        if len(unicodedata.normalize("NFC", base)) < 2 or not self.math:
            return base[:1] + mark + base[1:] if base else None
        if name in {"bar", "overline"} or (base.isalnum() and len(base) < 4 and name[:4] != "wide"):
            return "".join(char + mark * char.isalnum() for char in base)
        return base

    def script(self, sign: str, out: list[str]) -> None:
        self.skip_blanks()
        braced = self.following() == "{"
        argument = self.argument()
        if argument is None:
            out.append(sign)
            return
        behind = self.following()[:1]
        shown = _script(sign, argument, braced=braced)
        runs_on = len(argument) > 1 and shown[:1] == sign and shown[-1].isalnum() and behind.isalnum()
        out.append(f"{shown} " if runs_on else shown)


def _script(sign: str, argument: str, *, braced: bool) -> str:
    r"""`10^6` to 10⁶ and `x^{n+1}` to xⁿ⁺¹; `ℓ_2` stays, and so does what has no raised or lowered form.

    More than a word is put in brackets, so that one sees where it ends.
    """
    if sign == "^" and argument in {"∘", "'", "′", "''"}:
        return "°" if argument == "∘" else argument
    table = RAISED if sign == "^" else LOWERED
    is_word = len(argument) > 2 and argument.isalpha()
    whole = all(ord(char) in table for char in argument)
    if whole and ((braced and not is_word) or (sign == "^" and _NUMBER.fullmatch(argument))):
        return argument.translate(table)
    return sign + (argument if _PLAIN_SCRIPT.fullmatch(argument) else f"({argument})")


def _fraction(above: str, below: str) -> str:
    above = above if _ONE_TERM.fullmatch(above) else f"({above})"
    one_term = _ONE_TERM.fullmatch(below) and ("(" in below or not _PRODUCT.match(below))
    return f"{above}/{below}" if one_term else f"{above}/({below})"
