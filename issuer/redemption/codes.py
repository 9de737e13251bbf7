"""The code on a single-use document: 80 random bits that people can read out, of which only a digest is kept."""

import hmac
import re
import secrets

from sqlalchemy import Connection, insert

from issuer.redemption.tables import Redemption
from tegata.errors import NotFound

_redemption = Redemption.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
#: Crockford's base 32: no I, L, O and U, so that a code can be read out and typed.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(f"[{_ALPHABET}]{{16}}")
_READ_AS = str.maketrans("OIL", "011")
_LABEL = b"tegata redemption code 1"
_LENGTH, _GROUP = 16, 4
_MOST_TYPED = 60


def make() -> str:
    """Return a new code: ABCD-EFGH-JKMN-PQRS."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def digest(secret: bytes, typed: str) -> str:
    """Return the digest of a code as it was typed; raises `NotFound` for what is no code of ours."""
    plain = re.sub(r"[\s-]", "", typed[:_MOST_TYPED]).upper().translate(_READ_AS)
    if not _CODE.fullmatch(plain):
        raise NotFound("not a redemption code")
    return hmac.digest(secret, _LABEL + plain.encode("ascii"), "sha256").hex()


def add(
    connection: Connection, secret: bytes, tenant_id: str, school_id: str, document_id: str, code: str
) -> None:
    """Record the code of a document that is being frozen."""
    connection.execute(
        insert(_redemption).values(
            document_id=document_id,
            tenant_id=tenant_id,
            school_id=school_id,
            code_digest=digest(secret, code),
            redeemer="",
            reference="",
        )
    )
