"""Taking tokens apart: types, sizes, and what the serialisation may look like."""

from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.errors import LimitExceeded
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import FormatRefused, Limits
from tests.tegata.formats.sd_jwt_vc.samples import ISSUER, check, digest, disclosure, forge, issue, show


def _unsigned(header: dict[str, Any], payload: Any = None) -> bytes:
    body = {"iss": ISSUER, "vct": "x"} if payload is None else payload
    return ".".join(map(base64url.encode, (json.dumps(header), json.dumps(body), bytes(64)))).encode() + b"~"


@pytest.mark.clause("SD-JWT VC §2.2.1")
@pytest.mark.parametrize(
    "typ",
    [..., None, "", "jwt", "JWT", "sd-jwt", "example+sd-jwt", "DC+SD-JWT", "application/dc+sd-jwt", "kb+jwt", "statuslist+jwt",
     "vc+jwt", 5, ["dc+sd-jwt"], {"dc+sd-jwt": 1}],
)  # fmt: skip
def test_another_typ_is_refused(typ: object) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(forge({}, header={"typ": typ}))


@pytest.mark.clause("VC-JOSE-COSE §3.2")
def test_the_old_typ_means_this_format_only_with_vct_and_without_context() -> None:
    legacy = {"typ": "vc+sd-jwt"}
    assert sd_jwt_vc.parse(forge({}, header=legacy)).payload["vct"]
    for payload in (
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"vct": ...},
        {"vct": ..., "@context": []},
    ):
        with pytest.raises(FormatRefused):
            sd_jwt_vc.parse(forge(payload, header=legacy))


@pytest.mark.clause("SD-JWT VC §2.2.2.1")
@pytest.mark.parametrize("vct", [..., None, "", 5, [], ["x"], {}])
def test_a_credential_without_a_type_is_refused(vct: object) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(forge({"vct": vct}))


@pytest.mark.parametrize("issuer", [None, 5, [], {"id": ISSUER}, True])
def test_an_issuer_that_is_no_text_is_refused(issuer: object) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(forge({"iss": issuer}))


@pytest.mark.clause("SD-JWT VC §2.2.2")
def test_the_issuer_may_stand_in_the_certificate_alone() -> None:
    parsed = sd_jwt_vc.parse(forge({"iss": ...}, header={"x5c": ["MAA="]}))
    assert (parsed.key_reference.issuer, parsed.key_reference.certificates) == ("", (b"\x30\x00",))


@pytest.mark.clause("RFC 8725 §3.1")
@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "HS384", "RS256", "PS256", "ES512", "", None, 5, []]
)
def test_none_macs_and_other_algorithms_are_refused(algorithm: object) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(_unsigned({"typ": "dc+sd-jwt", "alg": algorithm}))


@pytest.mark.parametrize(
    "header", [{"kid": 5}, {"kid": None}, {"x5c": []}, {"x5c": "MAA="}, {"x5c": ["*"]}, {"crit": ["x"]}]
)
def test_a_faulty_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(forge({}, header=header))


@pytest.mark.clause("RFC 9901 §4")
@pytest.mark.parametrize(
    "data",
    [
        b"", b"~", b"~~", issue()[:-1], b"~" + issue(), issue().replace(b".", b"..", 1), b" " + issue(), issue().replace(b"~", b"\n~"),
        "あ~".encode(), b"\xff~", forge(b"[]"), forge(b"5"), forge(b"null"), forge(b"{"), forge(b'{"vct":"x","vct":"x"}'),
        b'{"payload":"e30","signatures":[]}',
    ],
)  # fmt: skip
def test_what_is_no_sd_jwt_is_refused(data: bytes) -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(data)


def test_a_duplicate_name_in_the_payload_is_refused() -> None:
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(forge(b'{"vct":"a","iss":"b","x":1,"x":2}'))


def test_more_bytes_than_the_limit_are_not_looked_at() -> None:
    data = issue()
    assert sd_jwt_vc.parse(data, Limits(max_bytes=len(data)))
    with pytest.raises(LimitExceeded):
        sd_jwt_vc.parse(data, Limits(max_bytes=len(data) - 1))
    with pytest.raises(LimitExceeded):
        sd_jwt_vc.parse(b"~" * 300_000)


def test_more_disclosures_than_the_limit_are_not_looked_at() -> None:
    data = issue([("languages", None)])
    assert sd_jwt_vc.parse(data, Limits(max_disclosures=5))
    with pytest.raises(LimitExceeded):
        sd_jwt_vc.parse(data, Limits(max_disclosures=4))
    with pytest.raises(LimitExceeded):
        sd_jwt_vc.parse(data + b"~" * 1_001)


def _nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_is_limited_in_the_open() -> None:
    assert sd_jwt_vc.parse(forge({"a": _nested(30)}))
    with pytest.raises(LimitExceeded):
        sd_jwt_vc.parse(forge({"a": _nested(40)}))


@pytest.mark.parametrize("escape", ["", "\\u0061"])
def test_nesting_is_limited_inside_a_disclosure(escape: str) -> None:
    for levels, is_legal in ((30, True), (40, False), (200, False)):
        raw = f'["salt","a",{"[" * levels}"{escape}"{"]" * levels}]'
        text = base64url.encode(raw.encode())
        data = forge({"_sd": [digest(text)]}, [text])
        if is_legal:
            assert check(data)
        else:
            with pytest.raises(LimitExceeded):
                check(data)


def test_nesting_is_limited_over_disclosures_inside_disclosures() -> None:
    texts: list[str] = []
    inner: dict[str, Any] = {"leaf": 1}
    for level in range(40):
        texts.append(disclosure(f"salt{level}", "a", inner))
        inner = {"_sd": [digest(texts[-1])]}
    with pytest.raises(LimitExceeded):
        check(forge(inner, texts))
    kept = texts[:20]
    assert check(forge({"_sd": [digest(kept[-1])]}, kept))


@pytest.mark.clause("RFC 9901 §4.3.1")
def test_the_bound_part_ends_with_the_last_tilde() -> None:
    data = issue([("family_name",)])
    presented = sd_jwt_vc.parse(show(data, [("family_name",)]))
    assert presented.bound_part == data
    assert presented.key_binding.count(".") == 2
    assert sd_jwt_vc.parse(data).bound_part == data


def test_what_a_token_says_is_not_printed() -> None:
    data = show(issue([("family_name",)]), [("family_name",)])
    assert "山田" not in repr(sd_jwt_vc.parse(data))
    assert data.decode().split("~")[1] not in repr(sd_jwt_vc.parse(data))
    assert data.decode().split(".")[1] not in repr(sd_jwt_vc.parse(data))
