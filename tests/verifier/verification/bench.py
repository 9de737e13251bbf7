"""One credential, presented well, and everything around it replaceable: what each test changes is what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import catalogue
from tegata.codec import base64url, json
from tegata.errors import Unavailable
from tegata.formats import data_integrity, mdoc, sd_jwt_vc
from tegata.formats.credential import ClaimPath, Document
from tegata.formats.mdoc.session import openid4vp_transcript
from tegata.identity import trust_list_format
from tegata.identity.certificates import KeyUse
from tegata.identity.trust_list import TrustedOrganisation
from tegata.keys.software import SoftwareSigner
from tests.simulators.issuer import Scheme, School
from verifier.offline import FixedList
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC, Query
from verifier.oid4vp.response import Presentation
from verifier.requests.expansion import expand
from verifier.requests.templates import DocumentRequest, Item
from verifier.verification.assessing import Assessor
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.policy import Policy
from verifier.verification.report import Check, CheckName, Outcome, Report
from verifier.verification.service import Challenge
from verifier.verification.status import Fetched

SCHOOL = "https://issuer.example/s/abc"
NONCE, AUDIENCE = "n" * 43, "x509_hash:verifier"
RESPONSE_URI, THUMBPRINT = "https://verifier.example/response/1", b"t" * 32
CLAIMS: tuple[ClaimPath, ...] = (("family_name",), ("birthdate",), ("school",), ("graduation_date",))
POLICY = Policy(accepts_test_identifiers=True)
DAY = timedelta(days=1)


@dataclass
class Lists:
    """Status lists by address, as they were fetched."""

    found: dict[str, Fetched] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def get(self, uri: str, _accept: str, _now: datetime) -> Fetched:
        if uri not in self.found:
            raise Unavailable("not there")
        return self.found[uri]

    def unusable(self, uri: str, _now: datetime) -> None:
        self.unused.append(uri)


@dataclass
class Bench:
    """A school, its entry on the list, and a verifier in memory."""

    scheme: Scheme
    school: School
    entry: TrustedOrganisation
    now: datetime
    format: str
    holder: SoftwareSigner
    lists: Lists
    policy: Policy = POLICY
    list_age: timedelta = timedelta()
    has_list: bool = True
    claims: tuple[ClaimPath, ...] = CLAIMS
    paths: tuple[ClaimPath, ...] = CLAIMS
    document_name: str = "graduation"
    others: tuple[TrustedOrganisation, ...] = ()

    @classmethod
    def set_up(cls, format_name: str) -> "Bench":
        now = datetime.now(UTC)
        scheme = Scheme.start(now)
        use = KeyUse.MDOC_DS if format_name == MSO_MDOC else KeyUse.COPY
        school = School.enrol(scheme, SCHOOL, now, use=use)
        bench = cls(scheme, school, school.trusted(), now, format_name, SoftwareSigner.generate(), Lists())
        bench.publish()
        return bench

    @property
    def is_w3c(self) -> bool:
        return self.format == LDP_VC

    @property
    def is_mobile(self) -> bool:
        return self.format == MSO_MDOC

    def publish(self, fetched_at: datetime | None = None, **bodies: bytes) -> None:
        """Put the lists where the credential says; `bodies` replace them by their last path segment."""
        usual = {
            "status": self.school.status_cwt() if self.is_mobile else self.school.status_token(),
            "revocation": self.school.bitstring("revocation"),
            "suspension": self.school.bitstring("suspension"),
        }
        for name, body in (usual | bodies).items():
            self.lists.found[f"{SCHOOL}/{name}"] = Fetched(body, fetched_at or self.now, timedelta(hours=12))

    def document(self, **changes: Any) -> Document:
        return self.school.document(self.document_name, **changes)

    def seal(
        self, document: Document | None = None, signer: SoftwareSigner | None = None, *, is_bound: bool = True
    ) -> bytes:
        holder = self.holder.public_key if is_bound else None
        make = self.school.w3c if self.is_w3c else self.school.sd_jwt_vc
        if self.is_mobile:
            make = self.school.mobile
        return make(document or self.document(), holder, signer)

    def present(
        self,
        sealed: bytes | None = None,
        *,
        nonce: str = NONCE,
        audience: str = AUDIENCE,
        signer: SoftwareSigner | None = None,
        made_at: datetime | None = None,
        with_proof: bool = True,
    ) -> bytes:
        sealed = sealed if sealed is not None else self.seal()
        by = signer or self.holder
        at = made_at or self.now
        if self.is_mobile:
            return self._response(sealed, by if with_proof else None, nonce, audience)
        if not self.is_w3c:
            return sd_jwt_vc.present(
                sealed, self.paths, by if with_proof else None, audience=audience, nonce=nonce, now=at
            )
        if not with_proof:
            return sealed
        presentation = data_integrity.present(
            (json.loads(sealed),), by, challenge=nonce, domain=audience, now=at, contexts=catalogue.contexts()
        )
        return json.dumps(presentation)

    def _response(self, sealed: bytes, by: SoftwareSigner | None, nonce: str, audience: str) -> bytes:
        if by is None:
            return base64url.encode(sealed).encode("ascii")
        found = catalogue.load().get(self.document_name).mdoc
        assert found is not None
        elements = [
            (element.namespace, element.identifier)
            for path in (*self.paths, ("date_of_issuance",))
            for element in found.of_claim(str(path[0]))
        ]
        transcript = openid4vp_transcript(audience, nonce, RESPONSE_URI, THUMBPRINT)
        shown = mdoc.present(sealed, elements, by, transcript=transcript)
        return base64url.encode(shown).encode("ascii")

    @property
    def query(self) -> Query:
        items = (Item((DocumentRequest(self.document_name, self.claims),)),)
        return expand(items, catalogue.load(), (self.format,))

    def report(self, presented: bytes | None = None, query: Query | None = None) -> Report:
        """Verify a presentation as an answer to the query."""
        query = query or self.query
        data: str | Mapping[str, Any]
        raw = presented if presented is not None else self.present()
        data = json.loads(raw) if self.is_w3c else raw.decode("utf-8")
        challenge = Challenge(NONCE, AUDIENCE, RESPONSE_URI, THUMBPRINT)
        assessor = self.assessor()
        answer = (Presentation(query.credentials[0], data),)
        return assessor.report(assessor.examine_answer(answer, challenge, self.now), query, self.now)

    def assessor(self) -> Assessor:
        snapshot = None
        if self.has_list:
            compact = self.scheme.trust_list(self.entry, *self.others, now=self.now - self.list_age)
            anchors = self.scheme.anchors
            snapshot = TrustSnapshot(trust_list_format.load(compact, anchors=anchors, now=self.now), anchors)
        return Assessor(FixedList(snapshot), self.lists, catalogue.load(), catalogue.contexts(), self.policy)

    def relist(self, **changes: Any) -> None:
        """Change the school's entry on the list."""
        self.entry = replace(self.entry, **changes)


def checks(report: Report) -> dict[CheckName, Check]:
    return {check.name: check for check in report.all_checks()}


def not_passed(report: Report) -> dict[CheckName, Outcome]:
    """Return the checks that failed or are open; skipped ones only say that another did not pass."""
    open_or_failed = {Outcome.FAILED, Outcome.UNDECIDED}
    return {check.name: check.outcome for check in report.all_checks() if check.outcome in open_or_failed}


FORMATS = (SD_JWT_VC, LDP_VC, MSO_MDOC)
