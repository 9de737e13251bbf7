"""The numbered steps from bytes to a report.

`examine` (all of it local):

1. format          the bytes are a credential of a format that is verified here
2. organisation    the issuer it names is on the list of issuers, and has the key that it names
3. signature       holds with that key, under an allowed algorithm
4. organisation    the key was good at the time of issue; certificates that came along agree; no test identifiers
5. permission      the organisation could issue this type about this school at that time
6. holder binding  proven for our audience and nonce, required or not by policy, never by what arrived
7. schema          what was received follows the rules of its type
8. validity        now lies within the dates

`complete` (asks for status lists):

9. status          neither revoked nor suspended; what cannot be looked at is undecided

`conclude`:

10. request        everything that was asked for is there

A step that fails never ends the report: what depends on it is skipped and says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.catalogue import Catalogue, DocumentDefinition
from schemas.education.forms import FormDefinition, school_code_of
from tegata.errors import CryptographyFailed, Forbidden, MalformedInput, TegataError, Text
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    NotValidNow,
    SignatureRefused,
    Verified,
)
from tegata.formats.mdoc.session import openid4vp_transcript
from tegata.formats.vc_jwt import OldFormRefused
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity import trust_list as lists
from tegata.identity.trust_list import ListedKey, ListTooOld, TrustedOrganisation, UnknownOrganisation
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC, Query
from verifier.oid4vp.evaluation import Presented, Reason, evaluate
from verifier.verification import issuers, texts
from verifier.verification.detecting import UnknownFormat
from verifier.verification.documents import check_content, claims_of, document_of
from verifier.verification.formats import open_credentials
from verifier.verification.forms import check_form, claims_of_form, form_of, title_of, types_of_form
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.mobile import in_words
from verifier.verification.opened import Contexts, Opened
from verifier.verification.policy import Policy
from verifier.verification.report import (
    Binding,
    Check,
    CheckName,
    CredentialReport,
    Issuer,
    Outcome,
    Report,
)
from verifier.verification.status import Circumstances, StatusLists, check_status

#: By format: what says that the issuer's signature has to hold, and the holder's.
_CLAUSES = {
    LDP_VC: ("VC Data Integrity 1.0 §4.4", "OID4VP 1.0 §B.1.3.2"),
    SD_JWT_VC: ("RFC 9901 §7.1", "RFC 9901 §7.3"),
    MSO_MDOC: ("ISO/IEC 18013-5 §9.1.2.4", "OID4VP 1.0 §B.2.6"),
    Legacy.VC_JWT: ("VCDM 1.1 §6.3.1", "VCDM 1.1 §6.3.1"),
}
_REFUSALS: Mapping[type[TegataError], Text] = {
    UnknownFormat: texts.FORMAT_UNSUPPORTED,
    OldFormRefused: texts.FORMAT_OLD,
}
UNKNOWN_TITLE = Text("種類の分からない証明書", "A certificate of an unknown type")


@dataclass(frozen=True, slots=True)
class Sources:
    """What a verification stands on. Without a snapshot there is no list of issuers, and nothing can be decided."""

    snapshot: TrustSnapshot | None
    catalogue: Catalogue
    contexts: Contexts


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a holder's proof has to be made for; none when a file is checked.

    `response_uri` and `encryption_thumbprint` (of the key that the answer was encrypted to, RFC 7638; None for a plain one)
    are signed by the devices of mobile documents alone.
    """

    nonce: str
    audience: str
    response_uri: str = ""
    encryption_thumbprint: bytes | None = None

    def transcript(self) -> bytes:
        """Return the session transcript (OID4VP 1.0 §B.2.6.1)."""
        return openid4vp_transcript(self.audience, self.nonce, self.response_uri, self.encryption_thumbprint)


