"""Type metadata: reading a document, and joining it with those it extends."""

import json
from typing import Any

import pytest

from tegata.codec.integrity import IntegrityFailed, integrity_of
from tegata.errors import LimitExceeded, TegataError
from tegata.formats.sd_jwt_vc.type_metadata import (
    Selective,
    TypeMetadataRefused,
    TypeMetadataUnavailable,
    label_for,
    parse_type_metadata,
    resolve,
)

VCT = "https://names.example/vct/transcript/1"
PARENT = "https://names.example/vct/certificate/1"
DOCUMENT: dict[str, Any] = {
    "vct": VCT,
    "name": "Transcript",
    "description": "Grades",
    "display": [
        {"locale": "ja", "name": "成績証明書", "description": "成績", "rendering": {"simple": {"text_color": "#ffffff"}}},
        {"locale": "en-GB", "name": "Transcript of records"},
    ],
    "claims": [
        {"path": ["family_name"], "mandatory": True, "sd": "always", "svg_id": "family_name",
         "display": [{"locale": "ja", "label": "氏"}, {"locale": "en", "label": "Family name", "description": "As registered"}]},
        {"path": ["courses", None, "rating"], "sd": "allowed"},
        {"path": ["courses", 0]},
    ],
}  # fmt: skip


def _bytes(**changes: Any) -> bytes:
    return json.dumps(
        {name: value for name, value in {**DOCUMENT, **changes}.items() if value is not ...}
    ).encode()


@pytest.mark.clause("SD-JWT VC §6")
def test_a_document_is_read() -> None:
    found = parse_type_metadata(_bytes())
    assert (found.vct, found.lineage, found.name) == (VCT, (VCT,), "Transcript")
    first, second, third = found.rules
    assert (first.path, first.mandatory, first.selective, first.svg_id) == (
        ("family_name",),
        True,
        Selective.ALWAYS,
        "family_name",
    )
    assert first.labels[1].description == "As registered"
    assert (second.path, second.mandatory, second.selective) == (
        ("courses", None, "rating"),
        False,
        Selective.ALLOWED,
    )
    assert third.path == ("courses", 0)


def test_a_name_is_given_in_the_readers_language() -> None:
    found = parse_type_metadata(_bytes())
    assert [found.called(language) for language in ("ja", "ja-JP", "en", "EN-gb", "fr")] == [
        "成績証明書", "成績証明書", "Transcript of records", "Transcript of records", "成績証明書",
    ]  # fmt: skip
    assert parse_type_metadata(_bytes(display=...)).called("ja") == "Transcript"
    assert parse_type_metadata(_bytes(display=..., name=...)).called("ja") == VCT
    assert label_for((), "ja") == ""


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{", b'"x"', b'{"vct":"a","vct":"a"}', _bytes(vct=...), _bytes(vct=""), _bytes(vct=5), _bytes(name=5),
        _bytes(description=[]), _bytes(extends=5), _bytes(**{"extends#integrity": "sha256-x"}), _bytes(extends="x", **{"extends#integrity": 5}),
        _bytes(display={}), _bytes(display=["ja"]), _bytes(display=[{"name": "x"}]), _bytes(display=[{"locale": "ja"}]),
        _bytes(display=[{"lang": "ja", "name": "x"}]), _bytes(display=[{"locale": "ja", "name": "x"}, {"locale": "JA", "name": "y"}]),
        _bytes(claims={}), _bytes(claims=["x"]), _bytes(claims=[{}]), _bytes(claims=None),
    ],
)  # fmt: skip
def test_a_faulty_document_is_refused(data: bytes) -> None:
    with pytest.raises(TypeMetadataRefused):
        parse_type_metadata(data)


@pytest.mark.parametrize(
    "claim",
    [
        {"path": []}, {"path": "a"}, {"path": [1]}, {"path": [None]}, {"path": ["a", -1]}, {"path": ["a", True]}, {"path": ["a", 1.0]},
        {"path": ["a", ["b"]]}, {"path": ["a"], "mandatory": "yes"}, {"path": ["a"], "mandatory": 1}, {"path": ["a"], "mandatory": None},
        {"path": ["a"], "sd": "sometimes"}, {"path": ["a"], "sd": True}, {"path": ["a"], "sd": ["always"]}, {"path": ["a"], "sd": None},
        {"path": ["a"], "svg_id": "1x"}, {"path": ["a"], "svg_id": "a b"}, {"path": ["a"], "svg_id": 5}, {"path": ["a"], "svg_id": "x\n"},
        {"path": ["a"], "display": {}}, {"path": ["a"], "display": [{"locale": "ja"}]}, {"path": ["a"], "display": [{"label": "x"}]},
    ],
)  # fmt: skip
def test_a_faulty_claim_is_refused(claim: dict[str, Any]) -> None:
    with pytest.raises(TypeMetadataRefused):
        parse_type_metadata(_bytes(claims=[claim]))


def test_two_claims_with_one_path_or_one_svg_id_are_refused() -> None:
    for claims in (
        [{"path": ["a"]}, {"path": ["a"]}],
        [{"path": ["a"], "svg_id": "x"}, {"path": ["b"], "svg_id": "x"}],
    ):
        with pytest.raises(TypeMetadataRefused):
            parse_type_metadata(_bytes(claims=claims))


