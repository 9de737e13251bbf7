"""The wallet's side of OID4VCI 1.0: from an offer to held credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tegata.codec import json
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.store import Held, WalletStore, new_key
from tegata.envelope import jws
from tegata.errors import Forbidden, MalformedInput
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner

PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


@dataclass(frozen=True, slots=True)
class Offer:
    """A credential offer, read from a link or fetched from its address."""

    credential_issuer: str
    configuration_ids: tuple[str, ...]
    code: str
    needs_transaction_code: bool


def read_offer(uri: str, http: WalletHttp) -> Offer:
    """Read an offer by value or by reference (OID4VCI 1.0 §4.1)."""
    query = parse_qs(urlsplit(uri).query, strict_parsing=True)
    if ("credential_offer" in query) == ("credential_offer_uri" in query):
        raise MalformedInput("exactly one of credential_offer and credential_offer_uri is required")
    if "credential_offer" in query:
        body = json.loads(query["credential_offer"][0])
    else:
        body = http.get_json(query["credential_offer_uri"][0])
    grant = body.get("grants", {}).get(PRE_AUTHORIZED_CODE)
    if grant is None:
        raise MalformedInput("the offer has no pre-authorized code")
    return Offer(
        credential_issuer=body["credential_issuer"],
        configuration_ids=tuple(body["credential_configuration_ids"]),
        code=grant["pre-authorized_code"],
        needs_transaction_code="tx_code" in grant,
    )


def accept(
    uri: str,
    store: WalletStore,
    http: WalletHttp,
    now: Callable[[], datetime],
    *,
    transaction_code: str = "",
    credential_format: str = "dc+sd-jwt",
    credential_type: str = "",
    copies: int = 1,
) -> tuple[Held, ...]:
    """Claim `copies` of the offered document in one format; returns what the wallet now holds.

    `credential_type` picks a W3C credential of this type, such as `OpenBadgeCredential`, instead of the first.

    Raises `Refused` with the protocol's code, `MalformedInput` if the issuer's answers break the protocol.
    """
    offer = read_offer(uri, http)
    issuer = offer.credential_issuer
    metadata = http.get_json(_inserted(issuer, "openid-credential-issuer"))
    if metadata.get("credential_issuer") != issuer:
        raise Forbidden("the metadata belongs to another issuer", clause="OID4VCI 1.0 §12.2.4")
    server = http.get_json(_inserted(issuer, "oauth-authorization-server"))
    if server.get("issuer") != issuer:
        raise Forbidden("the authorization server is another", clause="RFC 8414 §3.3")
    configuration_id = _choose(offer, metadata, credential_format, credential_type)

    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": offer.code}
    if transaction_code:
        form["tx_code"] = transaction_code
    token = http.json_of(http.post_form(server["token_endpoint"], form))["access_token"]

    nonce = http.post_empty(metadata["nonce_endpoint"])["c_nonce"]
    keys = [new_key() for _ in range(copies)]
    answer = http.post_json(
        metadata["credential_endpoint"],
        {
            "credential_configuration_id": configuration_id,
            "proofs": {"jwt": [_proof(signer, issuer, nonce, now()) for signer, _ in keys]},
        },
        token,
    )
    held = _keep(answer, keys, store, configuration_id, credential_format, issuer)
    if "notification_id" in answer and "notification_endpoint" in metadata:
        event = {"notification_id": answer["notification_id"], "event": "credential_accepted"}
        http.post_json(metadata["notification_endpoint"], event, token)
    return held


def _inserted(issuer: str, well_known: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{well_known}{parts.path}"


def _choose(offer: Offer, metadata: Mapping[str, Any], credential_format: str, credential_type: str) -> str:
    supported = metadata["credential_configurations_supported"]
    for name in offer.configuration_ids:
        found = supported.get(name, {})
        types = found.get("credential_definition", {}).get("type", [])
        if found.get("format") == credential_format and (not credential_type or credential_type in types):
            return name
    raise Forbidden(f"the offer has nothing in format {credential_format} {credential_type}".rstrip())


def _proof(signer: SoftwareSigner, issuer: str, nonce: str, now: datetime) -> str:
    header = {"typ": "openid4vci-proof+jwt", "jwk": jwk.to_jwk(signer.public_key)}
    claims = {"aud": issuer, "iat": int(now.timestamp()), "nonce": nonce}
    return jws.sign(header, json.dumps(claims), signer)


def _keep(
    answer: Mapping[str, Any],
    keys: list[tuple[SoftwareSigner, str]],
    store: WalletStore,
    configuration_id: str,
    credential_format: str,
    issuer: str,
) -> tuple[Held, ...]:
    issued = answer.get("credentials")
    if not isinstance(issued, list) or not 1 <= len(issued) <= len(keys):
        raise MalformedInput("the answer does not hold one credential for each key at most")
    return tuple(
        store.add(
            format=credential_format,
            configuration_id=configuration_id,
            credential_issuer=issuer,
            credential=item["credential"],
            private_key_pem=pem,
        )
        for item, (_, pem) in zip(issued, keys, strict=False)
    )
