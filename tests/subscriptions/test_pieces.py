"""Pieces joined are what the whole would be, as text and over the wire."""

import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.pieces import LONGEST, Body, Piece, ascii_html, split

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\r =.\t_Fä"), max_size=200)


def decoded(wire: bytes) -> str:
    return quopri.decodestring(wire.replace(b"\r\n", b"\n")).decode()


def one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(TEXTS, max_size=6))
def test_joined_they_decode_to_what_they_say(texts: list[str]):
    body = Body([Piece.of(text) for text in texts])

    assert body.text == "".join(map(one_kind_of_line_end, texts))
    assert decoded(body.wire) == body.text
    assert body.size == len(body.text.encode())


@given(st.lists(TEXTS, max_size=6))
def test_what_is_encoded_may_go_through_any_server(texts: list[str]):
    lines = Body([Piece.of(text) for text in texts]).wire.split(b"\r\n")

    for line in lines:
        assert len(line) <= LONGEST
        assert all(byte == 9 or 32 <= byte < 127 for byte in line)
        assert not line.endswith((b" ", b"\t"))


@pytest.mark.parametrize("length", range(70, 80))
@pytest.mark.parametrize("end", ["x", "ä", "=", " ", " \nb", "\t\n\n"])
def test_a_last_line_that_is_full_leaves_room_for_its_soft_break(length: int, end: str):
    text = "x" * length + end
    wire = Piece.of(text).wire

    assert max(map(len, wire.split(b"\r\n"))) <= LONGEST
    assert decoded(wire) == text


def test_a_lone_surrogate_breaks_nothing():
    assert decoded(Piece.of("a\ud800b").wire) == "a?b"


def test_a_text_is_cut_at_its_marks():
    parts = split("one<a>two<b>three<a>", ["<a>", "<b>"])

    assert [part if isinstance(part, str) else part.text for part in parts] == [
        *("one", "<a>", "two", "<b>", "three", "<a>", "")
    ]


def test_html_in_seven_bits_says_the_same():
    assert ascii_html("<p>plain</p>") == "<p>plain</p>"
    assert ascii_html("„ä“ 論") == "&#8222;&#228;&#8220; &#35542;"
