"""Every W3C format alone: a graduation certificate and a transcript of the catalogue, signed and verified, nothing else.

Compared with the raw signature of the same algorithm; bbs-2023, which has none, with ECDSA. Where a peer of npm is installed, what it
does with the same document in the same run.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas import catalogue
from tegata.codec import json
from tegata.formats import data_integrity, jose_cose
from tegata.formats.credential import Document
from tegata.formats.data_integrity import Contexts
from tegata.formats.jose_cose import Form
from tegata.identity.did import did_document
from tegata.keys import bls
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.benchmarks import peers_npm
from tests.benchmarks.measuring import RAW, RAW_ED25519, Effort, Row, Work, ratio, seconds_each
from tests.simulators.issuer import Scheme, School
from tests.verifier.verification.bench import SCHOOL
from verifier.verification.opened import key_of_did

NAMES = ("graduation", "transcript")
_SIGNS = {Algorithm.ES256: RAW.sign, Algorithm.EDDSA: RAW_ED25519.sign}
_VERIFIES = {Algorithm.ES256: RAW.verify, Algorithm.EDDSA: RAW_ED25519.verify}
_ISSUE, _VERIFY = "of raw sign", "of raw verify"
#: The reference's targets, set with documents of 25 and 309 quads and with 30 elements.
_EDDSA_ISSUE = {"graduation": 0.20, "transcript": 0.045}
_EDDSA_VERIFY = {"graduation": 0.40, "transcript": 0.11}
_PEER_ISSUE, _PEER_VERIFY = {"transcript": 6.5}, {"graduation": 9.5, "transcript": 4.5}


@dataclass(frozen=True)
class Case:
    """One document, its school, and the contexts compiled once."""

    name: str
    school: School
    document: Document
    contexts: Contexts
    holder: SoftwareSigner

    @property
    def method(self) -> str:
        return f"{self.school.did}#key"

    @property
    def unsigned(self) -> dict[str, Any]:
        """The document as a W3C credential without its proof."""
        sealed = self.school.w3c(self.document, self.holder.public_key)
        found: dict[str, Any] = json.loads(sealed)
        del found["proof"]
        return found


def rows(effort: Effort, _folder: Path) -> Iterator[Row]:
    """Measure each format with both documents."""
    for name in NAMES:
        now = datetime.now(UTC)
        school = School.enrol(Scheme.start(now), SCHOOL, now)
        case = Case(
            name, school, school.document(name), Contexts.of(catalogue.contexts()), SoftwareSigner.generate()
        )
        for algorithm, suite in (
            (Algorithm.EDDSA, "eddsa-rdfc-2022"),
            (Algorithm.EDDSA, "eddsa-jcs-2022"),
            (Algorithm.ES256, "ecdsa-rdfc-2019"),
            (Algorithm.ES256, "ecdsa-jcs-2019"),
        ):
            yield from _integrity(case, algorithm, suite, effort)
        yield from _selective(case, effort)
        for form in (Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE):
            yield from _jose(case, form, effort)


def _pair(
    case: Case, label: str, issue: Work, verify: Work, effort: Effort, algorithm: Algorithm = Algorithm.ES256,
    targets: tuple[float | None, float | None] = (None, None), note: str = "",
) -> Iterator[Row]:  # fmt: skip
    found = ratio(issue, _SIGNS[algorithm], effort)
    yield Row(f"{label} issue, {case.name}", found, _ISSUE, targets[0], note=note)
    found = ratio(verify, _VERIFIES[algorithm], effort)
    yield Row(f"{label} verify, {case.name}", found, _VERIFY, targets[1], note=note)


def _integrity(case: Case, algorithm: Algorithm, suite: str, effort: Effort) -> Iterator[Row]:
    signer, unsigned = SoftwareSigner.generate(algorithm, "key"), case.unsigned
    created = case.document.valid_from

    def issue() -> Mapping[str, Any]:
        return data_integrity.secure(unsigned, signer, case.method, created, case.contexts, cryptosuite=suite)

    signed = json.dumps(issue())

    def verify() -> object:
        parsed = data_integrity.parse(signed, case.contexts)
        return data_integrity.verify(parsed, signer.public_key, now=case.school.now, holder_keys=key_of_did)

    is_target = suite == "eddsa-rdfc-2022"
    targets = (_EDDSA_ISSUE[case.name], _EDDSA_VERIFY[case.name]) if is_target else (None, None)
    yield from _pair(case, suite, issue, verify, effort, algorithm, targets, f"{len(signed):,} bytes")
    if is_target and peers_npm.is_installed():
        documents = {case.school.did: did_document(case.school.did, [("key", signer.public_key)])}
        own = [seconds_each(work, effort.slice_seconds) for work in (issue, verify)]
        theirs = peers_npm.w3c_seconds(unsigned, json.loads(signed), documents, case.school.now, effort)
        own = [
            (before + seconds_each(work, effort.slice_seconds)) / 2
            for before, work in zip(own, (issue, verify), strict=True)
        ]
        for what, mine, other, target in zip(
            ("issue", "verify"), own, theirs, (_PEER_ISSUE, _PEER_VERIFY), strict=True
        ):
            row = f"{suite} {what}, {case.name}, to @digitalbazaar/vc"
            yield Row(row, other / mine, "times as many", target.get(case.name), note="the same document")


def _selective(case: Case, effort: Effort) -> Iterator[Row]:
    signer = SoftwareSigner.generate(Algorithm.ES256, "key")
    yield from _derived(case, "ecdsa-sd-2023", signer, signer.public_key, DEFAULT_ALGORITHMS, effort)
    blind = SoftwareBbsSigner.generate(secrets.token_bytes, "key")
    allowed = DEFAULT_ALGORITHMS | {bls.BBS}
    yield from _derived(case, "bbs-2023", blind, blind.public_key, allowed, effort)


def _derived(
    case: Case, suite: str, signer: Any, key: Any, allowed: frozenset[Any], effort: Effort
) -> Iterator[Row]:
    unsigned, created = case.unsigned, case.document.valid_from
    shown = ("/credentialSubject/family_name",)

    def issue() -> dict[str, Any]:
        return data_integrity.secure_selectively(
            unsigned, signer, case.method, created, case.contexts, secrets.token_bytes, allow_bbs=True
        )

    base = issue()

    def derive() -> dict[str, Any]:
        return data_integrity.derive(base, shown, case.contexts, secrets.token_bytes)

    derived = json.dumps(derive())

    def verify() -> object:
        parsed = data_integrity.parse(derived, case.contexts)
        return data_integrity.verify(parsed, key, allowed, now=case.school.now, holder_keys=key_of_did)

    yield from _pair(case, suite, issue, verify, effort, note="a name shown")
    yield Row(f"{suite} derive, {case.name}", ratio(derive, RAW.sign, effort), _ISSUE, note="a name shown")


def _jose(case: Case, form: Form, effort: Effort) -> Iterator[Row]:
    signer = SoftwareSigner.generate(Algorithm.ES256, "key")

    def issue() -> bytes:
        prepared = jose_cose.prepare(
            case.document, case.holder.public_key, secrets.token_bytes, case.school.now, case.contexts, form
        )
        return jose_cose.seal(prepared, signer)

    signed = issue()

    def verify() -> object:
        parsed = jose_cose.parse(signed, case.contexts, form)
        return jose_cose.verify(parsed, signer.public_key, now=case.school.now, holder_keys=key_of_did)

    yield from _pair(case, form.value, issue, verify, effort, note=f"{len(signed):,} bytes")
