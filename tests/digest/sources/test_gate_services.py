"""Which service an address belongs to, whose pauses it therefore keeps."""

from typing import Any

import pytest
from django.conf import settings as configured

from digest.sources import gate, http


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://rss.arxiv.org/rss/cs.CV", "arxiv"),
        ("https://oaipmh.arxiv.org/oai?verb=ListRecords", "arxiv"),
        ("https://export.arxiv.org/api/query?id_list=1", "arxiv"),
        ("http://export.arxiv.org/oai2", "arxiv"),
        ("https://arxiv.org/abs/2509.00001", "arxiv"),
        ("https://arxiv.org./abs/2509.00001", "arxiv"),
        ("https://ARXIV.org:443/", "arxiv"),
        ("https://a.b.arxiv.org:8443/", "arxiv"),
        ("https://user:pw@arxiv.org/", "arxiv"),
        ("https://api.biorxiv.org/details/biorxiv/2025-09-26", "biorxiv"),
        ("https://www.medrxiv.org/x", "biorxiv"),
        ("https://huggingface.co/api/daily_papers?date=2025-09-26", "huggingface"),
        ("https://huggingface.co", "huggingface"),
        ("https://huggingface.co?x", "huggingface"),
        ("https://api.github.com/repos/a/b", "github"),
        ("https://api.semanticscholar.org/graph/v1/paper/batch", "semanticscholar"),
        ("https://api.openalex.org/works", "openalex"),
        # Look-alikes must neither hold the real ones up nor come in under their name.
        ("https://arxiv.org.evil.example/", "arxiv.org.evil.example"),
        ("https://rss.arxiv.org.evil.example/rss", "rss.arxiv.org.evil.example"),
        ("https://notarxiv.org/", "notarxiv.org"),
        ("https://arxiv.organic/", "arxiv.organic"),
        ("https://huggingface.company/api", "huggingface.company"),
        ("https://huggingface.co.evil.example/", "huggingface.co.evil.example"),
        ("https://huggingface.co@evil.example/", "evil.example"),
        ("https://api.github.com:8443/", "api.github.com"),
        ("https://evil.example/https://arxiv.org/", "evil.example"),
        ("https://evil.example/?https://arxiv.org", "evil.example"),
        ("https://evil.example#arxiv.org", "evil.example"),
    ],
)
def test_an_address_belongs_to_the_service_whose_host_it_is(url: str, service: str):
    assert gate.service_of(url) == service


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("http://127.0.0.1:8001", "arxiv"),
        ("http://127.0.0.1:8001/rss/cs.CV", "arxiv"),
        ("http://127.0.0.1:8001/oai?x", "arxiv"),
        ("http://127.0.0.1:8002/oai", "arxiv"),
        ("http://127.0.0.1:8002/oai/more", "arxiv"),
        ("http://127.0.0.1:8002/bio/details", "biorxiv"),
        ("http://127.0.0.1:8002/oai2", "127.0.0.1"),
        ("http://127.0.0.1:8003/", "127.0.0.1"),
        ("https://127.0.0.1:8001/", "127.0.0.1"),
        ("http://mirror.example/hub/api", "huggingface"),
        ("http://mirror.example:80/hub", "huggingface"),
        ("http://mirror.example/hubris", "mirror.example"),
    ],
)
def test_an_address_belongs_to_the_service_the_settings_name(settings: Any, url: str, service: str):
    settings.ARXIV_FEED_URL = "http://127.0.0.1:8001"
    settings.ARXIV_OAI_URL = "http://127.0.0.1:8002/oai"
    settings.BIORXIV_URL = "http://127.0.0.1:8002/bio/"
    settings.HUGGINGFACE_URL = "http://Mirror.example/hub/"
    settings.SEMANTICSCHOLAR_URL = "http://127.0.0.1:80"
    settings.GITHUB_URL = ""
    settings.OPENALEX_URL = "http://[broken"

    assert gate.service_of(url) == service


def test_every_service_of_the_settings_has_a_pause_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()

    assert set(gate.SERVICES.values()) == set(gate.PAUSES)
    assert gate.PAUSES["arxiv"] >= 3.0
    assert {gate.service_of(getattr(configured, name)) for name in gate.SERVICES} == set(gate.PAUSES)
    assert http.TOTAL + http.READ < gate.LEASE
