"""ISO mdoc: the format alone on thirty elements, as the target was set with, and a presentation from bytes to a report."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tegata.formats import mdoc
from tegata.formats.credential import Document, MdocElement, MdocNames, StatusReference, TypeNames
from tegata.keys.software import SoftwareSigner
from tests.benchmarks.formats import SIGN, VERIFY
from tests.benchmarks.measuring import RAW, Effort, Row, ratio
from tests.verifier.verification.bench import AUDIENCE, NONCE, RESPONSE_URI, THUMBPRINT, Bench
from verifier.oid4vp.dcql import MSO_MDOC
from verifier.oid4vp.response import Presentation
from verifier.verification.service import Challenge

_ELEMENTS = 30
ISSUE_TARGET = 0.10
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
    for name in _DOCUMENTS:
        yield _verify(name, effort)


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
