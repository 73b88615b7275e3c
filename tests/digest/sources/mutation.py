"""Good pages bent at random: JSON and XML in their trees, and any page in its bytes."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tests.digest.sources import odd

T = TypeVar("T")


def huge(chance: Random) -> str:
    """A string of many signs; what is slow on it, or recursive, shows."""
    piece = chance.choice(odd.PIECES)
    return (piece * (chance.choice((3_001, 20_001, odd.HUGE)) // len(piece) + 1))[: odd.HUGE]


def odd_text(chance: Random, told: str = "") -> str:
    """A string nobody would send, or `told` with something wrong in it."""
    dice = chance.random()
    if dice < 0.02:
        return huge(chance)
    if dice < 0.5 or not told:
        return chance.choice(odd.TEXTS)
    at = chance.randrange(len(told) + 1)
    if dice < 0.85:
        return told[:at] + chance.choice(odd.SIGNS) * chance.choice((1, 1, 3)) + told[at:]
    return chance.choice(
        (
            told[:at],
            told * 20,
            told[::-1],
            told.upper(),
            f" {told}\n",
            told.encode(errors="replace").decode("latin-1"),
        )
    )


# --- JSON -----------------------------------------------------------------------------------


def bend_json(tree: Any, chance: Random, *, deep: bool = False) -> None:
    """Change a tree of lists and dicts in one to four places, in place."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        if places := list(_places(tree)):
            _bend_place(*chance.choice(places), chance, deep=deep)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree, as its container and key."""
    left = [tree]
    while left:
        holder = left.pop()
        for key in holder if isinstance(holder, dict) else range(min(len(holder), 40)):
            yield holder, key
            if isinstance(holder[key], dict | list):
                left.append(holder[key])


def _bend_place(holder: Any, key: Any, chance: Random, *, deep: bool) -> None:
    value = holder[key]
    dice = chance.random()
    if dice < 0.15:
        del holder[key]
    elif dice < 0.20 and isinstance(holder, dict):
        holder[chance.choice([str(key).upper(), f"{key} ", "", "paper", "title", "error", "\ud800"])] = (
            holder.pop(key)
        )
    elif dice < 0.25:
        holder[key] = chance.choice(([value], {"name": value}, [value, value], {str(key): value}))
    elif dice < 0.30 and isinstance(holder, dict):
        holder[f"{key}@@again@@"] = json_value(chance, value, deep=deep)
    elif dice < 0.35:
        other = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        holder[key], holder[other] = holder[other], value
    else:
        holder[key] = json_value(chance, value, deep=deep)


def json_value(chance: Random, value: Any = None, *, deep: bool = False) -> Any:
    """A value of any kind, or `value` with something wrong in it."""
    dice = chance.random()
    if deep and dice < 0.03:
        return f"@@{len(odd.LITERALS) + chance.randrange(len(odd.DEEP))}@@"
    if dice < 0.12:
        return f"@@{chance.randrange(len(odd.LITERALS))}@@"
    if dice < 0.45:
        return deepcopy(chance.choice(odd.VALUES))  # or the next one would find it bent
    return odd_text(chance, value if isinstance(value, str) else "")


def write_json(tree: Any, chance: Random) -> bytes:
    """As it goes over the wire: escaped, or with its letters as they are where UTF-8 has them."""
    text = json.dumps(tree, ensure_ascii=True)
    if chance.random() < 0.3 and "\\ud" not in text:
        text = json.dumps(tree, ensure_ascii=False)
    if "@@" in text:
        text = re.sub(
            r'(?<!\\)"@@(\d+)@@"', lambda found: (odd.LITERALS + odd.DEEP)[int(found[1])], text
        ).replace("@@again@@", "")
    return text.encode()


# --- XML ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Node:
    """An element with its prefix as written; what stands in it is text, raw text or elements."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inner: list[Any] = field(default_factory=list)


class Raw(str):
    """Written as it is."""

    __slots__ = ()


def parse_xml(payload: bytes) -> Node:
    """The tree of a good page, its white space left out."""
    top = Node("")
    path = [top]
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        path[-1].inner.append(node := Node(name, attributes))
        path.append(node)

    def data(text: str) -> None:
        if text.strip():
            path[-1].inner.append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()  # noqa: ARG005
    parser.CharacterDataHandler = data
    parser.Parse(payload, True)
    found: Node = top.inner[0]
    return found


def twin(node: Any) -> Any:
    """A copy to be bent."""
    if isinstance(node, Node):
        return Node(node.name, dict(node.attributes), [twin(one) for one in node.inner])
    return node


