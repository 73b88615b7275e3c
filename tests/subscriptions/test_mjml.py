import subprocess
import sys

import pytest

from subscriptions.mjml import MAX_SOURCE, MjmlError, compile_mjml

# How deep nothing of ours goes, and at which the engine's own recursion ends the process.
ABYSS = 20_000


def document(body: str, head: str = "") -> str:
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body><mj-section><mj-column>\n"
        f"{body}\n</mj-column></mj-section></mj-body></mjml>"
    )


def test_mjml_becomes_a_document_of_html():
    html = compile_mjml(document('<mj-text>Good <a href="https://example.org/">morning</a></mj-text>'))

    assert html.lstrip().lower().startswith("<!doctype html>")
    assert '<a href="https://example.org/">morning</a>' in html
    assert "<mj" not in html


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_newlines_of_every_system_make_the_same_letter(newline):
    source = document(
        '<mj-text>one<br />two</mj-text>\n<mj-divider />\n<mj-image src="https://e.org/a.png" />'
    )

    assert compile_mjml(source.replace("\n", newline)) == compile_mjml(source)


@pytest.mark.parametrize(
    "source",
    [
        document("<mj-unheard-of>hello</mj-unheard-of>"),
        document("<mj-unheard-of />"),
        document("<MJ-TEXT>hello</MJ-TEXT>"),
        "<mjml><mj-body><mj-unheard-of>hello</mj-unheard-of></mj-body></mjml>",
        document("<mj-text>hello</mj-text>", head="<mj-unheard-of>hello</mj-unheard-of>"),
    ],
)
def test_a_tag_that_is_not_mjml_is_refused(source):
    with pytest.raises(MjmlError):
        compile_mjml(source)


def test_the_refusal_names_the_unknown_tag():
    with pytest.raises(MjmlError, match="<mj-unheard-of"):
        compile_mjml(document("<mj-unheard-of>hello</mj-unheard-of>"))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "hello",
        "<html><body>hello</body></html>",
        "<mjml><mj-body>",
        "<mjml><mj-body></mj-section></mj-body></mjml>",
        document("<mj-text>hello"),
    ],
)
def test_what_is_not_mjml_is_refused(source):
    with pytest.raises(MjmlError):
        compile_mjml(source)


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE mjml>",
        '<!DOCTYPE mjml [<!ENTITY word "EXPANDED">]>',
        '<!DOCTYPE mjml [<!ENTITY word SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE mjml [<!ENTITY a "ha"><!ENTITY word "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_declarations_and_entities_are_refused(declaration):
    with pytest.raises(MjmlError):
        compile_mjml(declaration + document("<mj-text>&word;</mj-text>"))


@pytest.mark.parametrize("path", ["/etc/hostname", "file:///etc/hostname", "https://example.org/part.mjml"])
def test_nothing_is_read_from_elsewhere(path):
    with pytest.raises(MjmlError):
        compile_mjml(document(f'<mj-include path="{path}" />'))


@pytest.mark.parametrize("font", ["Ubuntu, Helvetica", "Roboto", "'Open Sans'", "Lato", "Montserrat"])
def test_no_font_is_loaded_from_elsewhere(font):
    html = compile_mjml(document(f'<mj-text font-family="{font}">hello</mj-text>'))

    assert "fonts.googleapis" not in html
    assert "@import" not in html
    assert "<link" not in html


def test_escaped_markup_stays_text():
    html = compile_mjml(
        document("<mj-text>&lt;script&gt;alert(1)&lt;/script&gt; &lt;mj-text&gt; &amp;amp;</mj-text>")
    )

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;mj-text&gt; &amp;amp;" in html
    assert "<script" not in html


def test_letters_of_every_script_come_through():
    words = "Ελληνικά עברית 语音 \N{GRINNING FACE} e\N{COMBINING ACUTE ACCENT}"

    assert words in compile_mjml(document(f"<mj-text>{words}</mj-text>"))


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1f", "\ufffe", "\ud800"], ids=ascii)
def test_a_character_that_has_no_place_in_a_letter_does_not_stop_it(char):
    source = document("<mj-text>re{}trieval</mj-text>")

    assert compile_mjml(source.format(char)) == compile_mjml(source.format(""))


def test_a_source_of_a_million_characters_is_too_large():
    with pytest.raises(MjmlError, match="larger than 1000000 characters"):
        compile_mjml(document(f"<mj-text>{'x' * MAX_SOURCE}</mj-text>"))


def test_nesting_is_possible_as_deep_as_anybody_would():
    html = compile_mjml(document("<mj-text>" + "<b>" * 150 + "deep" + "</b>" * 150 + "</mj-text>"))

    assert "<b>" * 150 + "deep" in html


def test_deeper_nesting_is_refused():
    with pytest.raises(MjmlError, match="nested deeper than 200"):
        compile_mjml(document("<mj-text>" + "<b>" * 250 + "deep" + "</b>" * 250 + "</mj-text>"))


def test_many_line_breaks_are_no_nesting():
    html = compile_mjml(document("<mj-text>" + "line<br>" * 250 + "</mj-text>"))

    assert html.count("line<br") == 250


@pytest.mark.parametrize(
    "source",
    [
        "'<b>' * n + 'x' + '</b>' * n",
        """'<b title=">">' * n + 'x' + '</b>' * n""",
        """'<b title="/">' * n + 'x' + '</b>' * n""",
        """'<b title="<">' * n + 'x' + '</b>' * n""",
        "'<_b>' * n + 'x' + '</_b>' * n",
        "'<\\u00e9>' * n + 'x' + '</\\u00e9>' * n",
        "'<!--' + '</b>' * n + '-->' + '<b>' * n + 'x' + '</b>' * n",
        "'</b>' * n + '<b>' * n + '</b>' * n",
    ],
)
def test_an_abyss_is_refused_and_does_not_end_the_process(source):
    """In a process of its own, since the engine dies of a stack that overflows."""
    program = (
        "from subscriptions.mjml import MjmlError, compile_mjml\n"
        f"n = {ABYSS}\n"
        f"body = {source}\n"
        "try:\n"
        "    compile_mjml('<mjml><mj-body><mj-section><mj-column><mj-text>' + body\n"
        "        + '</mj-text></mj-column></mj-section></mj-body></mjml>')\n"
        "except MjmlError:\n"
        "    print('refused')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "refused"), done.stderr[-300:]
