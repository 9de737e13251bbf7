"""The registrar: enrols organisations, has their keys certified, says what they may issue, publishes the trust list.

Every use case is safe to repeat: what is there already is left alone, what was cut short goes on.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from issuer.base import AUDIT
from issuer.organisations import enrolment, key_store, keys
from issuer.organisations import service as organisations
from issuer.organisations import store as organisation_store
from issuer.organisations.errors import NoSigningKey, UnknownSchool
from issuer.organisations.key_store import KeyState
from issuer.organisations.keys import OPERATOR, KeyRing
from issuer.organisations.service import Enrolled
from issuer.registrar import listing, store
from issuer.registrar.certification import Certification
from issuer.registrar.errors import GrantRefused, NotInitialised, NoTrustList, PublishedMeanwhile
from issuer.registrar.store import StoredList, StoredPermission
from issuer.settings import IssuerSettings
from tegata.codec import jcs, json
from tegata.codec.dates import end_of_day, today
from tegata.envelope import jws
from tegata.errors import NotFound, TegataError, Text
from tegata.identity import trust_list_format
from tegata.identity.certificates import KeyUse, to_pem
from tegata.identity.trust_list import TrustedOrganisation, TrustList
from tegata.service import audit
from tegata.service.database import Database

_MAX_TYPE = 300
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a school may issue: types (vct), about which school (its own for None), between two days."""

    school_id: str
    document_types: tuple[str, ...]
    about_school_id: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class Registrar:
    """The registrar's use cases; `certification` makes and certifies keys."""

    def __init__(self, settings: IssuerSettings, database: Database, ring: KeyRing | None = None) -> None:
        self._settings = settings
        self._database = database
        self._ring = ring or KeyRing(settings, database)
        self.certification = Certification(settings, database, self._ring)

    def enrol(self, content: Any, now: datetime, *, actor: str = "registrar") -> Enrolled:
        """Enrol a legal person, its board and a school from a profile (`issuer.organisations.enrolment`).

        Raises `EnrolmentRefused`, `CodeRefused`, `IndividualNumberRefused`, `EnrolledElsewhere`.
        """
        profile = enrolment.parse(content, allow_test=self._settings.test_identifiers)
        try:
            return self._enrol(profile, content, now, actor)
        except IntegrityError:
            # Somebody enrolled a part of it at the same time; it is there now.
            return self._enrol(profile, content, now, actor)

    def _enrol(
        self, profile: enrolment.EnrolmentProfile, content: Any, now: datetime, actor: str
    ) -> Enrolled:
        with self._database.writing(durable=True) as connection:
            enrolled = organisations.enrol(connection, profile, now)
            digest = hashlib.sha256(jcs.canonicalize(content)).hexdigest()
            entry = audit.Entry(enrolled.tenant_id, actor, "organisation.enrol", enrolled.school_id, digest)
            audit.append(connection, AUDIT, now, entry)
        return enrolled

    def grant(self, grant: Grant, now: datetime, *, actor: str = "registrar") -> tuple[StoredPermission, ...]:
        """Let a school issue document types; returns the rights that are new.

        Raises `UnknownSchool`, or `GrantRefused` for a type that is no https IRI and for days in the wrong order.
        """
        with self._database.writing(durable=True) as connection:
            return self._grant(connection, grant, now, actor)

    def close_school(
        self,
        school_id: str,
        closed_on: date,
        now: datetime,
        *,
        custodian_id: str | None = None,
        actor: str = "registrar",
    ) -> None:
        """Close a school: from the day after, its custodian issues what it could issue about its learners.

        Its document and copy keys end with that day, its status keys go on: old credentials still verify, and can
        still be revoked. Raises `UnknownSchool`, `EnrolmentRefused`.
        """
        with self._database.writing(durable=True) as connection:
            organisations.close_school(connection, school_id, closed_on, custodian_id)
            running = [
                item
                for item in store.permissions(connection, school_id)
                if item.valid_until is None or item.valid_until > closed_on
            ]
            for item in running:
                store.end_permission(connection, item.id, closed_on)
            if custodian_id is not None and running:
                types = tuple(item.document_type for item in running if item.about_school_id == school_id)
                self._grant(connection, Grant(custodian_id, types, school_id, closed_on + _DAY), now, actor)
            for key in key_store.of_organisation(
                connection,
                school_id,
                uses=(KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM, KeyUse.MDOC_DS),
                states=(KeyState.ACTIVE,),
            ):
                keys.retire(connection, key.id, at=end_of_day(closed_on), now=now)
            self._audit(connection, now, actor, "school.close", school_id)

    def mark_compromised(
        self, school_id: str, key_id: str, since: datetime, now: datetime, *, actor: str = "registrar"
    ) -> None:
        """Cut off a school's key from an instant on; the next published list says so. Raises `NotFound`."""
        with self._database.writing(durable=True) as connection:
            found = [
                item for item in key_store.of_organisation(connection, school_id) if item.key_id == key_id
            ]
            if not found:
                raise NotFound(f"key {key_id[:64]}")
            keys.mark_compromised(connection, found[0].id, since)
            self._audit(connection, now, actor, "key.compromised", school_id, found[0].id)

    def publish(self, now: datetime, *, actor: str = "registrar") -> StoredList:
        """Sign and store the next list; the current one is returned while nothing changed and half its time is left.

        Raises `NotInitialised`, `PublishedMeanwhile`.
        """
        with self._database.writing(durable=True) as connection:
            anchor = self.certification.anchor(connection)
            found = listing.organisations(connection, self._settings, today(now))
            authorities = listing.mdoc_authorities(connection)
            current = store.newest_list(connection)
            if current is not None and self._still_holds(current, found, authorities, anchor, now):
                return current
            operator = store.operator(connection)
            try:
                signer, _ = self._ring.signer(OPERATOR, KeyUse.TRUST_LIST, now, connection=connection)
            except NoSigningKey as error:
                raise NotInitialised(error.detail) from None
            issued_at = now.replace(microsecond=0)
            content = TrustList(
                sequence=1 if current is None else current.sequence + 1,
                issued_at=issued_at,
                next_update=issued_at + timedelta(seconds=self._settings.trust_list_lifetime),
                operator=operator or Text("", ""),
                organisations=found,
                mdoc_authorities=authorities,
            )
            signed = trust_list_format.build(content, signer).encode("ascii")
            digest = hashlib.sha256(signed).hexdigest()
            stored = StoredList(content.sequence, signed, digest, issued_at, content.next_update)
            if not store.add_list(connection, stored):
                raise PublishedMeanwhile(f"list {stored.sequence}")
            entry = audit.Entry(OPERATOR, actor, "trust_list.publish", str(stored.sequence), digest)
            audit.append(connection, AUDIT, now, entry)
        return stored

    def current_list(self) -> StoredList:
        """Return the list that was published last; raises `NoTrustList`."""
        with self._database.reading() as connection:
            found = store.newest_list(connection)
        if found is None:
            raise NoTrustList("none was published")
        return found

    def readable_list(self) -> Any:
        """Return what the current list says, for people who read it; raises `NoTrustList`."""
        parsed = jws.parse(self.current_list().jws, max_bytes=trust_list_format.MAX_BYTES)
        return json.loads(parsed.payload, max_bytes=trust_list_format.MAX_BYTES)

    def anchor_pem(self) -> bytes:
        """Return the trust anchor in PEM; raises `NotInitialised`."""
        with self._database.reading() as connection:
            return to_pem((self.certification.anchor(connection),))

    def _grant(
        self, connection: Connection, grant: Grant, now: datetime, actor: str
    ) -> tuple[StoredPermission, ...]:
        about_id = grant.about_school_id or grant.school_id
        school = organisation_store.school(connection, grant.school_id, lock=True)
        if school is None or organisation_store.school(connection, about_id) is None:
            raise UnknownSchool("no school to grant a right to, or about")
        begin = grant.valid_from or today(now)
        _check_grant(grant, begin)
        made = []
        for document_type in dict.fromkeys(grant.document_types):
            permission = StoredPermission(
                id=store.new_id(),
                tenant_id=school.tenant_id,
                school_id=grant.school_id,
                document_type=document_type,
                about_school_id=about_id,
                valid_from=begin,
                valid_until=grant.valid_until,
                as_custodian=about_id != grant.school_id,
                granted_at=now,
            )
            if not self._is_covered(connection, permission):
                _put(connection, permission)
                made.append(permission)
                self._audit(connection, now, actor, "permission.grant", grant.school_id, permission.id)
        return tuple(made)

    @staticmethod
    def _is_covered(connection: Connection, wanted: StoredPermission) -> bool:
        return any(
            item.document_type == wanted.document_type
            and item.about_school_id == wanted.about_school_id
            and (item.valid_until is None or item.valid_until == wanted.valid_until)
            for item in store.permissions(connection, wanted.school_id, on=wanted.valid_from)
        )

    @staticmethod
    def _still_holds(
        current: StoredList,
        found: tuple[TrustedOrganisation, ...],
        authorities: tuple[bytes, ...],
        anchor: bytes,
        now: datetime,
    ) -> bool:
        if current.next_update - now < (current.next_update - current.issued_at) / 2:
            return False
        try:
            said = trust_list_format.load(current.jws, anchors=(anchor,), now=current.issued_at)
        except TegataError:
            return False  # signed under another anchor: a new list is due anyhow
        return (said.organisations, said.mdoc_authorities) == (found, authorities)

    @staticmethod
    def _audit(
        connection: Connection, now: datetime, actor: str, action: str, school_id: str, object_id: str = ""
    ) -> None:
        school = organisation_store.school(connection, school_id)
        tenant_id = OPERATOR if school is None else school.tenant_id
        audit.append(connection, AUDIT, now, audit.Entry(tenant_id, actor, action, object_id or school_id))


def permitted_types(
    connection: Connection, school_id: str, on: date, about_school_id: str | None = None
) -> frozenset[str]:
    """Return the document types (vct) that a school may issue about a school, its own for None, on a day."""
    about_id = about_school_id or school_id
    return frozenset(
        item.document_type
        for item in store.permissions(connection, school_id, on=on)
        if item.about_school_id == about_id
    )


def _put(connection: Connection, permission: StoredPermission) -> None:
    for known in store.permissions(connection, permission.school_id):
        if (known.document_type, known.about_school_id, known.valid_from) == (
            permission.document_type,
            permission.about_school_id,
            permission.valid_from,
        ):
            store.end_permission(connection, known.id, permission.valid_until)
            return
    store.add_permission(connection, permission)


def _check_grant(grant: Grant, begin: date) -> None:
    for document_type in grant.document_types:
        if not document_type.startswith("https://") or len(document_type) > _MAX_TYPE:
            raise GrantRefused(f"type {document_type[:80]!r}")
    if grant.valid_until is not None and grant.valid_until < begin:
        raise GrantRefused("the right ends before it begins")
