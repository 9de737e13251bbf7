"""What stands on the trust list: every school with its keys, rights and history, as the tables have it.

Reads and puts together; signing and numbering is `issuer.registrar.service`. Keys and rights that are over stay on the
list, because what was signed with them is still judged by it.
"""

import base64
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from issuer.organisations import key_store, store
from issuer.organisations.key_store import KeyState, StoredKey
from issuer.registrar import store as registrar_store
from issuer.registrar.store import StoredPermission
from issuer.settings import IssuerSettings
from tegata.codec.dates import end_of_day, start_of_day
from tegata.errors import Text
from tegata.identity.certificates import KeyUse
from tegata.identity.did import did_web
from tegata.identity.trust_list import ListedKey, Right, TrustedOrganisation
from tegata.keys import jwk

#: What verifiers and wallets need keys for; access tokens and audit seals are the issuer's own affair.
LISTED_USES = (
    KeyUse.DOCUMENT,
    KeyUse.COPY,
    KeyUse.FORM,
    KeyUse.MDOC_DS,
    KeyUse.STATUS,
    KeyUse.METADATA,
)
_LISTED_STATES = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED)


def organisations(
    connection: Connection, settings: IssuerSettings, on: date
) -> tuple[TrustedOrganisation, ...]:
    """Return every school that has a certified key, by its identifier, named as on that day."""
    identifiers = {
        school.id: settings.identifier_of(school.public_id) for school in store.schools(connection)
    }
    found = [
        organisation
        for school in store.schools(connection)
        if (organisation := _organisation(connection, school, identifiers, on)) is not None
    ]
    return tuple(sorted(found, key=lambda item: item.identifier))


def mdoc_authorities(connection: Connection) -> tuple[bytes, ...]:
    """Return every IACA certificate there ever was (DER), newest first: what was signed under it is still judged by it."""
    return tuple(item.certificate for item in registrar_store.certificates(connection, KeyUse.IACA))


def _organisation(
    connection: Connection, school: store.StoredSchool, identifiers: Mapping[str, str], on: date
) -> TrustedOrganisation | None:
    keys = key_store.of_organisation(connection, school.id, uses=LISTED_USES, states=_LISTED_STATES)
    person = store.legal_person(connection, school.tenant_id)
    profiles = store.profiles(connection, school.id)
    if not keys or person is None or not profiles:
        return None
    day = on if school.closed_on is None else min(on, school.closed_on)
    profile = store.profile(connection, school.id, day) or profiles[-1]
    board = None if school.authority_id is None else store.authority(connection, school.authority_id)
    hidden = school.is_name_hidden
    names = Text(person.name, person.name_latin or person.name)
    return TrustedOrganisation(
        identifier=identifiers[school.id],
        did=did_web(identifiers[school.id]),
        names=names if hidden else Text(profile.name, profile.name_latin or profile.name),
        establisher=person.name,
        corporate_number=person.corporate_number,
        school_code="" if hidden else school.code,
        board_code="" if board is None else board.board_code,
        is_test=person.is_test,
        keys=tuple(
            sorted(map(_listed, keys), key=lambda item: (item.use, item.active_from, item.key.key_id))
        ),
        rights=tuple(
            _right(permission, identifiers)
            for permission in registrar_store.permissions(connection, school.id)
            if permission.valid_until is None or permission.valid_until >= permission.valid_from
        ),
        closed_on="" if school.closed_on is None else school.closed_on.isoformat(),
        successor=identifiers.get(school.successor_id or "", ""),
        history=() if hidden else tuple(map(_history, profiles)),
    )


def _listed(stored: StoredKey) -> ListedKey:
    assert stored.active_from is not None  # noqa: S101  only a pending key has none
    return ListedKey(
        key=jwk.from_jwk({**stored.public_jwk, "kid": stored.key_id}),
        use=stored.use,
        active_from=stored.active_from,
        active_until=stored.active_until,
        compromised_from=stored.compromised_from,
        certificate=base64.b64decode(stored.chain[0]) if stored.chain else b"",
    )


def _right(permission: StoredPermission, identifiers: Mapping[str, str]) -> Right:
    return Right(
        document_type=permission.document_type,
        school=identifiers[permission.about_school_id],
        valid_from=start_of_day(permission.valid_from),
        valid_until=None if permission.valid_until is None else end_of_day(permission.valid_until),
        as_custodian=permission.as_custodian,
    )


def _history(profile: store.StoredProfile) -> Mapping[str, str | None]:
    return {
        "name": profile.name,
        "nameLatin": profile.name_latin,
        "from": None if profile.valid_from is None else profile.valid_from.isoformat(),
        "until": None if profile.valid_until is None else profile.valid_until.isoformat(),
    }
