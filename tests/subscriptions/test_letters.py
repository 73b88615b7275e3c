"""All transactional letters, in every language: what each must be, and must not hold."""

import re

import pytest
from django.conf import settings as project
from django.test import Client

from subscriptions import notices
from subscriptions.models import Notice
from tests.subscriptions.letters import URL, sent
from tests.subscriptions.looks import look_at
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db

Letter = Notice.Letter
LANGUAGES = [code for code, _ in project.LANGUAGES]
ADDRESS_LETTERS = [Letter.ADDRESS_CHANGE, Letter.ADDRESS_CHANGED]
ANYBODY_CAUSES = [Letter.CONFIRMATION, Letter.ALREADY_SUBSCRIBED, Letter.MANAGE_LINK, *ADDRESS_LETTERS]

every_letter = pytest.mark.parametrize("letter", Letter)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def test_every_letter_is_written_and_knows_who_may_get_it():
    assert set(notices.LETTERS) == set(notices.WANTED_BY) == set(Letter)


@every_letter
@every_language
def test_the_subject_is_one_whole_line(outbox_dir, letter, language):
    subject = sent(letter, language=language).mail.subject

    assert 10 < len(subject) < 80
    assert subject == subject.strip()
    assert subject.isprintable()
    assert not re.search(r"[{}%<>&]", subject)


@every_letter
def test_each_language_has_words_of_its_own(outbox_dir, letter):
    letters = [
        sent(letter, language=language, email=f"{language}@example.org").mail for language in LANGUAGES
    ]

    assert len({mail.subject for mail in letters}) == len(LANGUAGES)
    assert len({mail.text.split("http")[0] for mail in letters}) == len(LANGUAGES)
    assert [re.findall(r'<html[^>]* lang="(\w+)"', mail.html) for mail in letters] == [
        [language] for language in LANGUAGES
    ]


@every_letter
def test_a_language_nobody_speaks_any_more_falls_back_to_english(outbox_dir, letter):
    english = sent(letter, email="ada@example.org").mail

    assert sent(letter, language="xx", email="mary@example.org").mail.subject == english.subject


@every_letter
@every_language
def test_both_parts_lead_to_the_same_places(outbox_dir, letter, language):
    letter = sent(letter, language=language)

    assert letter.shown.links == letter.links
    assert len(letter.links) >= 2


@every_letter
@every_language
def test_both_parts_say_the_same_facts(outbox_dir, settings, letter, language):
    settings.POSTAL_ADDRESS = "17 Long Lane, Town"
    letter = sent(letter, language=language)

    html = URL.sub(" ", letter.shown.words)
    assert set(re.findall(r"\d+", letter.words)) == set(re.findall(r"\d+", html))
    for part in (letter.words, html):
        assert "17 Long Lane, Town" in part
        assert settings.SITE_NAME in part
    assert letter.headline in html, "both begin with the same words"


@every_letter
@every_language
def test_nothing_is_left_over_from_making_it_and_nothing_is_loaded(outbox_dir, letter, language):
    mail = sent(letter, language=language).mail

    for left_over in ("{{", "{%", "None", "&amp;", "&quot;", "&#", "<"):
        assert left_over not in mail.text
    for left_over in ("{{", "{%", ">None<", "<mj-"):
        assert left_over not in mail.html
    assert not re.search(r"<(?:img|script|iframe|link|form|object)\b|url\(|@import", mail.html)


@every_letter
@every_language
def test_it_says_by_itself_that_a_machine_wrote_it_and_is_no_list_mail(outbox_dir, letter, language):
    headers = dict(sent(letter, language=language).mail.headers)

    assert headers["Auto-Submitted"] == "auto-generated"
    assert [name for name in headers if name.lower().startswith("list-")] == []
    assert "Cc" not in headers
    assert "Bcc" not in headers
    assert "Reply-To" not in headers


@every_letter
def test_it_goes_to_one_address_which_stands_in_no_link_and_no_other_header(outbox_dir, letter):
    letter = sent(letter, email="ada.lovelace+papers@example.org")

    assert letter.mail.to == letter.notice.to
    for link in letter.links | letter.shown.links:
        assert not re.search(r"lovelace|ada|example\.org|%40|@", link, re.IGNORECASE), link
    for name, value in letter.mail.headers:
        assert name == "To" or "lovelace" not in value, name


@pytest.mark.parametrize("letter", ANYBODY_CAUSES)
@every_language
def test_what_anybody_can_cause_holds_nothing_that_anybody_typed(outbox_dir, letter, language):
    mail = sent(letter, language=language, typed="BUY-NOW http://spam.example, -cheap pills").mail

    for part in (*dict(mail.headers).values(), mail.text, mail.html):
        for typed in ("BUY-NOW", "spam.example", "pills"):
            assert typed not in part


@pytest.mark.parametrize("letter", ADDRESS_LETTERS)
@every_language
def test_neither_address_letter_names_the_other_address(outbox_dir, letter, language):
    """Whoever reads the wrong one must not learn it; nor can they leave, or read, in that person's name."""
    letter = sent(letter, language=language, email="old.ada@old.example", address="new.ada@new.example")

    mail = letter.mail
    assert mail.to == "new.ada@new.example"
    for part in (*(value for name, value in mail.headers if name != "To"), mail.text, mail.html):
        for name in ("old.ada", "old.example", "new.ada", "new.example"):
            assert name not in part
    assert {path.split("/")[1] for path in letter.paths} == {"", "address"}


@every_letter
@every_language
def test_every_link_works(outbox_dir, letter, language):
    letter = sent(letter, language=language)

    assert len(letter.paths) == len(letter.links), "all of them are ours"
    for path in letter.paths:
        assert Client().get(path).status_code == 200, path


@every_letter
def test_no_link_does_anything_when_it_is_only_followed(outbox_dir, queued, letter):
    letter = sent(letter)
    before = every_row()

    for path in letter.paths:
        for method, answer in look_at(path):
            assert answer.status_code in (200, 405), (path, method)

    assert every_row() == before
    assert queued == []
