"""An XML document from a stranger, read as far as it goes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from digest.relevance.text import clean
from digest.sources.base import SourceError

CHUNK = 256 * 1024
DEEPEST = 50
"""Of elements within elements. What arXiv sends has eight."""


@dataclass(slots=True)
class Document:
    """What was read: the first element, and of the elements asked for those that were whole.

    `broken` says why reading stopped before the end; '' where it did not.
    """

    root: Element
    items: list[Element] = field(default_factory=list)
    broken: str = ""


class _Unsound(Exception):
    """It is no document that anybody would send."""


class _Target:
    """Builds the tree and notes the whole elements of some names."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.items: list[Element] = []
        self.root: Element | None = None
        self._builder = TreeBuilder()
        self._depth = 0
        self.data = self._builder.data

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Unsound(f"more than {DEEPEST} elements stand within each other")
        element = self._builder.start(tag, attributes)
        if self.root is None:
            self.root = element
        return element

    def end(self, tag: str) -> Element:
        self._depth -= 1
        element = self._builder.end(tag)
        if local(tag) in self.names:
            self.items.append(element)
        return element

    def close(self) -> Element:
        return self._builder.close()


def parse(payload: bytes, names: Iterable[str], *, name: str, roots: Collection[str] = ()) -> Document:
    """Read a document and collect the elements of these names, whatever their namespace. Where `roots`
    are given, it has to begin with one of these.

    Raises:
        SourceError: it is not XML, none of the elements could be read before it breaks, or it holds
            what no feed needs and attacks are made of (a document type, entities of its own).
    """
    target = _Target(names)
    broken = ""
    try:
        parser: Any = DefusedXMLParser(target=target, forbid_dtd=True)
        for start in range(0, len(payload), CHUNK):
            parser.feed(payload[start : start + CHUNK])
        parser.close()
    except DefusedXmlException as error:
        raise SourceError(
            f"{name} declares entities or a document type ({type(error).__name__}), which no feed needs: "
            "not read."
        ) from error
    except _Unsound as error:
        raise SourceError(f"{name} is no feed: {error}.") from error
    except (ParseError, LookupError, ValueError) as error:
        broken = clean(str(error))[:200]
    except AssertionError:  # the builder's, of elements that are not closed
        broken = "it ends too early"
    if target.root is not None and roots and (begins := local(target.root.tag)) not in roots:
        raise SourceError(
            f"{name} is XML that begins with <{clean(begins)[:60]}>, not with <{next(iter(roots))}>. "
            "Try again later."
        )
    if target.root is None or (broken and not target.items):
        raise SourceError(f"{name} is not XML that can be read: {broken or 'it is empty'}. Try again later.")
    return Document(target.root, target.items, broken)


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def children(element: Element) -> dict[str, list[Element]]:
    """The elements right within one, by name without namespace."""
    found: dict[str, list[Element]] = {}
    for child in element:
        found.setdefault(child.tag.rpartition("}")[2], []).append(child)
    return found


def content(element: Element | None) -> str:
    """All text within an element, cleaned of nothing."""
    if element is None:
        return ""
    return "".join(element.itertext()) if len(element) else element.text or ""


def texts(element: Element) -> dict[str, str]:
    """The first text that is not blank of every element right within one, by name."""
    found: dict[str, str] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name not in found and (value := content(child)) and not value.isspace():
            found[name] = value
    return found
