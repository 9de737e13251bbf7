"""Copies for wallets: a document's claims, signed for one wallet key in the format that was asked for (DESIGN §5).

A copy has salts, a status entry and an issue time of its own. It is prepared and recorded first and signed after the
commit; one that was recorded and never signed is a slot that nobody uses.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from cryptography import x509
from sqlalchemy import Connection, select

from issuer.catalogue.service import forms_for, is_mobile
from issuer.issuance import store
from issuer.issuance.batches import claims_of
from issuer.issuance.credentials import status_reference, to_seal
from issuer.issuance.instants import issue_instant
from issuer.issuance.states import DocumentState
from issuer.issuance.store import StoredDocument
from issuer.issuance.tables import Document
from issuer.issuance.workshop import Workshop
from issuer.oid4vci.errors import RequestDenied, UnknownConfiguration
from issuer.oid4vci.metadata import LDP_VC, MSO_MDOC, SD_JWT_VC, configuration_id
from issuer.organisations.school import School
from issuer.status.pool import Instance
from issuer.status.service import status_of
from issuer.wallet_api import forms
from issuer.wallet_api.forms import PreparedForm
from schemas.education.forms import FORMS
from schemas.education.source import Source
from tegata.codec import base64url, json
from tegata.formats import data_integrity, mdoc, sd_jwt_vc
from tegata.formats.credential import StatusReference
from tegata.formats.vcdm.subject import subject_identifier
from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, Signer
from tegata.status.entries import Status

_document = Document.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
FORMATS = (SD_JWT_VC, LDP_VC)
#: What signs each kind; every other kind is a form.
_USES = {SD_JWT_VC: KeyUse.COPY, LDP_VC: KeyUse.COPY, MSO_MDOC: KeyUse.MDOC_DS}
AnyPrepared: TypeAlias = sd_jwt_vc.Prepared | data_integrity.Prepared | mdoc.Prepared | PreparedForm


@dataclass(frozen=True, slots=True)
class PreparedCopy:
    """A copy that has everything but its signature; `row` is what is recorded of it."""

    row: dict[str, Any]
    prepared: AnyPrepared = field(repr=False)
    signer: Signer = field(repr=False)

    def seal(self) -> Any:
        """Sign, and return the credential as a Credential Response carries it (OID4VCI 1.0 §A)."""
        if isinstance(self.prepared, sd_jwt_vc.Prepared):
            return sd_jwt_vc.seal(self.prepared, self.signer).decode("ascii")
        if isinstance(self.prepared, mdoc.Prepared):
            return base64url.encode(mdoc.seal(self.prepared, self.signer))
        if isinstance(self.prepared, PreparedForm):
            return forms.seal(self.prepared, self.signer)
        return json.loads(data_integrity.seal(self.prepared, self.signer))


class CopyMaker:
    """Prepares copies of sealed documents."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def configuration_ids(self, connection: Connection, school: School, document_id: str) -> tuple[str, ...]:
        """Return the credential configurations in which a document can be claimed."""
        name = connection.execute(
            select(_document.c.document_name).where(_document.c.id == document_id)
        ).scalar_one()
        return tuple(configuration_id(name, item) for item in self._kinds(connection, school, name))

    def prepare(
        self,
        connection: Connection,
        school: School,
        document_id: str,
        wanted: str,
        keys: Sequence[PublicKey],
        now: datetime,
    ) -> list[PreparedCopy]:
        """Prepare one copy for each key, with a slot each, inside the caller's transaction; `school` is that of today.

        Raises `RequestDenied` for a document that is not sealed, revoked or suspended, `UnknownConfiguration`.
        """
        item = store.document(connection, school.tenant_id, document_id, lock=True)
        if item.school_id != school.id:
            raise RequestDenied("another school's document")
        if item.state != DocumentState.SEALED or status_of(connection, document_id) is not Status.VALID:
            raise RequestDenied("the document is not valid now")
        if item.valid_until is not None and now > item.valid_until:
            raise RequestDenied("the document's period is over")
        kind = self._kind(connection, school, item, wanted)
        use = _USES.get(kind, KeyUse.FORM)
        signer, active_from = self._workshop.keys.signer(school.id, use, now, connection=connection)
        issued = issue_instant(now, key_active_from=active_from, approved_at=item.issued_at)
        ids = [secrets.token_hex(16) for _ in keys]
        slots: list[Any] = [None for _ in keys]
        if self._workshop.catalogue.get(item.document_name).has_status:
            instances = [Instance(identifier, item.id) for identifier in ids]
            slots = self._workshop.slots.allocate(connection, item.tenant_id, item.school_id, instances, now)
        claims = claims_of(self._workshop, item)
        made = []
        for identifier, key, slot in zip(ids, keys, slots, strict=True):
            reference = None if slot is None else status_reference(school, slot.list_id, slot.index)
            prepared: AnyPrepared
            if kind == MSO_MDOC:
                prepared = self._prepare_mobile(school, item, claims, key, reference, issued, now, signer)
            elif kind in FORMATS:
                prepared = self._prepare_one(school, item, claims, kind, key, reference, issued, now)
            else:
                prepared = self._prepare_form(school, item, claims, kind, key, reference, issued, identifier)
            row = {
                "id": identifier,
                "tenant_id": item.tenant_id,
                "document_id": item.id,
                "format": kind,
                "key_id": signer.public_key.key_id,
                "holder_key_thumbprint": jwk.thumbprint(key),
                "recorded_at": now,
            }
            made.append(PreparedCopy(row, prepared, signer))
        return made

    def _kind(self, connection: Connection, school: School, item: StoredDocument, wanted: str) -> str:
        for name in self._kinds(connection, school, item.document_name):
            if configuration_id(item.document_name, name) == wanted:
                return name
        raise UnknownConfiguration("the token's configuration is another document's")

    def _prepare_one(
        self,
        school: School,
        item: StoredDocument,
        claims: Mapping[str, Any],
        format_name: str,
        key: PublicKey,
        reference: StatusReference | None,
        issued: datetime,
        now: datetime,
    ) -> AnyPrepared:
        workshop = self._workshop
        document = to_seal(
            workshop.catalogue.get(item.document_name),
            school,
            claims,
            valid_from=issued,
            until=item.valid_until,
            status=reference,
        )
        if format_name == SD_JWT_VC:
            return sd_jwt_vc.prepare(document, key, secrets.token_bytes, now)
        return data_integrity.prepare(document, key, secrets.token_bytes, now, workshop.contexts)

    def _prepare_mobile(
        self,
        school: School,
        item: StoredDocument,
        claims: Mapping[str, Any],
        key: PublicKey,
        reference: StatusReference | None,
        issued: datetime,
        now: datetime,
        signer: Signer,
    ) -> mdoc.Prepared:
        """Prepare a mobile document. It always has an end: its own, at the latest that of its signer's certificate."""
        end = x509.load_der_x509_certificate(signer.certificates[0]).not_valid_after_utc
        document = to_seal(
            self._workshop.catalogue.get(item.document_name),
            school,
            claims,
            valid_from=issued,
            until=end if item.valid_until is None else min(item.valid_until, end),
            status=reference,
        )
        return mdoc.prepare(document, key, secrets.token_bytes, now)

    def _prepare_form(
        self,
        school: School,
        item: StoredDocument,
        claims: Mapping[str, Any],
        form: str,
        key: PublicKey,
        reference: StatusReference | None,
        issued: datetime,
        identifier: str,
    ) -> PreparedForm:
        workshop = self._workshop
        source = Source(
            document=workshop.catalogue.get(item.document_name),
            claims=claims,
            identifier=f"urn:uuid:{UUID(identifier)}",
            issuer=school.did,
            issuer_url=school.issuer,
            valid_from=issued,
            valid_until=item.valid_until,
            subject=subject_identifier(key),
            status=forms.status_of_form(reference),
        )
        return forms.prepare(FORMS[form].name, source, workshop.contexts)

    def _kinds(self, connection: Connection, school: School, document_name: str) -> tuple[str, ...]:
        """Return the formats and forms in which a school gives a document away."""
        definition = self._workshop.catalogue.get(document_name)
        mobile = (MSO_MDOC,) if is_mobile(connection, school, definition) else ()
        forms_of_it = forms_for(connection, school, document_name)
        return (*FORMATS, *mobile, *(form.name for form in forms_of_it))
