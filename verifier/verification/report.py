"""What a verification found: named checks, each with outcome, reason, clause and evidence, and one verdict.

Three verdicts: 有効 valid, 無効 invalid, 判定不能 undecided. Invalid wins over undecided: what is known to be wrong
does not become open because something else could not be looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tegata.codec.dates import format_instant, instant
from tegata.errors import Text


class Outcome(StrEnum):
    """How one check ended. A skipped check says why in its reason and does not count."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """What a report comes to."""

    VALID = "valid"
    INVALID = "invalid"
    UNDECIDED = "undecided"


VERDICT_TEXT: Mapping[Verdict, Text] = {
    Verdict.VALID: Text("有効です", "Valid"),
    Verdict.INVALID: Text("有効ではありません", "Not valid"),
    Verdict.UNDECIDED: Text("判定できません", "Cannot decide"),
}


class CheckName(StrEnum):
    """The checks, in the order in which a report shows them."""

    FORMAT = "format"
    SIGNATURE = "signature"
    ORGANISATION = "organisation"
    PERMISSION = "permission"
    HOLDER_BINDING = "holder_binding"
    SCHEMA = "schema"
    VALIDITY = "validity"
    STATUS = "status"
    REQUEST = "request"


CHECK_TEXT: Mapping[CheckName, tuple[Text, Text]] = {
    CheckName.FORMAT: (Text("形式", "Format"), Text("読み取れる形式か", "Can it be read")),
    CheckName.SIGNATURE: (
        Text("署名", "Signature"),
        Text("発行後に変わっていないか", "Unchanged since it was issued"),
    ),
    CheckName.ORGANISATION: (Text("発行機関", "Issuer"), Text("だれが発行したか", "Who issued it")),
    CheckName.PERMISSION: (
        Text("権限", "Authority"),
        Text("この種類を発行できる機関か", "May this issuer issue this type"),
    ),
    CheckName.HOLDER_BINDING: (
        Text("本人との結び付き", "Holder"),
        Text("受け取った本人が、この依頼に答えたか", "Did its holder answer this request"),
    ),
    CheckName.SCHEMA: (
        Text("記載の決まり", "Content rules"),
        Text("記載がこの種類の決まりに合うか", "Does the content follow the rules of its type"),
    ),
    CheckName.VALIDITY: (Text("有効期間", "Validity period"), Text("期間の中か", "Within its period")),
    CheckName.STATUS: (
        Text("状態", "Status"),
        Text("失効・停止していないか", "Neither revoked nor suspended"),
    ),
    CheckName.REQUEST: (
        Text("求めた項目", "Request"),
        Text("求めた項目がそろうか", "Is everything there that was asked for"),
    ),
}


class Binding(StrEnum):
    """Whether a credential belongs to somebody's wallet, shown in a row of its own."""

    PROVEN = "proven"
    NOT_PROVEN = "not_proven"
    NOT_BOUND = "not_bound"


