"""A wallet that talks to the issuer's use cases without HTTP: offer, token, nonce, proof, credential."""

from datetime import datetime
from typing import Any

from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from issuer.organisations.school import School
from issuer.wallet_api.service import WalletService
from tegata.codec import json
from tegata.envelope import jws
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner


def proof(signer: SoftwareSigner, school: School, nonce: str, now: datetime, **claims: Any) -> str:
    """Return a key proof (OID4VCI 1.0 §F.1); `claims` replace or add members."""
    header = {"typ": "openid4vci-proof+jwt", "jwk": jwk.to_jwk(signer.public_key)}
    content = {"aud": school.issuer, "iat": int(now.timestamp()), "nonce": nonce} | claims
    return jws.sign(header, json.dumps(content), signer, name_key=False)


def code_of(service: WalletService, school: School, claim_token: str, now: datetime) -> str:
    """Return the pre-authorized code behind a claim link."""
    code: str = service.offer(school, claim_token, now)["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    return code


def token_of(
    service: WalletService, school: School, code: str, now: datetime, transaction_code: str = ""
) -> dict[str, Any]:
    """Trade a code for the token response."""
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    if transaction_code:
        form["tx_code"] = transaction_code
    return service.token(school, form, now)


def credential_of(
    service: WalletService,
    school: School,
    access_token: str,
    configuration_id: str,
    now: datetime,
    signers: tuple[SoftwareSigner, ...] = (),
) -> dict[str, Any]:
    """Ask for copies, one for each key; returns the Credential Response."""
    nonce = service.nonce(school, now)
    keys = signers or (SoftwareSigner.generate(),)
    body = {
        "credential_configuration_id": configuration_id,
        "proofs": {"jwt": [proof(signer, school, nonce, now) for signer in keys]},
    }
    return service.credential(school, access_token, body, now)


def claim(
    service: WalletService,
    school: School,
    claim_token: str,
    now: datetime,
    *,
    configuration_id: str = "graduation-sd-jwt",
    transaction_code: str = "",
    signers: tuple[SoftwareSigner, ...] = (),
) -> dict[str, Any]:
    """Go the whole way from a claim link to the Credential Response."""
    code = code_of(service, school, claim_token, now)
    token = token_of(service, school, code, now, transaction_code)["access_token"]
    return credential_of(service, school, token, configuration_id, now, signers)
