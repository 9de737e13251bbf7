"""The list on the wire: built and believed, and each way not to believe it."""

import base64
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import Misconfigured, TegataError, Text
from tegata.identity.certificates import KeyUse, OrganisationSubject
from tegata.identity.chain import ChainRefused
from tegata.identity.did import did_web
from tegata.identity.trust_list import ListedKey, Right, TrustedOrganisation, TrustList
from tegata.identity.trust_list_format import ListRolledBack, TrustListRefused, build, load
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.identity.authority import NOW, SCHOOL_URI, authorities, make, mobile

A = authorities()
DAY = timedelta(days=1)
OPERATOR = OrganisationSubject("例示運営機構")


def signer_for(use: KeyUse = KeyUse.TRUST_LIST, **changes: Any) -> SoftwareSigner:
    if use is KeyUse.TRUST_LIST:
        changes = {"subject": OPERATOR, "uris": (), **changes}
    return A.leaf(use, **changes)


SIGNER = signer_for()
KEYS = tuple(
    ListedKey(
        key=SoftwareSigner.generate(algorithm).public_key,
        use=use,
        active_from=NOW,
        active_until=NOW + DAY,
        compromised_from=NOW + DAY if use is KeyUse.COPY else None,
        certificate=A.leaf().certificates[0] if use is KeyUse.DOCUMENT else b"",
    )
    for use, algorithm in (
        (KeyUse.DOCUMENT, Algorithm.ES256),
        (KeyUse.COPY, Algorithm.ES384),
        (KeyUse.STATUS, Algorithm.EDDSA),
    )
)
SCHOOL = TrustedOrganisation(
    identifier=SCHOOL_URI,
    did=did_web(SCHOOL_URI),
    names=Text("例示県立みらい台高等学校", "Miraidai High School"),
    establisher="例示県",
    corporate_number="7000020009997",
    school_code="D100299999903",
    board_code="009990",
    is_test=True,
    keys=KEYS,
    rights=(
        Right("https://w3id.org/tegata/vct/graduation/1", SCHOOL_URI, NOW),
        Right("https://w3id.org/tegata/vct/transcript/1", SCHOOL_URI, NOW, NOW + DAY, as_custodian=True),
    ),
    closed_on="2027-03-31",
    successor="https://issuer.example/s/other",
    history=({"name": "例示高校", "from": None, "until": "2025-03-31"},),
)
LIST = TrustList(7, NOW, NOW + 7 * DAY, Text("運営", "Operator"), (SCHOOL,), (mobile().iaca,))


def believe(compact: str | bytes, **changes: Any) -> TrustList:
    return load(compact, **{"anchors": (A.root,), "now": NOW, **changes})


def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jws.parse(build(LIST, SIGNER)).payload)
    return found


def signed(body: object, signer: SoftwareSigner = SIGNER, **header: Any) -> str:
    full = {
        "typ": "trust-list+jwt",
        "x5c": [base64.b64encode(der).decode("ascii") for der in signer.certificates],
        **header,
    }
    kept = {name: value for name, value in full.items() if value is not None}
    return jws.sign(kept, body if isinstance(body, bytes) else json.dumps(body), signer, name_key=False)


def test_what_is_built_is_what_is_believed() -> None:
    assert believe(build(LIST, SIGNER)) == LIST
    assert believe(build(LIST, SIGNER).encode("ascii")) == LIST


@pytest.mark.clause("ETSI TS 119 602 §6")
def test_the_list_has_the_shape_of_a_list_of_trusted_entities() -> None:
    scheme = content()["LoTE"]["ListAndSchemeInformation"]
    assert scheme["LoTEVersionIdentifier"] == 1
    assert scheme["LoTESequenceNumber"] == 7
    assert scheme["SchemeOperatorName"] == [
        {"lang": "ja", "value": "運営"},
        {"lang": "en", "value": "Operator"},
    ]
    assert (scheme["ListIssueDateTime"], scheme["NextUpdate"]) == (
        "2026-04-10T03:00:00Z",
        "2026-04-17T03:00:00Z",
    )
    (entity,) = content()["LoTE"]["TrustedEntitiesList"]
    services = [
        item["ServiceInformation"]["ServiceTypeIdentifier"] for item in entity["TrustedEntityServices"]
    ]
    assert services == [
        f"https://w3id.org/tegata/trust/service/{use}" for use in ("document", "copy", "status")
    ]


def test_the_chain_goes_along_and_the_anchor_does_not() -> None:
    header = jws.parse(build(LIST, SIGNER)).header
    assert header["typ"] == "trust-list+jwt"
    assert tuple(base64.b64decode(item) for item in header["x5c"]) == SIGNER.certificates
    assert A.root not in SIGNER.certificates