@dataclass(slots=True)
class Examination:
    """The report on one credential while it is written; `checks` holds each check once."""

    query: str
    format: str
    opened: Opened | None = None
    verified: Verified | None = None
    organisation: TrustedOrganisation | None = None
    document: DocumentDefinition | None = None
    form: FormDefinition | None = None
    checks: dict[CheckName, Check] = field(default_factory=dict)

    def note(
        self, name: CheckName, outcome: Outcome, reason: Text, clause: str = "", **evidence: str
    ) -> None:
        """Write one check; a check that failed stays failed."""
        before = self.checks.get(name)
        if before is None or before.outcome is not Outcome.FAILED:
            self.checks[name] = Check(name, outcome, reason, clause, evidence)

    def has(self, name: CheckName, outcome: Outcome) -> bool:
        """Whether the check was made and ended so."""
        found = self.checks.get(name)
        return found is not None and found.outcome is outcome

    def skip_rest(self, reason: Text) -> None:
        """Say of every check not yet made why it is not."""
        for name in CheckName:
            if name is not CheckName.REQUEST and name not in self.checks:
                self.checks[name] = Check(name, Outcome.SKIPPED, reason)

    @property
    def holder_proof_failed(self) -> bool:
        """Whether an answer to somebody else, or by somebody else, was presented: to be refused (OID4VP 1.0 §14.2)."""
        return self.has(CheckName.HOLDER_BINDING, Outcome.FAILED)


def examine(
    data: bytes,
    format_name: str,
    query: str,
    *,
    sources: Sources,
    policy: Policy,
    challenge: Challenge | None,
    now: datetime,
) -> tuple[Examination, ...]:
    """Make every check that needs no network on one presentation or file; at least one examination comes back."""
    try:
        opened = open_credentials(data, format_name, sources.contexts, legacy=policy.legacy)
    except (MalformedInput, CryptographyFailed, OldFormRefused) as error:
        failed = Examination(query, format_name)
        reason = _REFUSALS.get(type(error), texts.FORMAT_FAILED)
        failed.note(CheckName.FORMAT, Outcome.FAILED, reason, error.clause, problem=error.kind)
        failed.skip_rest(texts.NOT_CHECKED_FORMAT)
        return (failed,)
    found = []
    for item in opened:
        examination = Examination(query, item.format, opened=item)
        examination.note(CheckName.FORMAT, Outcome.PASSED, texts.FORMAT_PASSED, format=item.format)
        _examine_one(examination, item, sources, policy, challenge, now)
        found.append(examination)
    return tuple(found)


def _examine_one(
    examination: Examination,
    opened: Opened,
    sources: Sources,
    policy: Policy,
    challenge: Challenge | None,
    now: datetime,
) -> None:
    snapshot = sources.snapshot
    if snapshot is None:
        _no_key(examination, Outcome.UNDECIDED, texts.ORGANISATION_NO_LIST)
        return
    keys = _find_keys(examination, opened, snapshot)  # 2
    if not keys:
        return
    key = _check_signature(examination, opened, keys, policy, challenge, now)  # 3, and 6 where it belongs
    verified, organisation = examination.verified, examination.organisation
    if key is None or verified is None or organisation is None:
        return
    _check_organisation(examination, opened, snapshot, organisation, key, verified, policy, now)  # 4
    examination.document = document_of(sources.catalogue, verified)
    if verified.format == MSO_MDOC:
        verified = examination.verified = in_words(examination.document, verified)
    examination.form = form_of(verified)
    _check_permission(examination, snapshot, organisation, verified, sources.catalogue)  # 5
    _check_binding(examination, opened, verified, policy, challenge)  # 6
    if examination.form is None:
        check_content(examination.note, examination.document, verified, opened.check_type)  # 7
    else:
        check_form(examination.note, examination.form, verified)
    _check_validity(examination, verified, policy, now)  # 8


def _no_key(examination: Examination, outcome: Outcome, reason: Text, **evidence: str) -> None:
    """Close the report where no key can be had: the issuer is the cause, the signature stays open."""
    examination.note(CheckName.ORGANISATION, outcome, reason, **evidence)
    if outcome is Outcome.UNDECIDED:
        examination.note(CheckName.SIGNATURE, Outcome.UNDECIDED, texts.SIGNATURE_NO_KEY)
    examination.skip_rest(texts.NOT_CHECKED_ISSUER)


