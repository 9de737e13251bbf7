"""ISO mdoc: the format alone on thirty elements, as the target was set with, and a presentation from bytes to a report."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tegata.formats import mdoc
from tegata.formats.credential import Document, MdocElement, MdocNames, StatusReference, TypeNames
from tegata.identity.certificates import KeyUse
from tegata.keys.software import SoftwareSigner
from tests.benchmarks import peers_npm
from tests.benchmarks.formats import SIGN, VERIFY
from tests.benchmarks.measuring import RAW, Effort, Row, Work, ratio, seconds_each
from tests.simulators.issuer import Scheme
from tests.verifier.verification.bench import AUDIENCE, NONCE, RESPONSE_URI, SCHOOL, THUMBPRINT, Bench
from verifier.oid4vp.dcql import MSO_MDOC
from verifier.oid4vp.response import Presentation
from verifier.verification.service import Challenge

_ELEMENTS = 30
ISSUE_TARGET = 0.10
#: The reference's, set with another peer (@auth0/mdl).
PEER_ISSUE_TARGET = 9.0
_DOCUMENTS = ("graduation", "transcript")


def rows(effort: Effort, _folder: Path) -> Iterator[Row]:
    """Measure issuing and verifying."""
    signer, holder = SoftwareSigner.generate().with_certificates((b"x" * 700,)), SoftwareSigner.generate()
    now = datetime.now(UTC)
    document = _document(now)

    def issue() -> bytes:
        return mdoc.seal(mdoc.prepare(document, holder.public_key, secrets.token_bytes, now), signer)

    issued = issue()
    note = f"{_ELEMENTS} elements, {len(issued):,} bytes"
    yield Row("mdoc format alone, issue", ratio(issue, RAW.sign, effort), SIGN, ISSUE_TARGET, note=note)

    def verify() -> object:
        return mdoc.verify(mdoc.parse(issued), signer.public_key, now=now)

    yield Row("mdoc format alone, verify", ratio(verify, RAW.verify, effort), VERIFY, note=note)
    if peers_npm.is_installed():
        yield from _to_peer(issue, verify, {"org.example.1": document.claims}, now, effort)
    for name in _DOCUMENTS:
        yield _verify(name, effort)


def _to_peer(
    issue: Work, verify: Work, namespaces: Mapping[str, Mapping[str, Any]], now: datetime, effort: Effort
) -> Iterator[Row]:
    """Compare with @owf/mdoc on the same elements: ours is measured before it and after it.

    It verifies what is signed by the same kind of key; its own certificate is one of ours.
    """
    signer = Scheme.start(now).certify(SoftwareSigner.generate(), KeyUse.MDOC_DS, uris=(SCHOOL,))
    device = SoftwareSigner.generate().public_key
    issued = mdoc.seal(mdoc.prepare(_document(now), device, secrets.token_bytes, now), signer)
    before = [seconds_each(work, effort.slice_seconds) for work in (issue, verify)]
    theirs = peers_npm.mdoc_seconds(namespaces, issued, now, effort)
    after = [seconds_each(work, effort.slice_seconds) for work in (issue, verify)]
    for what, first, last, other, target in zip(
        ("issue", "verify"), before, after, theirs, (PEER_ISSUE_TARGET, None), strict=True
    ):
        row = f"mdoc format alone, {what}, to @owf/mdoc"
        yield Row(row, 2 * other / (first + last), "times as many", target, note="the same elements")


def _document(now: datetime) -> Document:
    space = "org.example.1"
    claims: dict[str, Any] = {f"claim_{index}": f"例の値 value {index}" for index in range(_ELEMENTS)}
    start = now.replace(microsecond=0)
    return Document(
        issuer="https://issuer.example/s/abc",
        issuer_did="",
        issuer_name={},
        names=TypeNames("", "", (), (), ()),
        claims=claims,
        valid_from=start,
        valid_until=start + timedelta(days=365),
        status=StatusReference(77, "https://issuer.example/s/abc/status", "", ""),
        mdoc=MdocNames(space, tuple(MdocElement((name,), space, name) for name in claims)),
    )


def _verify(name: str, effort: Effort) -> Row:
    """Verify one presentation of what a request for a graduation asks for, or of the whole transcript."""
    bench = Bench.set_up(MSO_MDOC)
    bench.document_name = name
    if name == "transcript":
        bench.claims = bench.paths = (("family_name",), ("birthdate",), ("school",), ("courses",))
    presented = bench.present().decode("ascii")
    query = bench.query
    answer = (Presentation(query.credentials[0], presented),)
    challenge, assessor = Challenge(NONCE, AUDIENCE, RESPONSE_URI, THUMBPRINT), bench.assessor()

    def verify() -> Any:
        return assessor.report(assessor.examine_answer(answer, challenge, bench.now), query, bench.now)

    assert all(check.outcome != "failed" for check in verify().credentials[0].checks)
    note = f"bytes to report, with every check and the device's signature; {len(presented):,} characters"
    return Row(f"mdoc verify, {name}", ratio(verify, RAW.verify, effort), VERIFY, note=note)
