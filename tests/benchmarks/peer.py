"""The peer that SD-JWT VC is compared with: `sd-jwt` of PyPI, the reference implementation, on our own documents.

It makes and checks the same claims with the same disclosures, decoys and key binding apart; it knows no schema, no status and
no trust, so what it does is the format alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from tegata.formats.credential import ClaimPath

AUDIENCE, NONCE = "https://verifier.example", "n-0S6_WzA2Mj"


def issuing(claims: Mapping[str, Any], hidden: Sequence[ClaimPath]) -> Callable[[], str]:
    """Return what issues one credential with these claims hidden."""
    key, holder = JWK.generate(kty="EC", crv="P-256"), JWK.generate(kty="EC", crv="P-256")

    def issue() -> str:
        return str(SDJWTIssuer(_marked(claims, hidden), key, holder, sign_alg="ES256").sd_jwt_issuance)

    return issue


def verifying(claims: Mapping[str, Any], hidden: Sequence[ClaimPath]) -> Callable[[], Any]:
    """Return what verifies one presentation with everything shown and the holder's proof."""
    key, holder_key = JWK.generate(kty="EC", crv="P-256"), JWK.generate(kty="EC", crv="P-256")
    issued = SDJWTIssuer(_marked(claims, hidden), key, holder_key, sign_alg="ES256").sd_jwt_issuance
    holder = SDJWTHolder(issued)
    everything = {
        name: [True] * len(value) if isinstance(value, list) else True for name, value in claims.items()
    }
    holder.create_presentation(everything, NONCE, AUDIENCE, holder_key, sign_alg="ES256")
    shown = holder.sd_jwt_presentation
    assert shown.count("~") == issued.count("~"), "everything is shown"

    def verify() -> Any:
        return SDJWTVerifier(shown, lambda _issuer, _header: key, AUDIENCE, NONCE).get_verified_payload()

    return verify


def _marked(claims: Mapping[str, Any], hidden: Sequence[ClaimPath]) -> dict[Any, Any]:
    names = {path[0] for path in hidden if len(path) == 1}
    elements: dict[str, set[int | None]] = {}
    for path in hidden:
        if len(path) == 2 and not isinstance(path[1], str):
            elements.setdefault(str(path[0]), set()).add(path[1])
    found: dict[Any, Any] = {"iss": "https://issuer.example"}
    for name, value in claims.items():
        marked = value
        if name in elements:
            chosen = elements[name]
            marked = [
                SDObj(item) if None in chosen or index in chosen else item for index, item in enumerate(value)
            ]
        found[SDObj(name) if name in names else name] = marked
    return found
