"""The trust list and its anchor over HTTP."""

from issuer.registrar.routes import routes
from tegata.codec import json
from tegata.identity import trust_list_format
from tegata.identity.chain import pem_to_der
from tests.issuer.http import Client, app_of
from tests.issuer.installation import LATER, NOW, Installation


def client(issuer: Installation) -> Client:
    return Client(app_of(routes(issuer.registrar, issuer.database)))


def test_a_verifier_that_pins_the_anchor_believes_the_list(small: Installation) -> None:
    anchor = small.initialise()
    small.school()
    small.registrar.publish(NOW)
    http = client(small)
    pem, answer = http.get("/trust-anchor.pem"), http.get("/trust-list")
    assert pem_to_der(pem.content) == (anchor,)
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "public, max-age=300"
    found = trust_list_format.load(answer.content, anchors=pem_to_der(pem.content), now=LATER)
    assert len(found.organisations) == 1


def test_an_unchanged_list_is_not_sent_again(small: Installation) -> None:
    small.initialise()
    small.registrar.publish(NOW)
    http = client(small)
    first = http.get("/trust-list")
    for header in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = http.get("/trust-list", {"If-None-Match": header})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert http.get("/trust-list", {"If-None-Match": '"x"'}).status_code == 200


def test_people_read_the_list_as_json(small: Installation) -> None:
    small.initialise()
    small.school()
    small.registrar.publish(NOW)
    answer = client(small).get("/trust-list.json")
    content = json.loads(answer.content)
    assert content["LoTE"]["ListAndSchemeInformation"]["LoTESequenceNumber"] == 1
    assert "例示県立みらい台高等学校" in answer.text
    assert '"d"' not in answer.text


def test_before_anything_is_published_there_is_nothing(small: Installation) -> None:
    http = client(small)
    assert http.get("/trust-list").status_code == 404
    assert http.get("/trust-list.json").status_code == 404
    anchor = http.get("/trust-anchor.pem")
    assert anchor.status_code == 503
    assert json.loads(anchor.content)["kind"] == "registrar_not_initialised"
