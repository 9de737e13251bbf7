"""From a report to the result of the W3C's API (VCALM; VCDM 2.0 §7.1, §7.2), and what older clients read of it.

`verified` is true exactly if there are no errors. What is known to be wrong, or could not be looked at, with form,
signature, issuer, permission, holder or content is an error; status and dates are warnings, which the caller weighs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tegata.codec import json
from tegata.codec.dates import format_instant
from tegata.errors import MalformedInput, Text
from verifier.verification.report import Check, CheckName, CredentialReport, Outcome, Report
from verifier.verification.service import Challenge
from verifier.verification.status import NOTED

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_OWN = "https://w3id.org/tegata/problems#"
_VCALM = "https://www.w3.org/TR/vcalm#"
_WARNINGS = frozenset({CheckName.STATUS, CheckName.VALIDITY})
_KNOWN_OPTIONS = frozenset(
    {
        "returnResults",
        "returnProblemDetails",
        "returnCredential",
        "returnPresentation",
        "challenge",
        "domain",
        "checks",
    }
)


class InputRefused(MalformedInput):
    """The body holds no credential or presentation to verify."""

    kind = "vc_api_input_refused"
    text = Text("検証する証明書がありません。", "There is no credential or presentation to verify.")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be verified: its bytes, the value as it came, and how to answer."""

    data: bytes
    value: Any
    challenge: Challenge | None
    options: Mapping[str, Any]
    member: str


def credential_question(body: Any) -> Question:
    """Read the body of `/credentials/verify`; raises `InputRefused`."""
    members, options = _members(body)
    value = members.get("verifiableCredential")
    return Question(_bytes(value), value, None, options, "credential")


def presentation_question(body: Any) -> Question:
    """Read the body of `/presentations/verify`; raises `InputRefused`.

    A challenge and a domain belong together: an answer made for somebody else proves nothing (VC Data Integrity §2.1).
    """
    members, options = _members(body)
    value = members.get("verifiablePresentation", members.get("presentation"))
    nonce, audience = options.get("challenge"), options.get("domain")
    challenge = None
    if nonce is not None or audience is not None:
        if not isinstance(nonce, str) or not isinstance(audience, str):
            raise InputRefused("challenge and domain are texts, and come together", pointer="/options")
        challenge = Challenge(nonce, audience)
    return Question(_bytes(value), value, challenge, options, "presentation")


def result(question: Question, report: Report) -> dict[str, Any]:
    """Return the result: `verified`, problems, results, and the fields of older clients."""
    checks = [check for credential in report.credentials for check in credential.checks]
    problems = [_problem(check) for check in checks if check.outcome in {Outcome.FAILED, Outcome.UNDECIDED}]
    errors = [item["title"] for item in problems if item["level"] == "error"]
    warnings = [item["title"] for item in problems if item["level"] == "warning"]
    found: dict[str, Any] = {
        "verified": not errors,
        "checks": [check.name.value for check in checks if check.outcome is Outcome.PASSED],
        "warnings": warnings,
        "errors": errors,
    }
    options = question.options
    if unknown := sorted(options.keys() - _KNOWN_OPTIONS):
        problems.append(
            {
                "type": _VCALM + "UNKNOWN_OPTION_PROVIDED",
                "title": "An option that is not known here",
                "detail": ", ".join(name[:40] for name in unknown[:10]),
                "level": "warning",
            }
        )
    if options.get("returnProblemDetails", True) is not False:
        found["problemDetails"] = problems
    if options.get("returnCredential" if question.member == "credential" else "returnPresentation") is True:
        found[question.member] = question.value
    if options.get("returnResults") is True:
        found["results"] = _results(report)
    return found


def _results(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "proof": credential.outcome(CheckName.SIGNATURE).value,
            "credentialSchema": credential.outcome(CheckName.SCHEMA).value,
            "credentialStatus": credential.outcome(CheckName.STATUS).value,
            "statusNotes": _status_notes(credential),
            "validFrom": None if credential.valid_from is None else format_instant(credential.valid_from),
            "validUntil": None if credential.valid_until is None else format_instant(credential.valid_until),
        }
        for credential in report.credentials
    ]


def _status_notes(credential: CredentialReport) -> dict[str, str]:
    """Return what the issuer notes beside revocation and suspension, by purpose (Bitstring Status List 1.0 §2.1)."""
    stated = {
        name: text
        for check in credential.checks
        if check.name is CheckName.STATUS
        for name, text in check.evidence.items()
    }
    return {purpose: stated[purpose] for purpose in NOTED if purpose in stated}


def _problem(check: Check) -> dict[str, Any]:
    return {
        "type": _type(check),
        "title": check.reason.en,
        "title_ja": check.reason.ja,
        "detail": f"{check.name.value}: {check.outcome.value} {check.clause}".strip(),
        "level": "warning" if check.name in _WARNINGS else "error",
    }


def _type(check: Check) -> str:
    if check.name is CheckName.FORMAT:
        return _VCDM + "PARSING_ERROR"
    if check.name is CheckName.SIGNATURE:
        return _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR"
    return check.evidence.get("problem_type", _OWN + check.name.value)


def _members(body: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if not isinstance(body, Mapping):
        raise InputRefused("the body is an object")
    options = body.get("options", {})
    if not isinstance(options, Mapping):
        raise InputRefused("options is an object", pointer="/options")
    return body, options


def _bytes(value: Any) -> bytes:
    """Return the bytes of a credential or presentation as it is; what is in an envelope is found by whoever opens it."""
    if not isinstance(value, Mapping):
        raise InputRefused("a credential or presentation is an object")
    return json.dumps(value)
