"""A graduation as ISO mdoc: out of the school, into a wallet, before a university, over HTTP on this machine.

School and university are the real ones; the wallet is the one for people who build, and speaks the protocols only.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.issuance.entitlements import Invitation
from schemas import catalogue
from tegata.codec import base64url, cbor
from tegata.doubles.wallet.accept import accept
from tegata.doubles.wallet.http import Refused, WalletHttp
from tegata.doubles.wallet.present import present
from tegata.doubles.wallet.store import Held, WalletStore
from tests.conformance.world import World, built

pytestmark = pytest.mark.xdist_group("mobile")

GRADUATION = {"document": "graduation", "claims": ["family_name", "graduation_date"]}
SHOWN = {"family_name", "graduation_date", "school", "date_of_issuance"}


@pytest.fixture
def http() -> Iterator[WalletHttp]:
    with httpx.Client(trust_env=False) as client:
        yield WalletHttp(client)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with built(tmp_path_factory.mktemp("mobile")) as found:
        yield found


def _now() -> datetime:
    return datetime.now(UTC)


def _claim(link: Invitation, wallet: WalletStore, http: WalletHttp) -> Held:
    (held,) = accept(link.link, wallet, http, _now, credential_format="mso_mdoc")
    return held


def _report(world: World, wallet: WalletStore, http: WalletHttp) -> dict[str, Any]:
    request = world.ask(GRADUATION)
    present(request["links"]["cross_device"], wallet, http, _now, catalogue.contexts())
    found: dict[str, Any] = world.look(request)["report"]
    return found


def _outcomes(report: dict[str, Any]) -> dict[str, str]:
    checks = report["credentials"][0]["checks"]
    return {check["check"]: check["outcome"] for check in checks if check["outcome"] != "passed"}


@pytest.mark.clause("OID4VCI 1.0 §A.2.4", "OID4VP 1.0 §B.2")
def test_it_is_claimed_and_presented_and_its_report_is_valid(
    world: World, http: WalletHttp, tmp_path: Path
) -> None:
    wallet = WalletStore(tmp_path)
    held = _claim(world.invitation(), wallet, http)
    assert held.configuration_id == "graduation-mdoc"
    issued = cbor.loads(base64url.decode(held.credential))
    assert set(issued) == {"nameSpaces", "issuerAuth"}
    report = _report(world, wallet, http)
    assert (report["verdict"], _outcomes(report)) == ("valid", {})
    (credential,) = report["credentials"]
    assert (credential["format"], credential["document"]) == ("mso_mdoc", "graduation")
    assert credential["binding"] == "proven"
    assert set(credential["claims"]) == SHOWN


def test_once_its_document_is_revoked_it_is_revoked(http: WalletHttp, tmp_path: Path) -> None:
    # A university of its own: another one may have looked at the list a moment before.
    with built(tmp_path) as world:
        wallet, invitation = WalletStore(tmp_path / "wallet"), world.invitation()
        _claim(invitation, wallet, http)
        world.revoke(invitation)
        report = _report(world, wallet, http)
    assert (report["verdict"], _outcomes(report)) == ("invalid", {"status": "failed"})


def test_what_was_changed_in_the_wallet_is_refused(world: World, http: WalletHttp, tmp_path: Path) -> None:
    wallet = WalletStore(tmp_path)
    held = _claim(world.invitation(), wallet, http)
    raw = base64url.decode(held.credential)
    value = next(
        item["elementValue"]
        for items in cbor.loads(raw)["nameSpaces"].values()
        for tag in items
        if (item := cbor.loads(cbor.embedded_bytes(tag)))["elementIdentifier"] == "family_name"
    )
    other = "別" * len(value)
    changed = raw.replace(value.encode(), other.encode())
    assert changed != raw
    fields = {name: getattr(held, name) for name in Held.__slots__ if name != "identifier"}
    wallet.add(**{**fields, "credential": base64url.encode(changed)})
    report = _report(world, wallet, http)
    assert report["verdict"] == "invalid"
    assert _outcomes(report)["signature"] == "failed"
    assert report["credentials"][0]["claims"] == {}


def test_it_is_of_no_use_to_whoever_has_not_its_key(world: World, http: WalletHttp, tmp_path: Path) -> None:
    wallet, thief = WalletStore(tmp_path / "own"), WalletStore(tmp_path / "thief")
    held, other = _claim(world.invitation(), wallet, http), _claim(world.invitation(), thief, http)
    fields = {name: getattr(held, name) for name in Held.__slots__ if name != "identifier"}
    thief.add(**{**fields, "private_key_pem": other.private_key_pem})
    request = world.ask(GRADUATION)
    with pytest.raises(Refused, match="could not be confirmed"):
        present(request["links"]["cross_device"], thief, http, _now, catalogue.contexts())
    assert world.look(request)["report"] is None
