import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.keywords import KeywordsRefused, keywords_of, parse_keywords
from subscriptions.models import Keyword

FOLLOW, MUTE = Keyword.Stance.FOLLOW, Keyword.Stance.MUTE


def texts(typed: str) -> list[str]:
    """Followed terms as they are, muted ones with a minus."""
    found = parse_keywords(typed)
    assert not any(term.stance == FOLLOW and term.text.startswith("-") for term in found), "a mute got lost"
    return [f"-{term.text}" if term.stance == MUTE else term.text for term in found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", []),
        ("retrieval", ["retrieval"]),
        ("retrieval, diffusion models", ["retrieval", "diffusion models"]),
        ("retrieval;diffusion;speech", ["retrieval", "diffusion", "speech"]),
        ("retrieval\ndiffusion\r\nspeech\rsound", ["retrieval", "diffusion", "speech", "sound"]),
        (" ,, retrieval ,;\n, ", ["retrieval"]),
        ("  large   language\tmodel ", ["large language model"]),
        ("large\N{NO-BREAK SPACE}language\N{LINE SEPARATOR}model", ["large language model"]),
        ("C++, C#, 3D, .NET, GPT-4", ["C++", "C#", "3D", ".NET", "GPT-4"]),
        ("语音识别, Обучение", ["语音识别", "Обучение"]),
    ],
)
def test_terms_are_taken_apart_at_commas_semicolons_and_line_ends(typed, found):
    assert texts(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("-survey", ["-survey"]),
        ("  - survey ", ["-survey"]),
        ("retrieval, -survey", ["retrieval", "-survey"]),
        ("self-supervised", ["self-supervised"]),
    ],
)
def test_a_leading_minus_mutes(typed, found):
    assert texts(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("LLM, llm, Llm", ["LLM"]),
        ("Straße, STRASSE", ["Straße"]),
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE}, cafe\N{COMBINING ACUTE ACCENT}", ["café"]),
        ("ＬＬＭ, LLM", ["ＬＬＭ"]),
        ("language  model, language model", ["language model"]),
        ("survey, -survey", ["survey"]),
        ("-survey, survey", ["-survey"]),
    ],
)
def test_doubles_count_once_and_the_first_spelling_stays(typed, found):
    assert texts(typed) == found


@pytest.mark.parametrize("typed", ["-", "- ,—; …", "!!!", "$$, %%", "“”", "\N{ZERO WIDTH SPACE}"])
def test_a_term_without_a_letter_or_digit_is_none(typed):
    assert parse_keywords(typed) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("re\x00trie\x07val", ["retrieval"]),
        ("retrie\N{ZERO WIDTH SPACE}val", ["retrieval"]),
        ("\N{RIGHT-TO-LEFT OVERRIDE}retrieval", ["retrieval"]),
        ("\ud800retrieval", ["retrieval"]),
        ("\N{ZERO WIDTH SPACE} retrieval", ["retrieval"]),
        ("language \N{ZERO WIDTH SPACE} model, language model", ["language model"]),
        ("\N{ZERO WIDTH SPACE} -survey", ["-survey"]),
        ("\x00 -survey", ["-survey"]),
    ],
)
def test_control_characters_leave_no_trace(typed, found):
    assert texts(typed) == found


def test_thirty_keywords_are_possible_and_no_more():
    assert len(parse_keywords(",".join(f"term {n}" for n in range(30)))) == 30
    with pytest.raises(KeywordsRefused, match=r"That is 31 keywords; up to 30 are possible\."):
        parse_keywords(",".join(f"term {n}" for n in range(31)))


def test_doubles_and_empty_terms_do_not_count_towards_the_thirty():
    assert len(parse_keywords(",,".join(f"term {n % 30}" for n in range(90)))) == 30


def test_eighty_characters_are_possible_and_no_more():
    assert texts("x" * 80) == ["x" * 80]
    assert texts("-" + "x" * 80) == ["-" + "x" * 80]
    with pytest.raises(KeywordsRefused, match="longer than 80 characters") as refusal:
        parse_keywords("retrieval, " + "x" * 81)
    assert "commas" in str(refusal.value), "the sentence says what to do"


def test_terms_already_apart_may_hold_commas():
    assert [found.text for found in keywords_of(["red, green", " -blue "])] == ["red, green", "blue"]


def test_terms_that_grow_when_compared_are_still_told_apart():
    """One sign of Arabic unfolds into eighteen letters, more than the column of keys holds."""
    sign = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"

    found = parse_keywords(f"{sign * 79}a, {sign * 79}b")

    assert len({keyword.key for keyword in found}) == len(found), "one key twice breaks the sign-up"


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=90), max_size=40))
def test_whatever_is_typed_fits_the_table_or_is_refused(terms):
    try:
        found = keywords_of(terms)
    except KeywordsRefused:
        return

    assert len(found) <= 30
    keys = [keyword.key for keyword in found]
    assert len(set(keys)) == len(keys)
    for keyword in found:
        assert 0 < len(keyword.text) <= 80
        assert 0 < len(keyword.key) <= 160
        assert keyword.text == " ".join(keyword.text.split())
        keyword.text.encode()


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_what_was_kept_reads_the_same_when_typed_again(typed):
    """A person who edits their wish sees it as text and sends it back."""
    try:
        found = parse_keywords(typed)
    except KeywordsRefused:
        return
    again = parse_keywords(", ".join(texts(typed)))

    assert again == found
