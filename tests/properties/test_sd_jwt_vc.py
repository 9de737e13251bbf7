"""SD-JWT VC for every shape of claims and every disclosure policy: nothing is lost, nothing more is shown."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.formats import sd_jwt_vc
from tegata.formats.credential import ClaimPath, SignatureRefused
from tegata.formats.sd_jwt.names import DIGEST_NAMES
from tegata.formats.sd_jwt_vc.names import REGISTERED
from tests.tegata.formats.sd_jwt_vc.samples import (
    HOLDER,
    NOW,
    check,
    check_presentation,
    document,
    issue,
    random_bytes,
    show,
)

_NAMES = st.text(st.characters(codec="utf-8"), max_size=6).filter(
    lambda name: name not in DIGEST_NAMES | REGISTERED.names
)
_LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=15,
)
_CLAIMS = st.dictionaries(_NAMES, _TREES, min_size=1, max_size=5)


def _paths(value: Any, path: ClaimPath = ()) -> list[ClaimPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for part, item in items for place in ((*path, part), *_paths(item, (*path, part)))]


@st.composite
def _cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[ClaimPath], list[ClaimPath]]:
    """Draw claims, some of their places to be selectable, and some places to show."""
    claims = draw(_CLAIMS)
    places = _paths(claims)
    some = st.lists(st.sampled_from(places), unique=True, max_size=8)
    return claims, draw(some), draw(some)


def _is_prefix(short: ClaimPath, long: ClaimPath) -> bool:
    return long[: len(short)] == short


def _without(value: Any, hidden: set[ClaimPath], path: ClaimPath = ()) -> Any:
    """Return a value without what stands at the hidden places; written apart from the code it checks."""
    if isinstance(value, dict):
        return {k: _without(v, hidden, (*path, k)) for k, v in value.items() if (*path, k) not in hidden}
    if isinstance(value, list):
        return [_without(v, hidden, (*path, i)) for i, v in enumerate(value) if (*path, i) not in hidden]
    return value


@settings(deadline=None)
@given(_cases())
def test_what_is_issued_with_everything_disclosed_is_what_was_asked(
    case: tuple[dict[str, Any], list[ClaimPath], list[ClaimPath]],
) -> None:
    claims, selectable, _ = case
    data = issue(selectable, claims)
    assert check(data).claims == claims
    parsed = sd_jwt_vc.parse(data)
    assert parsed.disclosed().paths.keys() == set(selectable)


@settings(deadline=None)
@given(_cases())
def test_exactly_what_was_chosen_is_shown(
    case: tuple[dict[str, Any], list[ClaimPath], list[ClaimPath]],
) -> None:
    claims, selectable, chosen = case
    shown = {
        place
        for place in selectable
        if any(_is_prefix(place, path) or _is_prefix(path, place) for path in chosen)
    }
    found = check_presentation(show(issue(selectable, claims), chosen))
    assert found.claims == _without(claims, set(selectable) - shown)
    assert found.holder_proven


@settings(deadline=None)
@given(_cases(), st.integers(0, 6))
def test_decoys_change_nothing_but_the_number_of_digests(
    case: tuple[dict[str, Any], list[ClaimPath], list[ClaimPath]], decoys: int
) -> None:
    claims, selectable, _ = case
    plain, decoyed = (
        sd_jwt_vc.prepare(document(selectable, claims, count), HOLDER.public_key, random_bytes(), NOW)
        for count in (0, decoys)
    )
    assert plain.disclosures == decoyed.disclosures
    assert check(issue(selectable, claims, decoys=decoys)).claims == claims


@settings(deadline=None)
@given(_cases(), st.data())
def test_no_disclosure_can_be_changed(
    case: tuple[dict[str, Any], list[ClaimPath], list[ClaimPath]], data: st.DataObject
) -> None:
    claims, selectable, _ = case
    token, *texts, _ = (
        issue([*selectable, ("further_one",)], {**claims, "further_one": 1}).decode().split("~")
    )
    index = data.draw(st.integers(0, len(texts) - 1))
    place = data.draw(st.integers(0, len(texts[index]) - 1))
    other = data.draw(
        st.sampled_from("ABCDwxyz0189-_").filter(lambda character: character != texts[index][place])
    )
    texts[index] = texts[index][:place] + other + texts[index][place + 1 :]
    with pytest.raises(SignatureRefused):
        check("~".join((token, *texts, "")).encode())
