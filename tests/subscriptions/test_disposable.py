import pytest
from disposable_email_domains import blocklist

from subscriptions.address import parse_address
from subscriptions.disposable import is_refused_as_disposable


def refused(email: str) -> bool:
    return is_refused_as_disposable(parse_address(email))


@pytest.mark.parametrize(
    "email", ["ada@mailinator.com", "ada@sub.mailinator.com", "ada@a.b.c.mailinator.com"]
)
def test_refused_only_where_the_house_says_so(settings, email):
    settings.REFUSE_DISPOSABLE = False
    assert refused(email) is False

    settings.REFUSE_DISPOSABLE = True
    assert refused(email) is True


@pytest.mark.parametrize("email", ["Ada@MAILINATOR.com", "ada+papers@Mailinator.COM"])
def test_another_spelling_does_not_help(settings, email):
    settings.REFUSE_DISPOSABLE = True

    assert refused(email) is True


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.org",
        "mailinator.com@example.org",
        "ada@mailinator.com.example.org",
        "ada@paper-mailinator.com",
        "ada@mailinator.example",
        "ada@gmail.com",
        "ada@web.de",
        "ada@bücher.example",
    ],
)
def test_everybody_else_is_welcome(settings, email):
    settings.REFUSE_DISPOSABLE = True

    assert refused(email) is False


def test_the_list_holds_many_domains_and_no_whole_country(settings):
    """An entry without a dot would refuse everybody below it."""
    settings.REFUSE_DISPOSABLE = True

    assert len(blocklist) > 1_000
    assert refused("ada@papers.com") is False