def _find_keys(examination: Examination, opened: Opened, snapshot: TrustSnapshot) -> tuple[ListedKey, ...]:
    identifier = issuers.claimed_issuer(opened)
    evidence = {"issuer": identifier[:200], "trust_list": str(snapshot.trust_list.sequence)}
    try:
        organisation = lists.organisation_of(snapshot.trust_list, identifier)
    except UnknownOrganisation:
        _no_key(examination, Outcome.FAILED, texts.ORGANISATION_UNKNOWN, **evidence)
        return ()
    examination.organisation = organisation
    keys = issuers.candidates(organisation, opened.key_reference, issuers.uses_for(opened))
    if not keys:
        _no_key(examination, Outcome.FAILED, texts.ORGANISATION_NO_KEY, **evidence)
    return keys


def _check_signature(
    examination: Examination,
    opened: Opened,
    keys: Sequence[ListedKey],
    policy: Policy,
    challenge: Challenge | None,
    now: datetime,
) -> ListedKey | None:
    """Verify with each candidate; returns the key that holds. A proof that fails alone fails check 6 alone."""
    expected = Expected(
        nonce=challenge.nonce if challenge else None,
        audience=challenge.audience if challenge else None,
        transcript=challenge.transcript() if challenge else None,
        holder_binding_required=False,
        max_proof_age=policy.max_proof_age,
        clock_skew=policy.clock_skew,
    )
    proof = challenge is not None and opened.has_proof
    problem: TegataError = SignatureRefused("no candidate holds")
    for key in keys:
        verifying = opened.verifying
        try:
            try:
                verified = verifying(key.key, policy.algorithms, now=now, expected=expected, proof=proof)
            except HolderBindingRefused as error:
                # The issuer's signature held: the proof was looked at after it.
                verified = verifying(key.key, policy.algorithms, now=now, expected=expected, proof=False)
                examination.note(CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_FAILED, error.clause)
        except FormatRefused as error:
            examination.checks[CheckName.FORMAT] = Check(
                CheckName.FORMAT, Outcome.FAILED, texts.FORMAT_FAILED, error.clause, {"problem": error.kind}
            )
            examination.skip_rest(texts.NOT_CHECKED_FORMAT)
            return None
        except (CryptographyFailed, MalformedInput) as error:
            problem = error
            continue
        examination.verified = verified
        evidence = {"algorithm": verified.algorithm, "key": key.key.key_id, "use": key.use.value}
        examination.note(
            CheckName.SIGNATURE, Outcome.PASSED, texts.SIGNATURE_PASSED, _clause(opened), **evidence
        )
        return key
    examination.note(CheckName.SIGNATURE, Outcome.FAILED, texts.SIGNATURE_FAILED, problem.clause)
    examination.skip_rest(texts.NOT_CHECKED_SIGNATURE)
    return None


def _clause(opened: Opened) -> str:
    return _CLAUSES.get(opened.format, ("VC-JOSE-COSE §5", ""))[0]


def issue_time(verified: Verified, now: datetime) -> datetime:
    """Return the instant at which trust is judged: the signing time in the instance, else its start, else now."""
    return verified.issued_at or verified.valid_from or now


def _check_organisation(
    examination: Examination,
    opened: Opened,
    snapshot: TrustSnapshot,
    organisation: TrustedOrganisation,
    key: ListedKey,
    verified: Verified,
    policy: Policy,
    now: datetime,
) -> None:
    at = issue_time(verified, now)
    trust_list = snapshot.trust_list
    evidence = {
        "issuer": organisation.identifier,
        "trust_list": str(trust_list.sequence),
        "list_issued_at": trust_list.issued_at.isoformat(),
    }
    name = CheckName.ORGANISATION
    if organisation.is_test and not policy.accepts_test_identifiers:
        examination.note(name, Outcome.FAILED, texts.ORGANISATION_TEST, **evidence)
        return
    try:
        issuers.check_key(snapshot, organisation, key, at)
    except Forbidden as error:
        examination.note(name, Outcome.FAILED, texts.ORGANISATION_KEY_NOT_GOOD, error.clause, **evidence)
        return
    try:
        issuers.check_certificates(snapshot, organisation, key, opened.key_reference.certificates, at)
    except CryptographyFailed as error:
        examination.note(name, Outcome.FAILED, texts.ORGANISATION_CERTIFICATE, error.clause, **evidence)
        return
    try:
        trust_list.check_fresh(now)
    except ListTooOld:
        examination.note(name, Outcome.UNDECIDED, texts.ORGANISATION_STALE_LIST, **evidence)
        return
    examination.note(name, Outcome.PASSED, texts.ORGANISATION_PASSED, **evidence)