def test_members_that_are_not_known_are_ignored() -> None:
    body = content()
    body["LoTE"]["ListAndSchemeInformation"]["SchemeName"] = []
    body["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityInformation"]["TEAddress"] = {}
    body["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"][0]["ServiceHistory"] = []
    assert believe(signed(body)) == LIST


def test_what_may_be_left_out_is_empty() -> None:
    body = content()
    extension = body["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityInformation"]["TegataOrganisation"]
    for name in ("closedOn", "successor", "history"):
        del extension[name]
    del body["LoTE"]["ListAndSchemeInformation"]["TegataMdocAuthorities"]
    believed = believe(signed(body))
    assert believed.mdoc_authorities == ()
    (found,) = believed.organisations
    assert (found.closed_on, found.successor, found.history) == ("", "", ())


def test_a_name_without_english_is_shown_in_japanese() -> None:
    body = content()
    body["LoTE"]["ListAndSchemeInformation"]["SchemeOperatorName"] = [{"lang": "ja", "value": "運営"}]
    assert believe(signed(body)).operator == Text("運営", "運営")


def test_a_list_without_organisations_is_a_list() -> None:
    empty = dataclasses.replace(LIST, organisations=())
    assert believe(build(empty, SIGNER)) == empty


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_a_list_is_signed_with_any_of_our_algorithms(algorithm: Algorithm) -> None:
    signer = signer_for(signer=SoftwareSigner.generate(algorithm))
    assert believe(build(LIST, signer)) == LIST


def test_a_key_without_certificates_builds_no_list() -> None:
    with pytest.raises(Misconfigured):
        build(LIST, SoftwareSigner.generate())


def test_an_older_list_is_a_rollback_and_the_same_one_is_not() -> None:
    compact = build(LIST, SIGNER)
    assert believe(compact, minimum_sequence=7).sequence == 7
    with pytest.raises(ListRolledBack):
        believe(compact, minimum_sequence=8)


def test_a_list_may_be_overdue_and_still_be_read() -> None:
    old = dataclasses.replace(LIST, issued_at=NOW - 30 * DAY, next_update=NOW - 23 * DAY)
    assert believe(build(old, SIGNER)) == old


@pytest.mark.parametrize(
    "signer",
    [
        lambda: make().leaf(KeyUse.TRUST_LIST, subject=OPERATOR, uris=()),
        lambda: signer_for(KeyUse.DOCUMENT),
        lambda: signer_for(KeyUse.STATUS),
        lambda: signer_for(KeyUse.REQUEST_SIGNING, dns_names=("a.example",)),
        lambda: signer_for(now=NOW + DAY),
    ],
)
def test_a_list_signed_with_another_kind_of_key_is_refused(signer: Callable[[], SoftwareSigner]) -> None:
    with pytest.raises(ChainRefused):
        believe(build(LIST, signer()))


def test_a_list_under_another_anchor_is_refused() -> None:
    for anchors in ((make().root,), ()):
        with pytest.raises(ChainRefused):
            believe(build(LIST, SIGNER), anchors=anchors)


def test_a_list_signed_with_a_key_that_is_not_its_certificates_is_refused() -> None:
    forged = SoftwareSigner.generate().with_certificates(SIGNER.certificates)
    with pytest.raises(TrustListRefused):
        believe(build(LIST, forged))


def test_a_changed_list_is_refused() -> None:
    header, payload, signature = build(LIST, SIGNER).split(".")
    changed = base64url.encode(base64url.decode(payload).replace(b"D100299999903", b"D100299999912"))
    assert changed != payload
    with pytest.raises(TrustListRefused):
        believe(f"{header}.{changed}.{signature}")


@pytest.mark.clause("RFC 8725 §3.1")
def test_another_algorithm_than_the_keys_is_refused() -> None:
    _, payload, signature = build(LIST, SIGNER).split(".")
    for algorithm in ("none", "HS256", "ES384", "EdDSA", "RS256"):
        header = {
            "typ": "trust-list+jwt",
            "alg": algorithm,
            "x5c": [base64.b64encode(der).decode() for der in SIGNER.certificates],
        }
        with pytest.raises(TrustListRefused):
            believe(f"{base64url.encode(json.dumps(header))}.{payload}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": 5},
        {"x5c": None},
        {"x5c": 5},
        {"x5c": "abc"},
        {"x5c": [5]},
        {"x5c": ["!"]},
        {"x5c": [""]},
        {"x5c": []},
        {"x5c": {}},
    ],
)
def test_a_header_that_is_no_lists_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises((TrustListRefused, ChainRefused)):
        believe(signed(content(), **header))


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.b.c.d", "全角.b.c", b"\xff.b.c", "..", "{}"])
def test_what_is_no_jws_is_refused(text: str | bytes) -> None:
    with pytest.raises(TrustListRefused):
        believe(text)


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        place: Any = body["LoTE"]
        for step in path[:-1]:
            place = place[step]
        if to is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return change


