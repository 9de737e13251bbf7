"""The pre-authorized code and the token request (OID4VCI 1.0 §6).

A code is `row id ‖ MAC`: asking for an offer twice gives the same code, and the database alone gives none.
"""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.oid4vci.errors import InvalidGrant, InvalidRequest, UnsupportedGrant
from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from tegata.codec import base64url, json
from tegata.errors import MalformedInput

_ID, _MAC = 16, 32
_CODE_LABEL = b"tegata pre-authorized code 1"
_TX_LABEL = b"tegata tx_code 1"

#: Wrong 確認番号 before the invitation rests, and for how long the first time; the rest doubles each time.
TRIES = 5
FIRST_REST = timedelta(minutes=15)
MAX_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A well-formed token request; nothing in it is believed yet. `configuration_ids` is None for "all offered"."""

    code_id: str
    transaction_code: str | None
    configuration_ids: tuple[str, ...] | None


def make_code(secret: bytes, code_id: str) -> str:
    """Return the pre-authorized code of the row `code_id` (32 hexadecimal digits)."""
    body = bytes.fromhex(code_id)
    return base64url.encode(body + hmac.digest(secret, _CODE_LABEL + body, "sha256"))


def parse_request(form: Mapping[str, str], secret: bytes, credential_issuer: str) -> TokenRequest:
    """Read a token request (OID4VCI 1.0 §6.1).

    Raises `UnsupportedGrant`, `InvalidRequest` for missing parameters, `InvalidGrant` for a code that is not ours.
    """
    if form.get("grant_type") != PRE_AUTHORIZED_CODE:
        raise UnsupportedGrant(f"grant type {form.get('grant_type', '')[:80]!r}")
    code = form.get("pre-authorized_code")
    if not code:
        raise InvalidRequest("pre-authorized_code is missing")
    return TokenRequest(
        code_id=_code_id(code, secret),
        transaction_code=form.get("tx_code"),
        configuration_ids=_authorization_details(form.get("authorization_details"), credential_issuer),
    )


def check_presence(request: TokenRequest, *, expected: bool) -> None:
    """Refuse a `tx_code` that is missing although expected, or sent although not expected (§6.3)."""
    if expected and not request.transaction_code:
        raise InvalidRequest("tx_code is required", pointer="tx_code", clause="OID4VCI 1.0 §6.3")
    if not expected and request.transaction_code is not None:
        raise InvalidRequest("tx_code is not expected", pointer="tx_code", clause="OID4VCI 1.0 §6.3")


def fold_transaction_code(text: str) -> str:
    """Fold what people type into what was printed: full-width digits (０-９), spaces and hyphens."""
    folded = unicodedata.normalize("NFKC", text[:64])
    return "".join(character for character in folded if character not in " -‐ー−").strip()


def transaction_code_digest(secret: bytes, entitlement_id: str, code: str) -> str:
    """Return the keyed digest under which a 確認番号 is kept: six digits alone would be guessed from a plain one."""
    content = b"\x00".join((_TX_LABEL, entitlement_id.encode(), fold_transaction_code(code).encode()))
    return hmac.digest(secret, content, "sha256").hex()


def rest_until(now: datetime, earlier_rests: int) -> datetime:
    """Return when an invitation may be tried again: 15 minutes, doubled for each rest before (DESIGN §5)."""
    return now + FIRST_REST * (1 << min(earlier_rests, MAX_DOUBLINGS))


def token_response(
    access_token: str, lifetime: timedelta, configuration_ids: Sequence[str] | None
) -> dict[str, Any]:
    """Build the answer (§6.2); identifiers are named only if the request used `authorization_details`."""
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
    }
    if configuration_ids is not None:
        answer["authorization_details"] = [
            {
                "type": "openid_credential",
                "credential_configuration_id": name,
                "credential_identifiers": [credential_identifier(name)],
            }
            for name in configuration_ids
        ]
    return answer


def credential_identifier(configuration_id: str) -> str:
    """Return the identifier of the one dataset that a token covers in this configuration (§6.2)."""
    return f"{configuration_id}.dataset"


def _code_id(code: str, secret: bytes) -> str:
    try:
        raw = base64url.decode(code)
    except MalformedInput:
        raise InvalidGrant("not a code of this issuer") from None
    body, mac = raw[:_ID], raw[_ID:]
    if len(mac) != _MAC or not hmac.compare_digest(mac, hmac.digest(secret, _CODE_LABEL + body, "sha256")):
        raise InvalidGrant("not a code of this issuer")
    return body.hex()


def _authorization_details(text: str | None, credential_issuer: str) -> tuple[str, ...] | None:
    """Read `authorization_details` (RFC 9396 §2, OID4VCI §5.1.1); unknown members never make it invalid."""
    if text is None:
        return None
    try:
        details = json.loads(text, max_bytes=16_384)
    except MalformedInput as error:
        raise InvalidRequest(f"authorization_details: {error.detail}") from None
    if not isinstance(details, list) or not details:
        raise InvalidRequest("authorization_details is not a non-empty array")
    names = []
    for item in details:
        if not isinstance(item, dict) or item.get("type") != "openid_credential":
            raise InvalidRequest("authorization_details: the type is not openid_credential")
        name = item.get("credential_configuration_id")
        if not isinstance(name, str):
            raise InvalidRequest("authorization_details: credential_configuration_id is missing")
        if "locations" in item and item["locations"] != [credential_issuer]:
            raise InvalidRequest("authorization_details: the location is another issuer")
        names.append(name)
    return tuple(dict.fromkeys(names))