def _check_permission(
    examination: Examination,
    snapshot: TrustSnapshot,
    organisation: TrustedOrganisation,
    verified: Verified,
    catalogue: Catalogue,
) -> None:
    name = CheckName.PERMISSION
    if not examination.has(CheckName.ORGANISATION, Outcome.PASSED):
        undecided = examination.has(CheckName.ORGANISATION, Outcome.UNDECIDED)
        reason = texts.ORGANISATION_STALE_LIST if undecided else texts.NOT_CHECKED_BEFORE
        examination.note(name, Outcome.UNDECIDED if undecided else Outcome.SKIPPED, reason)
        return
    document, form = examination.document, examination.form
    if form is not None:
        document_types = types_of_form(form, verified, catalogue)
    else:
        document_types = (document.vct,) if document is not None else verified.types[:1]
    code = _school_code(verified) if form is None else school_code_of(verified.raw)
    school = issuers.school_of(snapshot.trust_list, organisation, code)
    at = issue_time(verified, snapshot.trust_list.issued_at)
    evidence = {"type": " ".join(document_types), "school": school, "at": at.isoformat()}
    right = issuers.right_to_one_of(organisation, document_types, school, at)
    if right is None:
        examination.note(name, Outcome.FAILED, texts.PERMISSION_FAILED, **evidence)
        return
    passed = texts.PERMISSION_PASSED_CUSTODIAN if right.as_custodian else texts.PERMISSION_PASSED
    examination.note(name, Outcome.PASSED, passed, **evidence)


def _school_code(verified: Verified) -> str:
    school = verified.claims.get("school")
    code = school.get("code") if isinstance(school, Mapping) else None
    return code if isinstance(code, str) else ""


def _check_binding(
    examination: Examination,
    opened: Opened,
    verified: Verified,
    policy: Policy,
    challenge: Challenge | None,
) -> None:
    name = CheckName.HOLDER_BINDING
    if verified.holder_key is None:
        if policy.accepts_unbound:
            examination.note(name, Outcome.SKIPPED, texts.BINDING_UNBOUND)
        else:
            examination.note(name, Outcome.FAILED, texts.BINDING_UNBOUND_REFUSED)
    elif verified.holder_proven:
        examination.note(name, Outcome.PASSED, texts.BINDING_PASSED, _binding_clause(opened))
    elif policy.requires_holder_binding:
        examination.note(name, Outcome.FAILED, texts.BINDING_MISSING, _binding_clause(opened))
    elif challenge is None:
        examination.note(name, Outcome.SKIPPED, texts.BINDING_NOT_ASKED)
    else:
        examination.note(name, Outcome.SKIPPED, texts.BINDING_MISSING)


def _binding_clause(opened: Opened) -> str:
    return _CLAUSES.get(opened.format, ("", "VCDM 2.0 §4.13"))[1]


def _check_validity(examination: Examination, verified: Verified, policy: Policy, now: datetime) -> None:
    try:
        verified.check_validity(now, policy.clock_skew)
    except NotValidNow as error:
        is_early = verified.valid_from is not None and now < verified.valid_from
        reason = texts.VALIDITY_NOT_YET if is_early else texts.VALIDITY_EXPIRED
        examination.note(CheckName.VALIDITY, Outcome.FAILED, reason, error.clause)
        return
    passed = texts.VALIDITY_PASSED if verified.valid_until is not None else texts.VALIDITY_PASSED_OPEN
    examination.note(CheckName.VALIDITY, Outcome.PASSED, passed)


def complete(
    examination: Examination, *, sources: Sources, policy: Policy, status_lists: StatusLists, now: datetime
) -> None:
    """Make the check that may need the network: 9, status. Only after the organisation is believed."""
    if CheckName.STATUS in examination.checks:
        return
    verified, organisation, snapshot = examination.verified, examination.organisation, sources.snapshot
    believed = not examination.has(CheckName.ORGANISATION, Outcome.FAILED)
    if verified is None or organisation is None or snapshot is None or not believed:
        examination.note(CheckName.STATUS, Outcome.SKIPPED, texts.NOT_CHECKED_BEFORE)
        return
    circumstances = Circumstances(
        organisation, snapshot, status_lists, sources.contexts, policy.algorithms, now
    )
    examination.checks[CheckName.STATUS] = check_status(verified, examination.document, circumstances)


