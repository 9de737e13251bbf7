"""did.json, jwks.json and jwt-vc-issuer over HTTP, also below paths of several levels."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer.organisations import keys, store
from issuer.organisations.key_store import of_organisation
from issuer.organisations.routes import routes
from tegata.codec import json
from tegata.formats.sd_jwt_vc.issuer_keys import metadata_url, select_key
from tegata.identity.certificates import KeyUse
from tegata.identity.did import did_web, did_web_url, verification_key
from tests.issuer.http import Client, app_of
from tests.issuer.installation import Installation, installed

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def client(issuer: Installation) -> Client:
    return Client(app_of(routes(issuer.settings, issuer.database)))


def public_id(issuer: Installation, school_id: str) -> str:
    with issuer.database.reading() as connection:
        found = store.school(connection, school_id)
    assert found is not None
    return found.public_id


@pytest.mark.clause("did:web §3.2")
@pytest.mark.parametrize("school_path", ["/s", "/jp/reiji/s"])
def test_the_did_document_stands_where_the_did_says_and_holds_the_signing_keys(
    tmp_path: Path, school_path: str
) -> None:
    with installed(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path, school_path=school_path) as issuer:
        issuer.initialise(HOUR_AGO)
        school_id = issuer.school(now=HOUR_AGO)
        identifier = issuer.settings.identifier_of(public_id(issuer, school_id))
        did = did_web(identifier)
        answer = client(issuer).get(did_web_url(did).removeprefix("https://issuer.example"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/did+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        document = json.loads(answer.content)
        assert document["id"] == did
        assert document["alsoKnownAs"] == [identifier]
        for use in (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.STATUS, KeyUse.FORM):
            signer, _ = issuer.ring.signer(school_id, use, datetime.now(UTC))
            key = verification_key(document, f"{did}#{signer.public_key.key_id}")
            key.verify(signer.sign(b"x"), b"x")


@pytest.mark.clause("SD-JWT VC §4.1")
@pytest.mark.parametrize("school_path", ["/s", "/jp/reiji/s"])
def test_issuer_metadata_is_inserted_and_appended_with_the_same_bytes(
    tmp_path: Path, school_path: str
) -> None:
    with installed(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path, school_path=school_path) as issuer:
        issuer.initialise(HOUR_AGO)
        school_id = issuer.school(now=HOUR_AGO)
        identifier = issuer.settings.identifier_of(public_id(issuer, school_id))
        http = client(issuer)
        inserted = http.get(metadata_url(identifier).removeprefix("https://issuer.example"))
        appended = http.get(identifier.removeprefix("https://issuer.example") + "/.well-known/jwt-vc-issuer")
        assert inserted.status_code == appended.status_code == 200
        assert inserted.content == appended.content
        signer, _ = issuer.ring.signer(school_id, KeyUse.COPY, datetime.now(UTC))
        key = select_key(inserted.content, identifier, signer.public_key.key_id, "ES256")
        key.verify(signer.sign(b"x"), b"x")


def test_retired_keys_stay_and_compromised_keys_and_inner_keys_are_not_published(small: Installation) -> None:
    small.initialise(HOUR_AGO)
    school_id = small.school(now=HOUR_AGO)
    now = datetime.now(UTC)
    with small.database.writing() as connection:
        all_keys = {key.use: key for key in of_organisation(connection, school_id)}
        keys.retire(connection, all_keys[KeyUse.DOCUMENT].id, at=now, now=now)
        keys.mark_compromised(connection, all_keys[KeyUse.COPY].id, now)
    answer = client(small).get(f"/s/{public_id(small, school_id)}/jwks.json")
    published = {key["kid"] for key in json.loads(answer.content)["keys"]}
    assert published == {all_keys[KeyUse.DOCUMENT].key_id, all_keys[KeyUse.STATUS].key_id}


def test_no_private_member_is_published(small: Installation) -> None:
    small.initialise(HOUR_AGO)
    answer = client(small).get(f"/s/{public_id(small, small.school(now=HOUR_AGO))}/jwks.json")
    listed = json.loads(answer.content)["keys"]
    assert len(listed) == 3
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"} for key in listed)


@pytest.mark.parametrize("path", ["/s/{}/did.json", "/s/{}/jwks.json", "/.well-known/jwt-vc-issuer/s/{}"])
@pytest.mark.parametrize("identifier", ["0123456789abcdef", "..%2f..", "D100299999903", "%00"])
def test_an_unknown_school_is_a_404(small: Installation, path: str, identifier: str) -> None:
    answer = client(small).get(path.format(identifier))
    assert answer.status_code == 404
    assert b"reference_number" in answer.content
