"""Publishing lists: the same entries as Token Status Lists (JWT, CWT) and as two Bitstring Status Lists, signed and cached.

A rendering is signed again when the list changed or half of its cache lifetime has gone; several processes that do so
at once write the same thing. Renderings are plain files to every cache in between: ETag, max-age, no cookies.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.issuance.workshop import Workshop
from issuer.organisations.school import School
from issuer.status import store
from issuer.status.store import StoredStatusList
from tegata.codec import json
from tegata.errors import NotFound
from tegata.formats import data_integrity
from tegata.identity.certificates import KeyUse
from tegata.keys.signer import Signer
from tegata.status import bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Entries

TOKEN = "token"  # noqa: S105  the name of a rendering
CWT = "cwt"
RENDERINGS = (TOKEN, CWT, bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION)
#: How long a list stands if the issuer cannot be reached: verifiers cannot decide after that.
LIFETIME = timedelta(days=2)
_MEDIA_TYPES = {TOKEN: token_status_list.MEDIA_TYPE, CWT: status_list_cwt.MEDIA_TYPE}
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Published:
    """A rendering as it is served."""

    body: bytes
    media_type: str
    etag: str
    max_age: int

    @property
    def headers(self) -> dict[str, str]:
        """What it is served with, from here or as a file from elsewhere; the media type is beside it."""
        return {
            "ETag": self.etag,
            "Cache-Control": f"public, max-age={self.max_age}",
            "Access-Control-Allow-Origin": "*",
            "Vary": "Accept",
        }


class StatusPublisher:
    """Serves signed renderings of a school's lists."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def published(self, school: School, list_id: str, rendering: str, now: datetime) -> Published:
        """Return a rendering that is new enough; raises `NotFound` for another school's list."""
        ttl = timedelta(seconds=self._workshop.settings.status_ttl)
        issued = now.replace(microsecond=0)
        with self._workshop.database.reading() as connection:
            found = store.list_by_id(connection, list_id) if _ID.fullmatch(list_id) else None
            if found is None or found.school_id != school.id or rendering not in RENDERINGS:
                raise NotFound("no such status list")
            row = store.publication(connection, list_id, rendering)
            if row is not None and row.version == found.version and now < row.issued_at + ttl / 2:
                return self._answer(bytes(row.body), rendering, ttl)
            signer, _ = self._workshop.keys.signer(school.id, KeyUse.STATUS, issued, connection=connection)
        # Signed between two transactions: nobody who writes has to wait for it.
        body = self._sign(school, found, rendering, signer, issued, ttl)
        values = {
            "list_id": list_id,
            "rendering": rendering,
            "tenant_id": found.tenant_id,
            "version": found.version,
            "body": body,
            "issued_at": issued,
            "expires_at": issued + LIFETIME,
        }
        with self._workshop.database.writing() as connection:
            store.put_publication(connection, values)
        return self._answer(body, rendering, ttl)

    def _sign(
        self,
        school: School,
        found: StoredStatusList,
        rendering: str,
        signer: Signer,
        issued: datetime,
        ttl: timedelta,
    ) -> bytes:
        entries = Entries(found.bits)
        base = f"{school.issuer}/status/{found.id}"
        if rendering in {TOKEN, CWT}:
            sign = token_status_list.sign if rendering == TOKEN else status_list_cwt.sign
            token = sign(
                entries, uri=base, issued_at=issued, expires_at=issued + LIFETIME, ttl=ttl, signer=signer
            )
            return token.encode("ascii") if isinstance(token, str) else token

        def secure(document: dict[str, Any]) -> dict[str, Any]:
            return data_integrity.secure(
                document,
                signer,
                f"{school.did}#{signer.public_key.key_id}",
                issued,
                self._workshop.contexts,
            )

        published = bitstring_status_list.publish(
            entries,
            rendering,
            secure,
            url=f"{base}/{rendering}",
            issuer=school.did,
            valid_from=issued,
            valid_until=issued + LIFETIME,
            ttl=ttl,
        )
        return json.dumps(published)

    @staticmethod
    def _answer(body: bytes, rendering: str, ttl: timedelta) -> Published:
        kind = _MEDIA_TYPES.get(rendering, "application/vc")
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return Published(body, kind, etag, int(ttl.total_seconds()) // 2)