def conclude(
    examinations: Sequence[Examination], query: Query | None, *, sources: Sources, now: datetime
) -> Report:
    """Write the report: every credential, and whether together they are what was asked for (10)."""
    snapshot = sources.snapshot
    return Report(
        credentials=tuple(_credential_report(examination) for examination in examinations),
        request=None if query is None else _check_request(examinations, query),
        verified_at=now.replace(microsecond=0),
        trust_list="" if snapshot is None else str(snapshot.trust_list.sequence),
    )


def _check_request(examinations: Sequence[Examination], query: Query) -> Check:
    presented: dict[str, list[Presented]] = {}
    for item in examinations:
        if item.verified is None:
            continue
        verified = item.verified
        # A proof that is missing or does not hold is check 6's finding, and is not told twice.
        proven = verified.holder_proven or item.has(CheckName.HOLDER_BINDING, Outcome.FAILED)
        one = Presented(item.format, verified.types, verified.raw, proven)
        presented.setdefault(item.query, []).append(one)
    shortfalls = evaluate(query, presented)
    name, clause = CheckName.REQUEST, "OID4VP 1.0 §6.4"
    if not shortfalls:
        return Check(name, Outcome.PASSED, texts.REQUEST_PASSED, clause)
    unread = [item for item in examinations if item.verified is None]
    if unread and all(fall.reason in _CONSEQUENCES for fall in shortfalls):
        if any(item.has(CheckName.SIGNATURE, Outcome.UNDECIDED) for item in unread):
            return Check(name, Outcome.UNDECIDED, texts.REQUEST_UNDECIDED, clause)
        return Check(name, Outcome.SKIPPED, texts.NOT_CHECKED_BEFORE, clause)
    evidence = {
        f"{index}": f"{fall.query}: {fall.reason.value} {'/'.join(map(str, fall.path))}".strip()
        for index, fall in enumerate(shortfalls[:20], 1)
    }
    return Check(name, Outcome.FAILED, texts.REQUEST_FAILED, clause, evidence)


#: What is missing only because what came could not be verified.
_CONSEQUENCES = frozenset({Reason.NOTHING_PRESENTED, Reason.SET_INCOMPLETE})


def _credential_report(examination: Examination) -> CredentialReport:
    verified, organisation, document = examination.verified, examination.organisation, examination.document
    claims, title = _said(examination)
    binding = Binding.NOT_PROVEN
    if verified is not None:
        if verified.holder_key is None:
            binding = Binding.NOT_BOUND
        elif examination.has(CheckName.HOLDER_BINDING, Outcome.PASSED):
            binding = Binding.PROVEN
    return CredentialReport(
        query=examination.query,
        format=examination.format,
        document="" if document is None else document.name,
        title=title,
        issuer=None if organisation is None or verified is None else _issuer(organisation),
        claims=claims,
        issued_at=None if verified is None else verified.issued_at,
        valid_from=None if verified is None else verified.valid_from,
        valid_until=None if verified is None else verified.valid_until,
        binding=binding,
        checks=tuple(examination.checks[name] for name in CheckName if name in examination.checks),
    )


def _said(examination: Examination) -> tuple[Mapping[str, Any], Text]:
    """Return what a credential says, and what it is called."""
    verified, document, form = examination.verified, examination.document, examination.form
    if verified is None:
        return {}, UNKNOWN_TITLE
    if form is not None:
        return claims_of_form(form, verified.raw), title_of(form, verified)
    return claims_of(verified), UNKNOWN_TITLE if document is None else document.title


def _issuer(organisation: TrustedOrganisation) -> Issuer:
    return Issuer(
        identifier=organisation.identifier,
        names=organisation.names,
        establisher=organisation.establisher,
        corporate_number=organisation.corporate_number,
        school_code=organisation.school_code,
        is_test=organisation.is_test,
    )
