"""The wallet's side of OID4VP 1.0: from a request to a response."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tegata.codec import base64url, json
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.matching import MSO_MDOC, SD_JWT_VC, Answer, match
from tegata.doubles.wallet.request import AuthorizationRequest, read_request
from tegata.doubles.wallet.store import WalletStore
from tegata.envelope import jwe
from tegata.errors import MalformedInput
from tegata.formats import data_integrity, mdoc, sd_jwt_vc
from tegata.formats.mdoc.session import openid4vp_transcript
from tegata.keys import jwk

#: JSON-LD contexts by URL, as `schemas.catalogue.contexts` returns them.
Contexts = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Presented:
    """What was sent: to whom, which queries were answered with which credentials, and where to go next."""

    client_id: str
    answers: tuple[Answer, ...]
    redirect_uri: str


def present(
    uri: str, store: WalletStore, http: WalletHttp, now: Callable[[], datetime], contexts: Contexts
) -> Presented:
    """Answer a request from the wallet's credentials; raises `Forbidden` if they do not suffice."""
    request = read_request(uri, http)
    answers = match(request.dcql_query, store.all(), contexts)
    body: dict[str, Any] = {
        "vp_token": {answer.query_id: [_presentation(answer, request, now(), contexts)] for answer in answers}
    }
    if request.state:
        body["state"] = request.state
    answer = http.json_of(http.post_form(request.response_uri, _form(body, request)))
    return Presented(request.client_id, answers, str(answer.get("redirect_uri", "")))


def _presentation(answer: Answer, request: AuthorizationRequest, now: datetime, contexts: Contexts) -> Any:
    signer = answer.held.signer()
    if answer.held.format == SD_JWT_VC:
        shown = sd_jwt_vc.present(
            answer.held.credential.encode("ascii"),
            answer.paths,
            signer,
            audience=request.client_id,
            nonce=request.nonce,
            now=now,
        )
        return shown.decode("ascii")
    if answer.held.format == MSO_MDOC:
        response = mdoc.present(
            base64url.decode(answer.held.credential),
            [(str(path[0]), str(path[1])) for path in answer.paths],
            signer,
            transcript=_transcript(request),
        )
        return base64url.encode(response)
    return data_integrity.present(
        (answer.held.credential,),
        signer,
        challenge=request.nonce,
        domain=request.client_id,
        now=now,
        contexts=contexts,
    )


def _transcript(request: AuthorizationRequest) -> bytes:
    """Return what the device signs for: this request, and the key that the answer is encrypted to (OID4VP 1.0 §B.2.6.1)."""
    thumbprint = None
    if request.response_mode == "direct_post.jwt":
        thumbprint = jwk.encryption_thumbprint(_encryption_key(request))
    return openid4vp_transcript(request.client_id, request.nonce, request.response_uri, thumbprint)


def _encryption_key(request: AuthorizationRequest) -> Mapping[str, Any]:
    keys = request.client_metadata.get("jwks", {}).get("keys", [])
    usable = [key for key in keys if key.get("alg") == "ECDH-ES" and key.get("crv") == "P-256"]
    if not usable:
        raise MalformedInput("the verifier names no key to encrypt to", clause="OID4VP 1.0 §8.3")
    found: Mapping[str, Any] = usable[0]
    return found


def _form(body: Mapping[str, Any], request: AuthorizationRequest) -> dict[str, str]:
    """Build the form of `direct_post` (§8.2) or `direct_post.jwt` (§8.3)."""
    if request.response_mode == "direct_post":
        state = {"state": body["state"]} if "state" in body else {}
        return {"vp_token": json.dumps(body["vp_token"]).decode(), **state}
    supported = request.client_metadata.get("encrypted_response_enc_values_supported", ["A128GCM"])
    method = "A256GCM" if "A256GCM" in supported else "A128GCM"
    return {"response": jwe.encrypt(json.dumps(body), _encryption_key(request), enc=method)}