_SCHEME, _ENTITY = "ListAndSchemeInformation", ("TrustedEntitiesList", 0)
_INFORMATION = (*_ENTITY, "TrustedEntityInformation")
_EXTENSION = (*_INFORMATION, "TegataOrganisation")
_SERVICE = (*_ENTITY, "TrustedEntityServices", 0, "ServiceInformation")


@pytest.mark.parametrize(
    "change",
    [
        _set(_SCHEME, to=...),
        _set(_SCHEME, "LoTEVersionIdentifier", to=2),
        _set(_SCHEME, "LoTEVersionIdentifier", to="1"),
        _set(_SCHEME, "LoTEType", to="http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList"),
        *(_set(_SCHEME, "LoTESequenceNumber", to=value) for value in (0, -1, True, "7", 7.5, None)),
        _set(_SCHEME, "ListIssueDateTime", to="2026-04-10"),
        _set(_SCHEME, "NextUpdate", to=None),
        _set(_SCHEME, "NextUpdate", to=5),
        _set(_SCHEME, "SchemeOperatorName", to=[{"lang": "en", "value": "Operator"}]),
        _set(_SCHEME, "SchemeOperatorName", to="運営"),
        _set("TrustedEntitiesList", to=...),
        _set("TrustedEntitiesList", to=5),
        _set("TrustedEntitiesList", to=["x"]),
        _set(*_INFORMATION, "TEName", to=...),
        _set(*_EXTENSION, to=...),
        _set(*_EXTENSION, "identifiers", "uri", to=...),
        _set(*_EXTENSION, "rights", to=...),
        _set(*_EXTENSION, "rights", 0, "validFrom", to=None),
        _set(*_EXTENSION, "rights", 0, "documentType", to=...),
        _set(*_EXTENSION, "rights", 0, "asCustodian", to=...),
        _set(*_EXTENSION, "history", to=5),
        _set(*_ENTITY, "TrustedEntityServices", to=...),
        _set(*_SERVICE, "ServiceTypeIdentifier", to="https://w3id.org/tegata/trust/service/other"),
        _set(*_SERVICE, "ServiceDigitalIdentity", "PublicKeyValues", to=[]),
        _set(*_SERVICE, "ServiceDigitalIdentity", "PublicKeyValues", 0, "x", to="AAAA"),
        _set(*_SERVICE, "ServiceDigitalIdentity", "PublicKeyValues", 0, "d", to="AAAA"),
        _set(*_SERVICE, "ServiceDigitalIdentity", "PublicKeyValues", 0, "alg", to="ES384"),
        _set(*_SERVICE, "ServiceDigitalIdentity", "X509Certificates", 0, "val", to="!"),
        _set(*_SERVICE, "TegataPeriod", to=...),
        _set(*_SERVICE, "TegataPeriod", "activeFrom", to=None),
        _set(*_SERVICE, "TegataPeriod", "activeUntil", to="soon"),
    ],
)
def test_a_list_that_cannot_be_read_whole_is_refused_whole(change: Callable[[dict[str, Any]], None]) -> None:
    body = content()
    change(body)
    with pytest.raises(TrustListRefused):
        believe(signed(body))


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"5", b"null", b"{}", b'{"LoTE":5}', b'{"LoTE":{}}', b'{"a":1,"a":2}']
)
def test_another_payload_is_refused(body: bytes) -> None:
    with pytest.raises(TrustListRefused):
        believe(signed(body))


def test_two_organisations_of_one_identifier_are_refused() -> None:
    twin = dataclasses.replace(SCHOOL, identifier="https://issuer.example/s/twin")
    for organisations in ((SCHOOL, SCHOOL), (SCHOOL, twin)):
        with pytest.raises(TrustListRefused):
            believe(build(dataclasses.replace(LIST, organisations=organisations), SIGNER))


def test_every_refusal_has_a_public_text_and_says_nothing_of_the_list() -> None:
    with pytest.raises(TegataError) as refused:
        believe(signed({"LoTE": "秘密"}))
    assert refused.value.public.ja
    assert "秘密" not in refused.value.public.ja
