from unicodedata import normalize

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from subscriptions.address import Address, AddressRefused, Fault, parse_address


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada@Example.ORG", "Ada@example.org"),
        ("  ada@example.org\t\r\n", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\N{COMBINING DIAERESIS}cher.example", "ada@xn--bcher-kva.example"),
        ("ada@例え.example", "ada@xn--r8jz45g.example"),
        ("ada@example。org", "ada@example.org"),
    ],
)
def test_an_address_keeps_its_spelling_but_for_white_space_and_the_domain(typed, email):
    assert parse_address(typed).email == email


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ADA@BÜCHER.EXAMPLE"),
        ("Ada.Lovelace@example.org", "ada.lovelace@EXAMPLE.org"),
        (" ada@example.org", "ada@example.org "),
    ],
)
def test_two_spellings_of_one_address_have_one_key(one, other):
    assert parse_address(one).key == parse_address(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada+papers@example.org", "ada@example.org"),
        ("a.da@example.org", "ada@example.org"),
        ("ada@fass.example", "ada@faß.example"),
        ("ada@example.org", "ada@mail.example.org"),
    ],
)
def test_two_mailboxes_have_two_keys(one, other):
    assert parse_address(one).key != parse_address(other).key


def test_tags_and_dots_stay():
    address = parse_address("Ada.B+Papers.2025@example.org")

    assert address.email == "Ada.B+Papers.2025@example.org"
    assert address.key == "ada.b+papers.2025@example.org"


def test_a_local_part_of_64_characters_is_the_longest():
    assert parse_address("x" * 64 + "@example.org").key == "x" * 64 + "@example.org"
    with pytest.raises(AddressRefused, match="too long before the @-sign"):
        parse_address("x" * 65 + "@example.org")


@pytest.mark.parametrize(
    "typed", ["jürgen@example.org", "用户@example.org", "ada\N{ZERO WIDTH SPACE}@example.org"]
)
def test_a_local_part_beyond_ascii_is_refused_in_a_sentence(typed):
    with pytest.raises(AddressRefused) as refusal:
        parse_address(typed)

    sentence = str(refusal.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "character" in sentence


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@localhost",
        "ada@[127.0.0.1]",
        "ada lovelace@example.org",
        '"ada lovelace"@example.org',
        "Ada <ada@example.org>",
        "<ada@example.org>",
        "ada@example.org, grace@example.org",
        "ada@example.org;grace@example.org",
        "ada@example.org grace@example.org",
        "ada@grace@example.org",
        "ada@example.org\nBcc: grace@example.org",
        "ada@exam\r\nple.org",
        "ada\x00@example.org",
        "ada@ex\N{SOFT HYPHEN}ample.org",
        "ada@\N{GRINNING FACE}.example",
        "ada@-example.org",
        ".ada@example.org",
        "a..da@example.org",
        "ada@" + "x" * 64 + ".example",
        "ada@" + ("x" * 60 + ".") * 5 + "example",
    ],
)
def test_what_cannot_be_mailed_is_refused(typed):
    with pytest.raises(AddressRefused) as refusal:
        parse_address(typed)

    assert str(refusal.value).endswith((".", ")")), "a sentence for the person who typed it"


local_parts = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[A-Za-z0-9+_-]{1,10})?", fullmatch=True)
labels = st.from_regex(r"[a-zA-Zäöüßéñçøåбвгдежλμπ例え0-9]{1,12}", fullmatch=True)
domains = st.lists(labels, min_size=1, max_size=3).map(lambda parts: ".".join([*parts, "example"]))


def parsed(text: str) -> Address | None:
    try:
        return parse_address(text)
    except AddressRefused:
        return None


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.NO_AT),
        ("ada", Fault.NO_AT),
        ("ada.example.org", Fault.NO_AT),
        ("jürgen@example.org", Fault.LETTERS),
        ("用户@例え.example", Fault.LETTERS),
        ("@example.org", Fault.LOCAL),
        ("a..da@example.org", Fault.LOCAL),
        ("ada lovelace@example.org", Fault.LOCAL),
        ("x" * 65 + "@example.org", Fault.LOCAL),
        ("ada@grace@example.org", Fault.LOCAL),
        ("ada@", Fault.DOMAIN),
        ("ada@example", Fault.DOMAIN),
        ("ada@exam ple.org", Fault.DOMAIN),
        ("ada@-example.org", Fault.DOMAIN),
        ("ada@[127.0.0.1]", Fault.DOMAIN),
        ("ada@localhost", Fault.DOMAIN),
    ],
)
def test_a_refusal_says_which_part_is_to_blame(typed, fault):
    with pytest.raises(AddressRefused) as refusal:
        parse_address(typed)

    assert refusal.value.fault == fault


