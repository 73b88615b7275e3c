"""oaipmh.arxiv.org: OAI-PMH 2.0 in the prefixes arXivRaw and arXiv. Errors come with status 200."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote, urlencode
from xml.sax.saxutils import escape, quoteattr

from tests.world.calendar import oai_day
from tests.world.exchange import Ask, Reply
from tests.world.papers import Paper

RECORDS, IDENTIFIERS = 2_500, 20_000
"""In a page of ListRecords, and of ListIdentifiers."""
BASE = "https://oaipmh.arxiv.org/oai"
EARLIEST = date(2005, 9, 16)
PREFIXES = ("oai_dc", "arXiv", "arXivOld", "arXivRaw")
PHYSICS = frozenset(
    ["astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin", "nucl-ex"]
) | {"nucl-th", "physics", "quant-ph"}
GROUPS = frozenset(["cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"])
ERRORS = {
    "badArgument": "The request includes illegal arguments, or lacks arguments it needs.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb.",
    "cannotDisseminateFormat": "The metadata format asked for is not supported.",
    "idDoesNotExist": "The value of the identifier argument is unknown in this repository.",
    "noRecordsMatch": "The combination of from, until, set and metadataPrefix results in an empty list.",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="'
    'http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)


class OAIError(Exception):
    def __init__(self, code: str, description: str = "") -> None:
        self.code, self.description = code, description or ERRORS.get(code, code)


def answer(ask: Ask) -> Reply:
    try:
        return _reply(ask, *_answer(ask))
    except OAIError as error:
        return refusal(ask, error.code, error.description)


def refusal(ask: Ask, code: str, description: str = "") -> Reply:
    """An error: status 200, and a request element without attributes."""
    told = escape(description or ERRORS.get(code, code))
    return _reply(ask, {}, f"    <error code='{code}'>{told}</error>\n")


def set_of(category: str) -> str:
    """`cs.CV` is `cs:cs:CV`, `hep-th` is `physics:hep-th`, `astro-ph.GA` is `physics:astro-ph:GA`."""
    archive, dot, subject = category.partition(".")
    group = "physics" if archive in PHYSICS else archive
    return f"{group}:{archive}:{subject}" if dot else f"{group}:{archive}"


def _answer(ask: Ask) -> tuple[dict[str, str], str]:
    names = [name for name, _ in ask.pairs]
    if len(names) != len(set(names)):
        raise OAIError("badArgument", "Duplicate parameters not allowed")
    query = ask.query
    verb = query.get("verb", "")
    if verb == "Identify":
        return {"verb": verb}, (
            f"    <Identify><repositoryName>arXiv</repositoryName><baseURL>{BASE}</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>help@arxiv.org</adminEmail>"
            f"<earliestDatestamp>{EARLIEST}</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
            "<granularity>YYYY-MM-DD</granularity></Identify>\n"
        )
    if verb == "GetRecord":
        return _get_record(ask, query)
    if verb in ("ListRecords", "ListIdentifiers"):
        return _list(ask, query, verb)
    raise OAIError("badVerb", "Invalid verb provided")


def _get_record(ask: Ask, query: dict[str, str]) -> tuple[dict[str, str], str]:
    if set(query) != {"verb", "identifier", "metadataPrefix"}:
        raise OAIError("badArgument", "Parameters provided did not match expected.")
    prefix, until = _prefix(query["metadataPrefix"]), oai_day(ask.now)
    paper = ask.world.as_of(query["identifier"].removeprefix("oai:arXiv.org:"), until)
    if paper is None:
        raise OAIError("idDoesNotExist")
    stamp = ask.world.datestamp(paper.arxiv_id, until) or until
    return query, f"    <GetRecord>\n{_record(paper, stamp, prefix)}    </GetRecord>\n"


def _list(ask: Ask, query: dict[str, str], verb: str) -> tuple[dict[str, str], str]:
    arguments, skip = query, 0
    if token := query.get("resumptionToken"):
        if set(query) != {"verb", "resumptionToken"}:
            raise OAIError("badArgument", "No other paramters allowed with resumptionToken")
        arguments, skip = _resumed(token)
        if arguments.get("verb") != verb:
            raise OAIError("badResumptionToken")
    if set(arguments) - {"verb", "metadataPrefix", "from", "until", "set"}:
        raise OAIError("badArgument", "Unallowed parameter.")
    if "metadataPrefix" not in arguments:
        raise OAIError("badArgument", "metadataPrefix required.")
    prefix = _prefix(arguments["metadataPrefix"])
    found = _matching(ask, arguments)
    size = ask.sizes.get("arxiv_oai", RECORDS if verb == "ListRecords" else IDENTIFIERS)
    page = ask.page(found[skip : skip + size], found, size)
    if not page:
        raise OAIError("badResumptionToken" if skip else "noRecordsMatch")
    if verb == "ListRecords":
        body = "".join(_record(paper, stamp, prefix) for paper, stamp in page)
    else:
        body = "".join(_header(paper, stamp) for paper, stamp in page)
    if skip + size < len(found):
        body += _token(ask.now, quote(urlencode({**arguments, "skip": skip + size})))
    elif skip:
        body += _token(ask.now, "")
    return query, f"    <{verb}>\n{body}    </{verb}>\n"


def _matching(ask: Ask, arguments: dict[str, str]) -> list[tuple[Paper, date]]:
    """By datestamp, then id, as of now: a record stands under its last change only."""
    known = oai_day(ask.now)
    tomorrow = ask.now.astimezone(UTC).date() + timedelta(days=1)
    since = _day(arguments.get("from"), EARLIEST)
    until = _day(arguments.get("until"), tomorrow)
    if until > tomorrow or since > until or since < EARLIEST:
        raise OAIError("badArgument", "from and until do not make a range of days that are known")
    wanted = arguments.get("set", "")
    if wanted and wanted.split(":")[0] not in GROUPS:
        raise OAIError("badArgument", "Set does not exist")
    found = []
    for paper in ask.world.public(known):
        stamp = ask.world.datestamp(paper.arxiv_id, known)
        sets = [set_of(category) for category in paper.categories]
        fits = not wanted or any(name == wanted or name.startswith(f"{wanted}:") for name in sets)
        if fits and stamp and since <= stamp <= until:
            found.append((paper, stamp))
    return sorted(found, key=lambda row: (row[1], row[0].arxiv_id))


def _day(value: str | None, otherwise: date) -> date:
    if value is None:
        return otherwise
    try:
        if len(value) != 10:
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError as error:
        raise OAIError("badArgument", "date format must be YYYY-MM-DD") from error


def _prefix(value: str) -> str:
    if value not in PREFIXES:
        raise OAIError("cannotDisseminateFormat", "Did not recognize requested format")
    if value not in ("arXivRaw", "arXiv"):
        raise OAIError("cannotDisseminateFormat", "This world tells arXivRaw and arXiv only")
    return value


def _resumed(token: str) -> tuple[dict[str, str], int]:
    arguments = {name: values[0] for name, values in parse_qs(unquote(token)).items()}
    skip = arguments.pop("skip", "")
    if not skip.isdigit():
        raise OAIError("badResumptionToken", "Token decoding failed or format is invalid.")
    return arguments, int(skip)


def _token(now: datetime, value: str) -> str:
    expires = now.astimezone(UTC).date() + timedelta(days=1)
    end = f">{value}</resumptionToken>" if value else "/>"
    return f'        <resumptionToken expirationDate="{expires}T00:00:00Z"{end}\n'


def _reply(ask: Ask, attributes: dict[str, str], inner: str) -> Reply:
    told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    body = (
        f"{_HEAD}    <responseDate>{ask.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</responseDate>\n"
        f"    <request{told}>{BASE}</request>\n{inner}</OAI-PMH>"
    )
    return Reply(200, {"Content-Type": "application/xml"}, body.encode())


def _header(paper: Paper, stamp: date) -> str:
    sets = "".join(f"<setSpec>{set_of(category)}</setSpec>" for category in paper.categories)
    return (
        f"            <header><identifier>oai:arXiv.org:{paper.arxiv_id}</identifier>"
        f"<datestamp>{stamp}</datestamp>{sets}</header>\n"
    )


def _record(paper: Paper, stamp: date, prefix: str) -> str:
    inner = _raw(paper) if prefix == "arXivRaw" else _plain(paper)
    space = f"http://arxiv.org/OAI/{prefix}/"
    return (
        f"        <record>\n{_header(paper, stamp)}            <metadata>\n"
        f'    <{prefix} xmlns="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{space} http://arxiv.org/OAI/{prefix}.xsd">\n'
        f"{inner}    </{prefix}>\n            </metadata>\n        </record>\n"
    )


def _raw(paper: Paper) -> str:
    versions = "".join(
        f'        <version version="v{version.number}">'
        f"<date>{version.submitted_at.astimezone(UTC):%a, %d %b %Y %H:%M:%S GMT}</date>"
        f"<size>{version.size_kb}kb</size>"
        + (f"<source_type>{version.source_type}</source_type>" if version.source_type else "")
        + "</version>\n"
        for version in paper.versions
    )
    authors = ", ".join(
        f"{author.name} ({author.affiliation})" if author.affiliation else author.name
        for author in paper.authors
    )
    before = _fields(("id", paper.arxiv_id), ("submitter", paper.submitter or paper.authors[0].name))
    return before + versions + _fields(("title", paper.title), ("authors", authors)) + _rest(paper)


def _plain(paper: Paper) -> str:
    authors = []
    for author in paper.authors:
        forenames, _, keyname = author.name.rpartition(" ")
        fore = f"<forenames>{escape(forenames)}</forenames>" if forenames else ""
        authors.append(f"<author><keyname>{escape(keyname)}</keyname>{fore}</author>")
    # Said to be the first version's date; it is the present one's.
    created = paper.versions[-1].submitted_at.astimezone(UTC).date().isoformat()
    return (
        _fields(("id", paper.arxiv_id), ("created", created))
        + f"        <authors>{''.join(authors)}</authors>\n"
        + _fields(("title", paper.title))
        + _rest(paper)
    )


def _rest(paper: Paper) -> str:
    return _fields(
        ("categories", " ".join(paper.categories)),
        ("comments", paper.comment),
        ("journal-ref", paper.journal_ref),
        ("doi", paper.doi),
        ("license", paper.licence),
        ("abstract", f"  {paper.abstract}\n"),
    )


def _fields(*fields: tuple[str, str]) -> str:
    return "".join(f"        <{name}>{escape(value)}</{name}>\n" for name, value in fields if value)
