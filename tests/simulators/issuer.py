"""An issuing ecosystem with real keys, certificates, trust lists, credentials and status lists, over real HTTP.

Not our issuer: the verifier's tests need one that can also do everything wrong, one thing at a time.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from schemas import catalogue
from schemas.catalogue import DocumentDefinition
from tegata.codec import json
from tegata.errors import Text
from tegata.formats import data_integrity, mdoc, sd_jwt_vc
from tegata.formats.credential import Document, MdocElement, MdocNames, StatusReference, TypeNames
from tegata.identity import certificates, trust_list_format
from tegata.identity.certificates import KeyUse, OrganisationSubject
from tegata.identity.did import did_web
from tegata.identity.trust_list import ListedKey, Right, TrustedOrganisation, TrustList
from tegata.keys.signer import PublicKey
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Entries, Status

CORPORATE_NUMBER = "7000020009997"
SCHOOL_CODE = "D100299999903"
YEAR = timedelta(days=365)


def sample_claims(name: str) -> dict[str, Any]:
    """Return the claims of the sample of a document type."""
    found: dict[str, Any] = json.loads((catalogue.DATA / name / "sample.json").read_bytes())
    return found


@dataclass
class LoopbackServer:
    """Serves what stands in `pages` (path → media type and body), and counts who asked."""

    origin: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    post_status: int = 200


@contextmanager
def loopback_server() -> Iterator[LoopbackServer]:
    """Run a server on a free port of this machine."""
    state = LoopbackServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            etag = self.headers.get("if-none-match", "")
            state.asked.append((self.path, etag))
            kind, body = state.pages.get(self.path, ("", b""))
            extra = state.headers.get(self.path, {})
            status = 200 if kind else 404
            if etag and etag == extra.get("ETag"):
                status, body = 304, b""
            self._send(status, kind or "text/plain", body, extra)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            state.posted.append((self.path, dict(self.headers.items()), body))
            self._send(state.post_status, "text/plain", b"", {})

        def _send(self, status: int, kind: str, body: bytes, extra: Mapping[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in extra.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.origin = f"http://localhost:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Scheme:
    """The operator: root, intermediate, the key that signs lists."""

    root: SoftwareSigner
    root_certificate: bytes
    intermediate: SoftwareSigner
    intermediate_certificate: bytes
    list_signer: SoftwareSigner
    started_at: datetime
    iaca: SoftwareSigner
    iaca_certificate: bytes

    @classmethod
    def start(cls, now: datetime) -> "Scheme":
        """Make all keys and certificates; they are a day older than `now`."""
        at = now - timedelta(days=1)
        root, intermediate = SoftwareSigner.generate(), SoftwareSigner.generate()
        anchor = certificates.self_signed_root(
            root, "例示ルート", now=at, valid_for=10 * YEAR, random=secrets.token_bytes
        )
        middle = certificates.issue(
            KeyUse.INTERMEDIATE,
            OrganisationSubject("例示中間"),
            intermediate.public_key,
            issuer=root,
            issuer_certificate=anchor,
            now=at,
            valid_for=5 * YEAR,
            random=secrets.token_bytes,
        )
        iaca = SoftwareSigner.generate()
        top = certificates.self_signed_iaca(
            iaca,
            "例示 IACA",
            now=at,
            valid_for=10 * YEAR,
            uri="https://operator.example",
            random=secrets.token_bytes,
        )
        scheme = cls(root, anchor, intermediate, middle, SoftwareSigner.generate(), at, iaca, top)
        return replace(scheme, list_signer=scheme.certify(scheme.list_signer, KeyUse.TRUST_LIST))

    @property
    def anchors(self) -> tuple[bytes, ...]:
        return (self.root_certificate,)

    def certify(
        self,
        signer: SoftwareSigner,
        use: KeyUse,
        *,
        uris: tuple[str, ...] = (),
        dns_names: tuple[str, ...] = (),
        school: str = "",
        code: str = "",
        days: int = 360,
    ) -> SoftwareSigner:
        """Return the signer with a chain: leaf, intermediate."""
        organisation = OrganisationSubject("例示県", CORPORATE_NUMBER, school, code)
        is_mobile = use is KeyUse.MDOC_DS
        leaf = certificates.issue(
            use,
            OrganisationSubject("例示運営者") if use is KeyUse.TRUST_LIST else organisation,
            signer.public_key,
            issuer=self.iaca if is_mobile else self.intermediate,
            issuer_certificate=self.iaca_certificate if is_mobile else self.intermediate_certificate,
            now=self.started_at,
            valid_for=timedelta(days=days),
            uris=uris,
            dns_names=dns_names,
            random=secrets.token_bytes,
        )
        return signer.with_certificates((leaf,) if is_mobile else (leaf, self.intermediate_certificate))

    def trust_list(self, *organisations: TrustedOrganisation, now: datetime, sequence: int = 1) -> bytes:
        """Return a signed list."""
        found = TrustList(
            sequence,
            now,
            now + timedelta(days=7),
            Text("例示運営者", "Example operator"),
            organisations,
            (self.iaca_certificate,),
        )
        return trust_list_format.build(found, self.list_signer).encode("ascii")

    def request_certificate(self, request_pem: bytes, host: str = "localhost") -> bytes:
        """Certify the key of a certificate request for signing requests; returns PEM, leaf first."""
        from cryptography import x509  # noqa: PLC0415  used here alone
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

        der = x509.load_pem_x509_csr(request_pem).public_bytes(Encoding.DER)
        leaf = certificates.issue(
            KeyUse.REQUEST_SIGNING,
            OrganisationSubject("例示大学", CORPORATE_NUMBER),
            certificates.key_of_request(der),
            issuer=self.intermediate,
            issuer_certificate=self.intermediate_certificate,
            now=self.started_at,
            valid_for=timedelta(days=360),
            dns_names=(host,),
            random=secrets.token_bytes,
        )
        return certificates.to_pem((leaf, self.intermediate_certificate))


@dataclass
class School:
    """One issuing school: keys, rights, and its status list."""

    scheme: Scheme
    identifier: str
    document_signer: SoftwareSigner
    status_signer: SoftwareSigner
    now: datetime
    code: str = SCHOOL_CODE
    use: KeyUse = KeyUse.COPY
    entries: Entries = field(
        default_factory=lambda: Entries.unallocated().changed(dict.fromkeys(range(100), Status.VALID))
    )

    @classmethod
    def enrol(
        cls,
        scheme: Scheme,
        identifier: str,
        now: datetime,
        code: str = SCHOOL_CODE,
        use: KeyUse = KeyUse.COPY,
    ) -> "School":
        """Make and certify the school's keys; `use` is what its document key is for."""
        names = {"uris": (identifier,), "school": "例示県立みらい台高等学校", "code": code}
        document = scheme.certify(SoftwareSigner.generate(), use, **names)  # type: ignore[arg-type]
        status = scheme.certify(SoftwareSigner.generate(), KeyUse.STATUS, **names)  # type: ignore[arg-type]
        return cls(scheme, identifier, document, status, now, code, use)

    @property
    def did(self) -> str:
        return did_web(self.identifier)

    @property
    def base(self) -> str:
        """Where the lists are published; the same server as the identifier's."""
        return self.identifier

    def trusted(self, **changes: Any) -> TrustedOrganisation:
        """Return the entry of the trust list; `changes` replace parts of it."""
        begin = self.scheme.started_at
        rights = tuple(Right(item.vct, self.identifier, begin) for item in catalogue.load().documents)
        found = TrustedOrganisation(
            identifier=self.identifier,
            did=self.did,
            names=Text("例示県立みらい台高等学校", "Miraidai High School"),
            establisher="例示県",
            corporate_number=CORPORATE_NUMBER,
            school_code=self.code,
            board_code="",
            is_test=True,
            keys=(
                ListedKey(self.document_signer.public_key, self.use, begin),
                ListedKey(self.status_signer.public_key, KeyUse.STATUS, begin),
            ),
            rights=rights,
        )
        return replace(found, **changes)

    def document(
        self, name: str, index: int | None = 0, claims: Mapping[str, Any] | None = None, **changes: Any
    ) -> Document:
        """Return a document of the catalogue with its sample's claims."""
        definition = catalogue.load().get(name)
        status = None
        if index is not None:
            status = StatusReference(
                index, f"{self.base}/status", f"{self.base}/revocation", f"{self.base}/suspension"
            )
        found = Document(
            issuer=self.identifier,
            issuer_did=self.did,
            issuer_name={"ja": "例示県立みらい台高等学校", "en": "Miraidai High School"},
            names=type_names(definition),
            claims=sample_claims(name) if claims is None else claims,
            valid_from=(self.now - timedelta(hours=1)).replace(microsecond=0),
            status=status,
            mdoc=mdoc_names(definition),
        )
        return replace(found, **changes)

    def sd_jwt_vc(
        self, document: Document, holder: PublicKey | None, signer: SoftwareSigner | None = None
    ) -> bytes:
        """Seal a document as SD-JWT VC."""
        prepared = sd_jwt_vc.prepare(document, holder, secrets.token_bytes, self.now)
        return sd_jwt_vc.seal(prepared, signer or self.document_signer)

    def w3c(
        self, document: Document, holder: PublicKey | None, signer: SoftwareSigner | None = None
    ) -> bytes:
        """Seal a document as W3C VC with a Data Integrity proof."""
        contexts = catalogue.contexts()
        prepared = data_integrity.prepare(document, holder, secrets.token_bytes, self.now, contexts)
        return data_integrity.seal(prepared, signer or self.document_signer)

    def mobile(
        self, document: Document, holder: PublicKey | None, signer: SoftwareSigner | None = None
    ) -> bytes:
        """Seal a document as ISO mdoc; a document without an end is given one."""
        if document.valid_until is None:
            document = replace(document, valid_until=document.valid_from + timedelta(days=300))
        prepared = mdoc.prepare(document, holder, secrets.token_bytes, self.now)
        return mdoc.seal(prepared, signer or self.document_signer)

    def set_status(self, index: int, status: Status) -> None:
        """Change one entry; publish afterwards."""
        self.entries = self.entries.changed({index: status})

    def status_cwt(self, *, uri: str = "", signer: SoftwareSigner | None = None, **times: Any) -> bytes:
        """Return the list as a signed CWT."""
        period = {
            "issued_at": self.now - timedelta(minutes=1),
            "expires_at": self.now + timedelta(days=1),
            "ttl": timedelta(hours=1),
        } | times
        return status_list_cwt.sign(
            self.entries, uri=uri or f"{self.base}/status", signer=signer or self.status_signer, **period
        )

    def status_token(self, *, uri: str = "", signer: SoftwareSigner | None = None, **times: Any) -> bytes:
        """Return the list as a signed token."""
        period = {
            "issued_at": self.now - timedelta(minutes=1),
            "expires_at": self.now + timedelta(days=1),
            "ttl": timedelta(hours=1),
        } | times
        compact = token_status_list.sign(
            self.entries, uri=uri or f"{self.base}/status", signer=signer or self.status_signer, **period
        )
        return compact.encode("ascii")

    def bitstring(
        self, purpose: str, *, url: str = "", signer: SoftwareSigner | None = None, **times: Any
    ) -> bytes:
        """Return the list for one purpose as a W3C credential."""
        by = signer or self.status_signer
        created = self.now - timedelta(minutes=1)
        period = {"valid_from": created, "valid_until": self.now + timedelta(days=1)} | times

        def secure(credential: dict[str, Any]) -> dict[str, Any]:
            method = f"{self.did}#{by.public_key.key_id}"
            return data_integrity.secure(
                credential, by, method, created.replace(microsecond=0), catalogue.contexts()
            )

        document = bitstring_status_list.publish(
            self.entries,
            purpose,
            secure,
            url=url or f"{self.base}/{purpose}",
            issuer=self.did,
            ttl=timedelta(hours=1),
            **{name: value.replace(microsecond=0) for name, value in period.items()},
        )
        return json.dumps(document)

    def publish(self, server: LoopbackServer) -> None:
        """Put every rendering of the list on the server."""
        path = self.identifier.removeprefix(server.origin)
        server.pages[f"{path}/status"] = (token_status_list.MEDIA_TYPE, self.status_token())
        for purpose in (bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION):
            server.pages[f"{path}/{purpose}"] = ("application/vc", self.bitstring(purpose))


def type_names(definition: DocumentDefinition) -> TypeNames:
    """Return what formats need of a definition."""
    return TypeNames(
        vct=definition.vct,
        vct_integrity=definition.vct_integrity,
        contexts=definition.contexts,
        types=definition.types,
        selectable=definition.selectable,
    )


def mdoc_names(definition: DocumentDefinition) -> MdocNames | None:
    """Return what the format of mobile documents needs of a definition."""
    if definition.mdoc is None:
        return None
    return MdocNames(
        definition.mdoc.doctype,
        tuple(
            MdocElement(item.path, item.namespace, item.identifier, item.kind)
            for item in definition.mdoc.elements
        ),
    )