def test_the_domain_is_what_the_limits_count_by():
    assert parse_address("Ada@BÜCHER.example").domain == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("Ada@Example.org", "ada@example.org"),
        ("ada+papers@example.org", "ada@example.org"),
        ("ada+a+b@example.org", "ada@example.org"),
        ("+papers@example.org", "+papers@example.org"),
        ("a.d.a@example.org", "a.d.a@example.org"),
        ("a.d.a+papers@Gmail.com", "ada@gmail.com"),
        ("A.da@googlemail.com", "ada@googlemail.com"),
        ("a.d.a@mail.gmail.com", "a.d.a@mail.gmail.com"),
    ],
)
def test_the_mailbox_is_where_the_mail_ends_up_as_far_as_spelling_tells(typed, mailbox):
    assert parse_address(typed).mailbox == mailbox


@settings(max_examples=400, deadline=None, derandomize=True)
@given(local=local_parts, domain=domains, blanks=st.sampled_from(["", " ", "\t", "\n"]))
def test_normalising_twice_changes_nothing(local, domain, blanks):
    once = parsed(f"{blanks}{local}@{domain}{blanks}")
    assume(once is not None)
    assert once is not None

    assert parse_address(once.email) == once
    assert parse_address(once.key).key == once.key
    assert once.key.isascii()
    assert once.email.isascii()
    assert once.key == once.email.lower()
    assert len(once.email) <= 254
    assert once.domain == once.key.partition("@")[2]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(local=local_parts, domain=domains, flips=st.lists(st.booleans(), min_size=1, max_size=60))
def test_case_makes_no_difference(local, domain, flips):
    # Upper case of some letters is another letter, or two: ß, µ, the Greek final sigma.
    plain = f"{local}@{domain}".lower()
    mixed = "".join(c.swapcase() if flips[n % len(flips)] else c for n, c in enumerate(plain))
    assume(mixed.lower() == plain)
    one, other = parsed(plain), parsed(mixed)

    assert (one and one.key) == (other and other.key)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(local=local_parts, domain=domains)
def test_a_domain_in_its_own_letters_and_in_ascii_is_one(local, domain):
    typed = parsed(f"{local}@{domain}")
    assume(typed is not None)
    assert typed is not None

    assert parse_address(f"{local}@{typed.domain}") == typed
    assert parse_address(f"{local}@{typed.domain.upper()}") == typed


@settings(max_examples=300, deadline=None, derandomize=True)
@given(local=local_parts, domain=domains, form=st.sampled_from(["NFC", "NFD", "NFKC"]))
def test_composed_and_decomposed_letters_are_one(local, domain, form):
    typed = parsed(f"{local}@{domain}")
    assume(typed is not None)

    assert parsed(normalize(form, f"{local}@{domain}")) == typed


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    before=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=5),
    letter=st.characters(min_codepoint=0xA0),
    after=st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=5),
)
def test_no_letter_beyond_ascii_gets_through_before_the_at(before, letter, after):
    """Also none that looks like, or folds into, a plain one: two people must not share a key."""
    local = f"{before}{letter}{after}"
    assume(local.strip() == local)

    with pytest.raises(AddressRefused):
        parse_address(f"{local}@example.org")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(one=local_parts, other=local_parts)
def test_two_local_parts_are_one_mailbox_only_if_they_differ_in_case_alone(one, other):
    first, second = parsed(f"{one}@example.org"), parsed(f"{other}@example.org")
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None

    assert (first.key == second.key) == (one.lower() == other.lower())


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=80), st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=40))))
def test_any_text_is_an_address_or_refused_and_never_an_error(text):
    try:
        address = parse_address(text)
    except AddressRefused as refusal:
        assert refusal.fault in Fault  # noqa: PT017
        assert str(refusal)  # noqa: PT017
        return
    assert address.email.count("@") == 1
    assert not set(address.email) & set(" \r\n\t<>,;:")
