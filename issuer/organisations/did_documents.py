"""What a school publishes about its keys: its did:web document, JWK set, and JWT VC issuer metadata.

Retired keys stay, as credentials signed with them are still good; compromised ones go. For verifiers the trust list is
the authority on all of this: these documents serve wallets and validators that know no trust list.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from issuer.organisations import key_store
from issuer.organisations.key_store import KeyState
from issuer.organisations.school import School
from issuer.organisations.service import school_by_public_id
from issuer.settings import IssuerSettings
from tegata.formats.sd_jwt_vc.issuer_keys import build_metadata
from tegata.identity.certificates import KeyUse
from tegata.identity.did import did_document
from tegata.keys import jwk
from tegata.keys.signer import PublicKey

#: Keys that sign what others verify: documents, copies, and status lists, whose readers look for keys here as well.
PUBLISHED_USES = (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM, KeyUse.STATUS)
#: Of these, the ones that sign JWTs.
_JWT_USES = (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.STATUS)
_PUBLISHED_STATES = (KeyState.ACTIVE, KeyState.RETIRED)


def document(connection: Connection, public_id: str, on: date, settings: IssuerSettings) -> dict[str, Any]:
    """Return a school's did:web document (did:web §3.2, Controlled Identifiers 1.0); raises `UnknownSchool`."""
    school = school_by_public_id(connection, public_id, on, settings)
    keys = [(key.key_id, key) for key in _published(connection, school, PUBLISHED_USES)]
    return did_document(school.did, keys, also_known_as=(school.issuer,))


def issuer_metadata(
    connection: Connection, public_id: str, on: date, settings: IssuerSettings
) -> dict[str, Any]:
    """Return a school's JWT VC issuer metadata (SD-JWT VC §4.2); raises `UnknownSchool`."""
    school = school_by_public_id(connection, public_id, on, settings)
    return build_metadata(school.issuer, _published(connection, school, _JWT_USES))


def jwk_set(connection: Connection, public_id: str, on: date, settings: IssuerSettings) -> dict[str, Any]:
    """Return a school's keys as a JWK set (RFC 7517 §5); raises `UnknownSchool`."""
    found: dict[str, Any] = issuer_metadata(connection, public_id, on, settings)["jwks"]
    return found


def _published(connection: Connection, school: School, uses: tuple[KeyUse, ...]) -> list[PublicKey]:
    stored = key_store.of_organisation(connection, school.id, uses=uses, states=_PUBLISHED_STATES)
    return [jwk.from_jwk({**item.public_jwk, "kid": item.key_id}) for item in stored]