def test_sizes_are_limited() -> None:
    for data in (
        _bytes(description="x" * 300_000),
        _bytes(claims=[{"path": [f"c{n}"]} for n in range(1_001)]),
    ):
        with pytest.raises(LimitExceeded):
            parse_type_metadata(data)


def _family(child: list[dict[str, Any]], parent: list[dict[str, Any]], **changes: Any) -> dict[str, bytes]:
    return {
        VCT: _bytes(claims=child, extends=PARENT, **changes),
        PARENT: _bytes(
            vct=PARENT, claims=parent, name="Certificate", display=[{"locale": "ja", "name": "証明書"}]
        ),
    }


@pytest.mark.clause("SD-JWT VC §6, extends")
def test_a_child_adds_to_its_parent_and_replaces_rules_as_a_whole() -> None:
    parent = [{"path": ["a"], "display": [{"locale": "ja", "label": "旧"}]}, {"path": ["b"], "sd": "never"}]
    child = [{"path": ["a"], "sd": "always", "mandatory": True}, {"path": ["c"]}]
    found = resolve(VCT, _family(child, parent))
    assert found.lineage == (VCT, PARENT)
    assert [(rule.path, rule.selective, rule.mandatory) for rule in found.rules] == [
        (("a",), Selective.ALWAYS, True), (("b",), Selective.NEVER, False), (("c",), Selective.ALLOWED, False),
    ]  # fmt: skip
    assert found.rules[0].labels == ()
    assert found.called("ja") == "成績証明書"


def test_a_child_without_words_has_its_parents() -> None:
    found = resolve(VCT, _family([], [], name=..., display=...))
    assert (found.name, found.called("ja")) == ("Certificate", "証明書")


@pytest.mark.clause("SD-JWT VC §6, extends")
@pytest.mark.parametrize(
    ("parent", "child", "is_legal"),
    [
        ({"sd": "allowed"}, {"sd": "always"}, True), ({"sd": "allowed"}, {"sd": "never"}, True), ({"sd": "always"}, {"sd": "always"}, True),
        ({}, {"sd": "never"}, True), ({"sd": "always"}, {"sd": "allowed"}, False), ({"sd": "always"}, {}, False),
        ({"sd": "always"}, {"sd": "never"}, False), ({"sd": "never"}, {"sd": "always"}, False), ({"sd": "never"}, {}, False),
        ({"mandatory": False}, {"mandatory": True}, True), ({"mandatory": True}, {"mandatory": True}, True),
        ({"mandatory": True}, {"mandatory": False}, False), ({"mandatory": True}, {}, False),
    ],
)  # fmt: skip
def test_a_child_may_be_stricter_and_never_looser(
    parent: dict[str, Any], child: dict[str, Any], is_legal: bool
) -> None:
    family = _family([{"path": ["a"], **child}], [{"path": ["a"], **parent}])
    if is_legal:
        assert len(resolve(VCT, family).rules) == 1
    else:
        with pytest.raises(TypeMetadataRefused):
            resolve(VCT, family)


def test_strictness_is_kept_over_generations() -> None:
    family = {
        "a": _bytes(vct="a", extends="b", claims=[{"path": ["x"], "sd": "allowed"}]),
        "b": _bytes(vct="b", extends="c", claims=[]),
        "c": _bytes(vct="c", claims=[{"path": ["x"], "sd": "always"}]),
    }
    with pytest.raises(TypeMetadataRefused):
        resolve("a", family)


@pytest.mark.clause("SD-JWT VC §7")
def test_integrity_is_checked_at_every_step() -> None:
    family = _family([], [])
    good = {
        **family,
        VCT: _bytes(claims=[], extends=PARENT, **{"extends#integrity": integrity_of(family[PARENT])}),
    }
    assert resolve(VCT, good, integrity_of(good[VCT])).lineage == (VCT, PARENT)
    with pytest.raises(IntegrityFailed):
        resolve(VCT, good, integrity_of(family[VCT]))
    with pytest.raises(IntegrityFailed):
        resolve(VCT, {**good, PARENT: family[PARENT] + b" "})
    with pytest.raises(TypeMetadataRefused):
        resolve(VCT, good, "md5-AAAA")


def test_a_document_about_another_type_is_refused() -> None:
    with pytest.raises(TypeMetadataRefused):
        resolve(VCT, {VCT: _bytes(vct=PARENT)})


def test_a_missing_document_leaves_the_question_open() -> None:
    for documents in ({}, {VCT: _bytes(extends=PARENT)}):
        with pytest.raises(TypeMetadataUnavailable):
            resolve(VCT, documents)


def test_circles_are_refused() -> None:
    for documents in (
        {VCT: _bytes(extends=VCT)},
        {VCT: _bytes(extends=PARENT), PARENT: _bytes(vct=PARENT, extends=VCT)},
    ):
        with pytest.raises(TypeMetadataRefused):
            resolve(VCT, documents)


def test_five_generations_are_enough() -> None:
    documents = {str(n): _bytes(vct=str(n), claims=[], extends=str(n + 1)) for n in range(5)}
    documents["5"] = _bytes(vct="5", claims=[])
    assert len(resolve("1", documents).lineage) == 5
    with pytest.raises(TegataError) as refused:
        resolve("0", documents)
    assert isinstance(refused.value, TypeMetadataRefused)
