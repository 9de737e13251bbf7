"""What software of others signs, before our verifiers: it holds, and holds no more once it was changed."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tegata.errors import TegataError
from tegata.formats import data_integrity, sd_jwt_vc
from tegata.formats.credential import SignatureRefused
from tegata.identity.did import did_key
from tegata.keys import multikey
from tegata.keys.software import SoftwareSigner
from tests.conformance.peers import private_jwk, run
from tests.tegata.formats.data_integrity import support as w3c
from tests.tegata.formats.sd_jwt_vc import samples

pytestmark = pytest.mark.node

_SUITES = ("ecdsa-rdfc-2019", "eddsa-rdfc-2022")
_DATE = "2026-03-01T00:00:00Z"


def _sign(document: dict[str, Any], suite: str, method: str, **more: str) -> tuple[dict[str, Any], Any]:
    case = {"document": document, "suite": suite, "method": method, "date": _DATE, **more}
    contexts = {url: json.loads(content) for url, content in w3c.CONTEXTS.items()}
    (found,) = run("sign_w3c.mjs", {"contexts": contexts, "cases": [case]})
    return found["document"], multikey.decode(found["publicKey"])


def _unsigned() -> dict[str, Any]:
    found = w3c.issue()
    del found["proof"]
    return found


def _verify(document: Any, key: Any) -> Any:
    parsed = data_integrity.parse(w3c.encoded(document), w3c.CONTEXTS)
    return data_integrity.verify(parsed, key, now=w3c.NOW, holder_keys=w3c.holder_keys)


@pytest.mark.parametrize("suite", _SUITES)
def test_a_credential_signed_by_digital_bazaar_holds_until_it_is_changed(suite: str) -> None:
    signed, key = _sign(_unsigned(), suite, f"{w3c.ISSUER}#document-1")
    assert signed["proof"]["cryptosuite"] == suite
    assert _verify(signed, key).claims == w3c.DOCUMENT.claims
    changed = json.loads(json.dumps(signed))
    changed["credentialSubject"]["department"] = "理数科"
    with pytest.raises(SignatureRefused):
        _verify(changed, key)


def test_a_presentation_signed_by_digital_bazaar_proves_no_other_holder() -> None:
    """Its holder is who the credential is bound to, or nobody: a key of its own is not the learner's."""
    credential = w3c.issue()
    presentation = w3c.present(credential)
    del presentation["proof"]
    method = f"{did_key(w3c.HOLDER.public_key)}#{did_key(w3c.HOLDER.public_key).removeprefix('did:key:')}"
    signed, _ = _sign(presentation, "ecdsa-rdfc-2019", method, challenge=w3c.NONCE, domain=w3c.CLIENT)
    with pytest.raises(TegataError):
        w3c.check_presentation(signed)


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, str], Any]:
    """An SD-JWT VC by @sd-jwt/sd-jwt-vc, with nested and array disclosures, and what is presented of it."""
    issuer, holder = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    holder_key = {
        name: value for name, value in private_jwk(holder).items() if name in {"kty", "crv", "x", "y"}
    }
    claims = {
        "iss": samples.ISSUER,
        "vct": samples.VCT,
        "iat": int(samples.NOW.timestamp()),
        "cnf": {"jwk": holder_key},
        "family_name": "髙橋",
        "birthdate": "2008-02-29",
        "address": {"region": "例示県", "country": "JP"},
        "courses": ["国語", "数学", "理科"],
    }
    request = {
        "issuerKey": private_jwk(issuer),
        "holderKey": private_jwk(holder),
        "header": {"kid": "document-1"},
        "claims": claims,
        "frame": {
            "_sd": ["family_name", "birthdate", "address"],
            "address": {"_sd": ["region"]},
            "courses": {"_sd": [0, 1, 2], "_sd_decoy": 2},
        },
        "shown": {"family_name": True, "address": {"region": True}, "courses": {"1": True}},
        "binding": {"iat": int(samples.NOW.timestamp()), "aud": samples.AUDIENCE, "nonce": samples.NONCE},
    }
    return run("sd_jwt_vc.mjs", request), SoftwareSigner.from_private_key(issuer, "document-1").public_key


def _check(data: str, key: Any) -> Any:
    parsed = sd_jwt_vc.parse(data.encode())
    return sd_jwt_vc.verify_presentation(parsed, key, now=samples.NOW, expected=samples.EXPECTED)


def test_an_sd_jwt_vc_by_sd_jwt_js_shows_what_was_chosen(made: tuple[dict[str, str], Any]) -> None:
    texts, key = made
    found = _check(texts["presented"], key)
    assert found.holder_proven
    assert found.claims["family_name"] == "髙橋"
    assert found.claims["address"] == {"region": "例示県", "country": "JP"}
    assert found.claims["courses"] == ["数学"]
    assert "birthdate" not in found.claims
    whole = sd_jwt_vc.verify(sd_jwt_vc.parse(texts["issued"].encode()), key, now=samples.NOW)
    assert whole.claims["courses"] == ["国語", "数学", "理科"]


def test_an_sd_jwt_vc_by_sd_jwt_js_that_somebody_changed_is_refused(
    made: tuple[dict[str, str], Any],
) -> None:
    texts, key = made
    token, *disclosures, binding = texts["presented"].split("~")
    for changed in (
        "~".join([token, *disclosures[1:], binding]),
        "~".join([token, *reversed(disclosures), binding]),
        "~".join([token, disclosures[0][:-2] + "AA", *disclosures[1:], binding]),
        texts["issued"],
    ):
        with pytest.raises(TegataError):
            _check(changed, key)