def write_xml(node: Any) -> str:
    if isinstance(node, Raw):
        return node
    if isinstance(node, str):
        return escape(_sayable(node))
    told = "".join(f" {name}={quoteattr(_sayable(value))}" for name, value in node.attributes.items())
    return f"<{node.name}{told}>{''.join(map(write_xml, node.inner))}</{node.name}>"


def _sayable(text: str) -> str:
    """What XML can say at all."""
    return _UNSAYABLE.sub("", text)


_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def bend_xml(root: Node, chance: Random, *, breaking: bool = False, deep: bool = False) -> None:
    """Change a tree of elements in one to four places, in place. With `breaking` it may be no XML any more
    from there on.
    """
    for _ in range(chance.choice((1, 1, 2, 4))):
        nodes = [root]
        for node in nodes:
            nodes += [one for one in node.inner if isinstance(one, Node)]
        _bend_node(chance.choice(nodes), chance, breaking=breaking, deep=deep)


def _bend_node(node: Node, chance: Random, *, breaking: bool, deep: bool) -> None:
    inner, at = node.inner, chance.randrange(len(node.inner) + 1)
    dice = chance.random()
    if dice < 0.15:
        del inner[at : at + 1]
    elif dice < 0.25:
        inner.insert(at, twin(chance.choice(inner)) if inner else "")
    elif dice < 0.32:
        chance.shuffle(inner)
    elif dice < 0.53:
        _rename(node, at, chance)
    elif dice < 0.63:
        inner.insert(at, Raw(chance.choice(odd.BREAKING if breaking else odd.SOUND)))
    elif dice < 0.68:
        times = chance.choice((3, 20, odd.TOO_DEEP)) if deep else 3
        inner.insert(at, Raw("<a>" * times + "x" + "</a>" * times))
    else:
        texts = [n for n, one in enumerate(inner) if isinstance(one, str)]
        n = chance.choice(texts) if texts else len(inner)
        inner[n : n + 1] = [odd_text(chance, inner[n] if texts else "")]


def _rename(node: Node, at: int, chance: Random) -> None:
    """Another name, namespace or attribute for an element or one right within it."""
    found = next((one for one in node.inner[at:] if isinstance(one, Node)), node)
    dice = chance.random()
    if dice < 0.4 and found is not node:
        found.name = chance.choice(odd.ELEMENTS)
        found.attributes |= {"xmlns:dc": "urn:x", "xmlns:arxiv": "urn:y"}
    elif dice < 0.85:
        names = [*found.attributes, "term", "href", "version", "status", "code", "xmlns", "xml:lang"]
        name = chance.choice(names)
        found.attributes[name] = odd_text(chance, found.attributes.get(name, "")) or "x"
    else:
        found.attributes = {name: value for name, value in found.attributes.items() if "xmlns:" in name}


# --- Bytes ----------------------------------------------------------------------------------


def bend_bytes(payload: bytes, chance: Random) -> bytes:
    """Cut off, flipped, put in, left out, marked or encoded otherwise."""
    at = chance.randrange(len(payload) + 1)
    until = at + chance.choice((1, 2, 8, 60, 400))
    bends: list[Callable[[], bytes]] = [
        lambda: payload[:at],
        lambda: payload[at:],
        lambda: payload[:at] + payload[until:],
        lambda: payload[:at] + chance.randbytes(chance.choice((1, 2, 12))) + payload[at:],
        lambda: (
            payload[:at]
            + bytes(one ^ (1 << chance.randrange(8)) for one in payload[at:until])
            + payload[until:]
        ),
        lambda: payload[:at] + payload[at:until] * 3 + payload[until:],
        lambda: chance.choice(odd.MARKS) + payload,
        lambda: payload + chance.choice(odd.MARKS) + payload,
        lambda: payload.decode(errors="replace").encode(chance.choice(odd.ENCODINGS), "replace"),
        lambda: re.sub(rb"(?i)(?<=encoding=.)utf-8", chance.choice(odd.DECLARED), payload, count=1),
        lambda: payload[:at] + chance.choice(odd.TEXTS).encode(errors="surrogatepass") + payload[until:],
    ]
    return chance.choice(bends)()


def mixed(records: Sequence[T], kept: T, chance: Random) -> list[T]:
    """The records in some order, some of them twice or not at all; `kept` is among them."""
    found = list(records)
    dice = chance.random()
    if dice < 0.2:
        found.append(chance.choice(found))
    elif dice < 0.4:
        found = [one for one in found if one is kept or chance.random() < 0.5]
    if chance.random() < 0.5:
        chance.shuffle(found)
    return found
