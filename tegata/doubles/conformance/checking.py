"""Credentials and presentations of any form, by the keys that they name (did:key, did:jwk): mathematics without trust.

The result has the shape of the W3C's API (VCALM): `verified` is true exactly if there are no errors; that a key is not its
issuer's is a warning here. Of status lists the double's own are looked at, and what they
say is a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tegata.codec import json
from tegata.doubles.conformance.circumstances import Circumstances
from tegata.doubles.conformance.inline import check_suites, named
from tegata.errors import CryptographyFailed, MalformedInput, TegataError
from tegata.formats import data_integrity, jose_cose
from tegata.formats.credential import Expected, FormatRefused, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.proof_chain import verify_with_previous
from tegata.formats.data_integrity.proofs import ProofKey
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity.did import resolve_key_did
from tegata.keys import bls
from tegata.keys.signer import PublicKey

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
#: What it reads and signs besides VCDM 2.0: the suites bring documents of both versions.
LEGACY = frozenset({Legacy.VCDM_1_1})
_SKEW = timedelta(seconds=60)


@dataclass(slots=True)
class Findings:
    """What was found wrong, as problem details (RFC 9457)."""

    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def error(self, problem: TegataError) -> None:
        """Note a refusal."""
        self.errors.append(
            {
                "type": _type_of(problem),
                "title": problem.kind,
                "detail": f"{problem.detail} {problem.clause}".strip(),
            }
        )

    def warn(self, title: str, detail: str) -> None:
        """Note what a verifier with a trust list would refuse."""
        self.warnings.append({"type": f"{_VCDM}WARNING", "title": title, "detail": detail})

    def result(self, member: str, value: Any) -> dict[str, Any]:
        """Return the answer of the API."""
        return {
            "verified": not self.errors,
            member: value,
            "checks": ["proof"] if not self.errors else [],
            "errors": [item["detail"] for item in self.errors],
            "warnings": [item["detail"] for item in self.warnings],
            "problemDetails": [*self.errors, *self.warnings],
        }


def check_credential(value: Any, on: Circumstances) -> dict[str, Any]:
    """Verify a credential, with proofs or in an envelope."""
    findings = Findings()
    try:
        _credential(value, on, findings)
    except (MalformedInput, CryptographyFailed) as error:
        findings.error(error)
    return findings.result("credential", value)


def check_presentation(value: Any, options: Mapping[str, Any], on: Circumstances) -> dict[str, Any]:
    """Verify a presentation and every credential in it; challenge and domain are compared if they are given."""
    findings = Findings()
    try:
        _presentation(value, options, on, findings)
    except (MalformedInput, CryptographyFailed) as error:
        findings.error(error)
    return findings.result("presentation", value)


def _credential(value: Any, on: Circumstances, findings: Findings) -> None:
    if isinstance(value, Mapping) and model.is_enveloped(value):
        form, data = jose_cose.unenveloped(value)
        parsed = jose_cose.parse(data, on.contexts, form)
        key = _plain_key(parsed.key_reference.verification_method)
        if parsed.key_reference.verification_method.partition("#")[0] != parsed.issuer:
            findings.warn("issuer_not_bound", "the key is not the issuer's")
        expected = Expected(enforce_validity=False)
        jose_cose.verify(parsed, key, now=on.now, expected=expected)
        return
    renamed, known = named(value, on.contexts)
    embedded = data_integrity.parse(json.dumps(renamed), known, legacy=LEGACY)
    if known is not on.contexts:
        check_suites(embedded.proofs)
    _dates(embedded.document, on.now, findings)
    for purpose in on.statuses.set_purposes(embedded.document):
        findings.warn(purpose, "the status list says so")
    for proof in embedded.proofs:
        _proof(proof, suites.ASSERTION, on.now)
        verify_with_previous(embedded.secured, embedded.proofs, proof, _key_of)
        if proof["verificationMethod"].partition("#")[0] != embedded.issuer:
            findings.warn("issuer_not_bound", "a proof by somebody else than the issuer")


def _presentation(value: Any, options: Mapping[str, Any], on: Circumstances, findings: Findings) -> None:
    renamed, known = named(value, on.contexts)
    presentation, parsed = data_integrity.parse_mixed_presentation(
        json.dumps(renamed), known, legacy=LEGACY, may_be_empty=True
    )
    if known is not on.contexts:
        check_suites(presentation.proofs)
    for proof in presentation.proofs:
        _proof(proof, suites.AUTHENTICATION, on.now)
        challenge, domain = options.get("challenge"), options.get("domain")
        if challenge is not None and proof.get("challenge") != challenge:
            raise SignatureRefused("INVALID_CHALLENGE_ERROR", clause="VC Data Integrity 1.0 §4.4")
        if domain is not None and suites.domains(proof) != {domain}:
            raise SignatureRefused("INVALID_DOMAIN_ERROR", clause="VC Data Integrity 1.0 §4.4")
        verify_with_previous(presentation.secured, presentation.proofs, proof, _key_of)
    for item in (*(item.document for item in parsed), *presentation.enveloped):
        _credential(item, replace(on, contexts=known), findings)


def _proof(proof: Mapping[str, Any], purpose: str, now: datetime) -> None:
    if proof["proofPurpose"] != purpose:
        raise SignatureRefused(
            "PROOF_VERIFICATION_ERROR: another purpose", clause="VC Data Integrity 1.0 §4.4"
        )
    expires = model.instant(proof, "expires")
    if expires is not None and expires < now - _SKEW:
        raise SignatureRefused("PROOF_VERIFICATION_ERROR: expired", clause="VC Data Integrity 1.0 §2.1")


def _dates(document: Mapping[str, Any], now: datetime, findings: Findings) -> None:
    """Warn of dates that do not hold now: an outcome that the caller weighs, and no error (VCDM 2.0 §4.9)."""
    start, end = model.period(document)
    if (start and now + _SKEW < start) or (end and now - _SKEW > end):
        findings.warn("not_valid_now", "outside its period of validity")


def _key_of(method: str) -> ProofKey:
    did, _, fragment = method.partition("#")
    value = did.removeprefix("did:key:")
    if value.startswith("zUC7"):
        if fragment != value:
            raise MalformedInput("a fragment that is not the key's own", clause="did:key §3")
        return bls.decode(value)
    return _plain_key(method)


def _plain_key(method: str) -> PublicKey:
    return resolve_key_did(method).public_key


def _type_of(error: TegataError) -> str:
    for name in ("PROOF_VERIFICATION_ERROR", "PROOF_TRANSFORMATION_ERROR", "INVALID_DOMAIN_ERROR"):
        if name in error.detail:
            return _SECURITY + name
    if "INVALID_CHALLENGE_ERROR" in error.detail:
        return f"{_SECURITY}INVALID_CHALLENGE_ERROR"
    if isinstance(error, FormatRefused):
        return f"{_VCDM}{'PARSING_ERROR' if 'PARSING_ERROR' in error.detail else 'MALFORMED_VALUE_ERROR'}"
    return f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR"
