"""Our mobile documents before @owf/mdoc, and its before us: what one signs the other verifies, what is changed both refuse."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tegata.codec import base64url, dates
from tegata.errors import TegataError
from tegata.formats import mdoc
from tegata.formats.credential import Expected
from tegata.formats.mdoc import session
from tegata.identity.certificates import KeyUse
from tegata.identity.chain import validate_chain
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tests.conformance.peers import private_jwk, run
from tests.simulators.issuer import Scheme, School
from tests.tegata.formats.mdoc.documents import document as sample

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("peers")]

_NOW = datetime.now(UTC).replace(microsecond=0)
_SCHEME = Scheme.start(_NOW)
_SCHOOL = School.enrol(_SCHEME, "https://issuer.example/s/abc", _NOW, use=KeyUse.MDOC_DS)
_SECRET, _DEVICE_SECRET = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
_SIGNER = _SCHEME.certify(
    SoftwareSigner.from_private_key(_SECRET),
    KeyUse.MDOC_DS,
    uris=(_SCHOOL.identifier,),
    school="例示高校",
    code=_SCHOOL.code,
)
_DEVICE = SoftwareSigner.from_private_key(_DEVICE_SECRET)
_SESSION = {
    "clientId": "x509_hash:abc",
    "nonce": "n-0S6_WzA2Mj",
    "responseUri": "https://verifier.example/response",
}
_ENCRYPTED = {**_SESSION, "jwkThumbprint": base64url.encode(bytes(range(32)))}
_EXPECTED = Expected(holder_binding_required=True)


def _transcript(of: dict[str, str] = _SESSION) -> bytes:
    thumbprint = base64url.decode(of["jwkThumbprint"]) if "jwkThumbprint" in of else None
    return session.openid4vp_transcript(of["clientId"], of["nonce"], of["responseUri"], thumbprint)


def _ours(name: str = "graduation") -> bytes:
    return _SCHOOL.mobile(_SCHOOL.document(name), _DEVICE.public_key)


def _ask(do: str, data: bytes = b"", **more: Any) -> dict[str, Any]:
    case = {
        "do": do,
        "data": base64url.encode(data),
        "trusted": [base64url.encode(_SCHEME.iaca_certificate)],
        "now": dates.format_instant(_NOW),
        **more,
    }
    (found,) = run("mdoc.mjs", {"cases": [case]})
    return found  # type: ignore[no-any-return]  # JSON


def _check(parsed: mdoc.Parsed, **more: Any) -> Any:
    """Verify as a verifier does: by the chain that came, up to the IACA."""
    leaf = validate_chain(
        parsed.key_reference.certificates,
        anchors=(_SCHEME.iaca_certificate,),
        at=_NOW,
        use=KeyUse.MDOC_DS,
    )
    terms = {"now": _NOW, "expected": _EXPECTED, "transcript": _transcript(), **more}
    return mdoc.verify_presentation(parsed, leaf.public_key, **terms)


def _changed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize("name", ["graduation", "transcript", "student-id"])
def test_what_we_issue_it_verifies(name: str) -> None:
    assert _ask("verify-issued", _ours(name)) == {"verified": True, "error": ""}


def test_what_we_issue_and_somebody_changes_it_refuses() -> None:
    raw = _ours()
    for old, new in ((b"family_name", b"family_nama"), ("青葉".encode(), "青木".encode())):
        if old in raw:
            assert _ask("verify-issued", _changed(raw, old, new))["verified"] is False
    stranger = base64url.encode(Scheme.start(_NOW).iaca_certificate)
    assert _ask("verify-issued", raw, trusted=[stranger])["verified"] is False
    late = dates.format_instant(_NOW + timedelta(days=400))
    assert _ask("verify-issued", raw, now=late)["verified"] is False


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
@pytest.mark.parametrize("of", [_SESSION, _ENCRYPTED], ids=["plain", "encrypted"])
def test_both_sides_write_the_same_transcript(of: dict[str, str]) -> None:
    assert _ask("transcript", session=of)["data"] == base64url.encode(_transcript(of))


def test_what_we_present_it_verifies_for_this_session_and_no_other() -> None:
    raw = _ours()
    parsed = mdoc.parse(raw)
    shown = [(name, items[0].identifier) for name, items in parsed.namespaces.items()]
    response = mdoc.present(raw, shown, _DEVICE, transcript=_transcript())
    assert _ask("verify-response", response, session=_SESSION) == {"verified": True, "error": ""}
    for other in ({**_SESSION, "nonce": "another"}, {**_SESSION, "clientId": "x509_hash:b"}, _ENCRYPTED):
        assert _ask("verify-response", response, session=other)["verified"] is False
    stolen = mdoc.present(raw, shown, SoftwareSigner.generate(), transcript=_transcript())
    assert _ask("verify-response", stolen, session=_SESSION)["verified"] is False


def _theirs() -> bytes:
    answer = _ask(
        "issue",
        doctype="example.graduation.1",
        namespaces={"example.school.1": {"family_name": "青葉", "credits": 74, "courses": [{"course": "数学", "credits": 3}]}},
        signed=dates.format_instant(_NOW - timedelta(hours=1)),
        validFrom=dates.format_instant(_NOW - timedelta(hours=1)),
        validUntil=dates.format_instant(_NOW + timedelta(days=300)),
        signingKey=private_jwk(_SECRET),
        deviceKey=jwk.to_jwk(_DEVICE.public_key),
        certificates=[base64url.encode(der) for der in _SIGNER.certificates],
    )  # fmt: skip
    return base64url.decode(answer["data"])


def test_what_it_issues_and_presents_we_verify() -> None:
    wanted = {"example.school.1": ["family_name", "courses"]}
    answer = _ask(
        "present", _theirs(), doctype="example.graduation.1", elements=wanted, deviceKey=private_jwk(_DEVICE_SECRET), session=_SESSION
    )  # fmt: skip
    response = base64url.decode(answer["data"])
    (parsed,) = mdoc.parse_response(response)
    found = _check(parsed)
    assert found.holder_proven
    assert found.claims == {"family_name": "青葉", "courses": [{"course": "数学", "credits": 3}]}
    with pytest.raises(TegataError):
        _check(parsed, transcript=_transcript(_ENCRYPTED))
    (forged,) = mdoc.parse_response(_changed(response, "青葉".encode(), "青木".encode()))
    with pytest.raises(TegataError):
        _check(forged)


def test_invented_types_of_our_tests_are_verified_as_well() -> None:
    prepared = mdoc.prepare(
        replace(sample(), valid_from=_NOW, valid_until=_NOW + timedelta(days=1)),
        _DEVICE.public_key,
        secrets.token_bytes,
        _NOW,
    )
    assert _ask("verify-issued", mdoc.seal(prepared, _SIGNER)) == {"verified": True, "error": ""}