BINDING_TEXT: Mapping[Binding, Text] = {
    Binding.PROVEN: Text("本人のウォレットから提示されました", "Presented from its holder's wallet"),
    Binding.NOT_PROVEN: Text(
        "本人のウォレットに結び付いていますが、今回は確かめていません",
        "Bound to a holder's wallet, which was not checked this time",
    ),
    Binding.NOT_BOUND: Text(
        "本人のウォレットに結び付いていない原本です。差し出した人が本人であることは示しません",
        "An original that is not bound to the person: it does not show that who handed it in is its subject",
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the report. Evidence is technical and holds no claims of the person."""

    name: CheckName
    outcome: Outcome
    reason: Text
    clause: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the row as the JSON API shows it."""
        return {
            "check": self.name.value,
            "outcome": self.outcome.value,
            "reason": {"ja": self.reason.ja, "en": self.reason.en},
            "clause": self.clause,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Check":
        """Read back what `to_json` wrote."""
        reason = Text(value["reason"]["ja"], value["reason"]["en"])
        name, outcome = CheckName(value["check"]), Outcome(value["outcome"])
        return cls(name, outcome, reason, value["clause"], value["evidence"])


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organisation behind the signature, in the words of the trust list, never in the credential's own."""

    identifier: str
    names: Text
    establisher: str = ""
    corporate_number: str = ""
    school_code: str = ""
    is_test: bool = False


def verdict_of(checks: Iterable[Check]) -> Verdict:
    """Return what the checks come to; nothing looked at is undecided, never valid."""
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILED in outcomes:
        return Verdict.INVALID
    if Outcome.UNDECIDED in outcomes or Outcome.PASSED not in outcomes:
        return Verdict.UNDECIDED
    return Verdict.VALID


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """The report on one credential. Claims are unproven unless the check `signature` passed."""

    query: str
    format: str
    document: str
    title: Text
    issuer: Issuer | None
    claims: Mapping[str, Any] = field(repr=False)
    issued_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    binding: Binding
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """What the checks of this credential come to."""
        return verdict_of(self.checks)

    @property
    def is_proven(self) -> bool:
        """Whether the claims are what somebody signed."""
        return self.outcome(CheckName.SIGNATURE) is Outcome.PASSED

    def outcome(self, name: CheckName) -> Outcome:
        """Return the outcome of one check; a check that is not there was skipped."""
        return next((check.outcome for check in self.checks if check.name is name), Outcome.SKIPPED)

    def to_json(self) -> dict[str, Any]:
        """Return the report as the JSON API shows it."""
        issuer = self.issuer
        return {
            "query": self.query,
            "format": self.format,
            "document": self.document,
            "title": {"ja": self.title.ja, "en": self.title.en},
            "verdict": self.verdict.value,
            "issuer": None
            if issuer is None
            else {
                "identifier": issuer.identifier,
                "name": {"ja": issuer.names.ja, "en": issuer.names.en},
                "establisher": issuer.establisher,
                "corporate_number": issuer.corporate_number,
                "school_code": issuer.school_code,
                "test": issuer.is_test,
            },
            "claims": dict(self.claims),
            "claims_proven": self.is_proven,
            "issued_at": _instant(self.issued_at),
            "valid_from": _instant(self.valid_from),
            "valid_until": _instant(self.valid_until),
            "binding": self.binding.value,
            "checks": [check.to_json() for check in self.checks],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "CredentialReport":
        """Read back what `to_json` wrote."""
        issuer = value["issuer"]
        return cls(
            query=value["query"],
            format=value["format"],
            document=value["document"],
            title=Text(value["title"]["ja"], value["title"]["en"]),
            issuer=None
            if issuer is None
            else Issuer(
                issuer["identifier"],
                Text(issuer["name"]["ja"], issuer["name"]["en"]),
                issuer["establisher"],
                issuer["corporate_number"],
                issuer["school_code"],
                issuer["test"],
            ),
            claims=value["claims"],
            issued_at=_read_instant(value["issued_at"]),
            valid_from=_read_instant(value["valid_from"]),
            valid_until=_read_instant(value["valid_until"]),
            binding=Binding(value["binding"]),
            checks=tuple(Check.from_json(item) for item in value["checks"]),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The report on everything that one answer, or one file, held. `request` is there if something was asked."""

    credentials: tuple[CredentialReport, ...]
    request: Check | None
    verified_at: datetime
    trust_list: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst of all: an answer is as good as its weakest credential."""
        return verdict_of(self.all_checks())

    def all_checks(self) -> Sequence[Check]:
        """Return every check of every credential, and that of the request."""
        found = [check for credential in self.credentials for check in credential.checks]
        return [*found, self.request] if self.request is not None else found

    def to_json(self) -> dict[str, Any]:
        """Return the report as the JSON API shows it, and as it is stored."""
        return {
            "verdict": self.verdict.value,
            "verified_at": format_instant(self.verified_at),
            "trust_list": self.trust_list,
            "request": None if self.request is None else self.request.to_json(),
            "credentials": [credential.to_json() for credential in self.credentials],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Report":
        """Read back what `to_json` wrote; the verdict follows from the checks."""
        return cls(
            credentials=tuple(CredentialReport.from_json(item) for item in value["credentials"]),
            request=None if value["request"] is None else Check.from_json(value["request"]),
            verified_at=instant(value["verified_at"]),
            trust_list=value["trust_list"],
        )


def _instant(value: datetime | None) -> str | None:
    return None if value is None else format_instant(value)


def _read_instant(value: str | None) -> datetime | None:
    return None if value is None else instant(value)
