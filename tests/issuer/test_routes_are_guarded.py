"""Every route of the issuer, and who may call it. A new route fails here until somebody decides."""

import pytest

from issuer.vc_api.keys import Scope
from tegata.service.api_keys.guard import SCOPE_ATTRIBUTE
from tegata.service.staff.guard import ROLES_ATTRIBUTE
from tegata.service.staff.principal import Role
from tests.issuer.console.routes import every_route
from tests.issuer.console.world import World, make_world

ANYONE = "anyone"
SIGNED_IN = "anybody who is signed in"
CLERK, STAFF, APPROVER = (
    frozenset({Role.CLERK}),
    frozenset({Role.CLERK, Role.APPROVER}),
    frozenset({Role.APPROVER}),
)

#: Wallets and programs: what they may do is decided by tokens and unguessable addresses, tested where they are.
PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/{kind}/{name}/1"),
    ("GET", "/documents"),
    ("GET", "/documents/{name}"),
    ("GET", "/s/{public_id}/claim/{token}"),
    ("GET", "/sign-in"),
    ("GET", "/sign-in/password"),
    ("GET", "/sign-in/code"),
    ("POST", "/sign-in/password"),
    ("POST", "/sign-in/code"),
    ("POST", "/sign-in/passkey/options"),
    ("POST", "/sign-in/passkey/finish"),
    ("POST", "/sign-out"),
    ("GET", "/invitations/{token}"),
    ("POST", "/invitations/{token}/passkey/options"),
    ("POST", "/invitations/{token}/passkey/finish"),
    ("GET", "/invitations/{token}/password"),
    ("POST", "/invitations/{token}/password"),
}
#: Whole families of addresses that are public by their purpose.
PUBLIC_PREFIXES = ("/s/{public_id}/", "/.well-known/", "/trust-list", "/trust-anchor")
#: Systems of a school's legal person, by the scope of their key.
WITH_A_KEY = {
    ("POST", "/s/{public_id}/credentials/issue"): Scope.ISSUE,
    ("POST", "/s/{public_id}/credentials/status"): Scope.STATUS,
}
ACCOUNT = {
    ("GET", "/account"),
    ("POST", "/account/passkeys/options"),
    ("POST", "/account/passkeys/finish"),
    ("POST", "/account/passkeys/{passkey_id}/remove"),
}
CONSOLE = {
    ("GET", "/"): STAFF,
    ("GET", "/settings"): STAFF,
    ("GET", "/school"): STAFF,
    ("POST", "/school"): STAFF,
    ("GET", "/register"): STAFF,
    ("GET", "/register/learners/{learner_id}"): STAFF,
    ("GET", "/register/learners/{learner_id}/concealment"): CLERK,
    ("POST", "/register/learners/{learner_id}/concealment"): CLERK,
    ("GET", "/register/import"): CLERK,
    ("POST", "/register/import"): CLERK,
    ("GET", "/register/import/{job_id}"): CLERK,
    ("GET", "/register/import/{job_id}/columns"): CLERK,
    ("POST", "/register/import/{job_id}/columns"): CLERK,
    ("GET", "/register/import/{job_id}/errors.csv"): CLERK,
    ("POST", "/register/import/{job_id}/confirm"): CLERK,
    ("POST", "/register/import/{job_id}/cancel"): CLERK,
    ("GET", "/register/import/{job_id}/done"): CLERK,
    ("GET", "/issue"): CLERK,
    ("POST", "/issue"): CLERK,
    ("GET", "/issue/learners"): CLERK,
    ("POST", "/issue/learners"): CLERK,
    ("GET", "/requests"): CLERK,
    ("POST", "/requests"): CLERK,
    ("GET", "/requests/new"): CLERK,
    ("POST", "/requests/new"): CLERK,
    ("POST", "/requests/{request_id}/withdraw"): CLERK,
    ("GET", "/batches"): STAFF,
    ("GET", "/batches/{batch_id}"): STAFF,
    ("GET", "/batches/{batch_id}/progress"): STAFF,
    ("GET", "/batches/{batch_id}/progress/part"): STAFF,
    ("POST", "/batches/{batch_id}/terms"): CLERK,
    ("POST", "/batches/{batch_id}/remove"): CLERK,
    ("POST", "/batches/{batch_id}/submit"): CLERK,
    ("POST", "/batches/{batch_id}/discard"): CLERK,
    ("GET", "/batches/{batch_id}/links"): CLERK,
    ("POST", "/batches/{batch_id}/links"): CLERK,
    ("GET", "/batches/{batch_id}/links.csv"): CLERK,
    ("GET", "/issued/{document_id}/european"): CLERK,
    ("GET", "/batches/{batch_id}/slips"): CLERK,
    ("GET", "/batches/{batch_id}/terms"): CLERK,
    ("GET", "/batches/{batch_id}/submit"): CLERK,
    ("GET", "/register/import/{job_id}/confirm"): CLERK,
    ("GET", "/approvals/{batch_id}/return"): APPROVER,
    ("GET", "/approvals"): STAFF,
    ("GET", "/approvals/{batch_id}"): STAFF,
    ("GET", "/approvals/{batch_id}/documents"): STAFF,
    ("POST", "/approvals/{batch_id}/options"): APPROVER,
    ("POST", "/approvals/{batch_id}/finish"): APPROVER,
    ("POST", "/approvals/{batch_id}/return"): APPROVER,
    ("GET", "/standing"): STAFF,
    ("POST", "/standing/options"): APPROVER,
    ("POST", "/standing/finish"): APPROVER,
    ("POST", "/standing/{authority_id}/withdraw"): APPROVER,
    ("GET", "/issued"): STAFF,
    ("GET", "/issued/{document_id}"): STAFF,
    ("GET", "/issued/{document_id}/slip"): CLERK,
    ("POST", "/issued/{document_id}/slip"): CLERK,
    ("GET", "/issued/{document_id}/{action}"): CLERK,
    ("POST", "/issued/{document_id}/{action}"): CLERK,
}
#: Addresses that name something of one school, with what stands for it in the scenes.
OBJECTS = {
    "{batch_id}": "draft",
    "{job_id}": "errors_job",
    "{learner_id}": "learner",
    "{document_id}": "document",
}
#: The address of a form, opened as a page: it leads to the page that the form stands on, which looks for the object.
LEADS_UP = ("/terms", "/submit", "/confirm", "/return")
OWNED = sorted(
    key
    for key in CONSOLE
    if any(name in key[1] for name in OBJECTS) and not (key[0] == "GET" and key[1].endswith(LEADS_UP))
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("guarded"))


def concrete(world: World, path: str) -> str:
    """Fill a path with what is really there, so that only the guard can refuse it."""
    for name, scene in OBJECTS.items():
        path = path.replace(name, getattr(world.scenes, scene))
    if path.startswith("/approvals/"):
        path = path.replace(world.scenes.draft, world.scenes.submitted)
    for name in ("{request_id}", "{authority_id}"):
        path = path.replace(name, "0" * 32)
    return path.replace("{action}", "revoke")


def test_every_route_has_a_decision() -> None:
    found = {(method, route.path): route for route in every_route() for method in route.methods}
    decided = PUBLIC | ACCOUNT | CONSOLE.keys()
    undecided = {key for key in found.keys() - decided if not key[1].startswith(PUBLIC_PREFIXES)}
    assert undecided == set()
    assert (decided | WITH_A_KEY.keys()) - found.keys() == set()
    for key, route in found.items():
        scopes = [getattr(item.call, SCOPE_ATTRIBUTE, None) for item in route.dependant.dependencies]
        wanted = [WITH_A_KEY[key]] if key in WITH_A_KEY else []
        assert [scope for scope in scopes if scope] == wanted, key
    for key, roles in CONSOLE.items():
        assert getattr(found[key].endpoint, ROLES_ATTRIBUTE) == roles, key
    for key in found.keys() - CONSOLE.keys():
        assert not hasattr(found[key].endpoint, ROLES_ATTRIBUTE), key


@pytest.mark.parametrize(("method", "path"), sorted(CONSOLE.keys() | ACCOUNT))
def test_nobody_is_sent_to_the_sign_in(world: World, method: str, path: str) -> None:
    address = concrete(world, path).replace("{passkey_id}", "0" * 32)
    answer = world.nobody.client.request(method, address, follow_redirects=False)
    if method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?to=/")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), sorted(CONSOLE))
@pytest.mark.parametrize("who", ["clerk", "approver"])
def test_another_role_is_answered_as_if_the_page_did_not_exist(
    world: World, who: str, method: str, path: str
) -> None:
    allowed = Role(who) in CONSOLE[method, path]
    if method == "POST" and allowed:
        # Without the session's token: past the roles, and stopped by the token.
        is_call = path.endswith(("/options", "/finish"))
        body: dict[str, object] = {"json": {}} if is_call else {"data": {"x": "y"}}
        answer = world.people[who].client.request("POST", concrete(world, path), **body)
        assert answer.status_code == 403
        assert "有効期限" in answer.text
        return
    answer = world.people[who].client.request(method, concrete(world, path), follow_redirects=False)
    if allowed:
        assert answer.status_code in {200, 303, 404, 409}
    else:
        assert answer.status_code == 403
        assert "ページが見つかりません" in answer.text


@pytest.mark.parametrize(("method", "path"), OWNED)
@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_what_belongs_to_another_school_or_legal_person_is_not_found(
    world: World, who: str, method: str, path: str
) -> None:
    visitor, address = world.people[who], concrete(world, path)
    if method == "GET":
        answer = visitor.get(address)
    elif path.endswith(("/options", "/finish")):
        answer = visitor.call(address, {"fields": {"digest": "0" * 64, "mode": "individual"}, "answer": {}})
    else:
        form = {
            "issue_date": "2026-04-01", "document": world.scenes.document, "leave_out": "yes", "back_reason": "x",
            "check": "known", "reason": "error", "number": "1", "confirm": "yes", "encoding": "",
        }  # fmt: skip
        answer = visitor.post(address, form)
    assert answer.status_code == 404, answer.text[:500]


def test_a_document_of_another_batch_cannot_be_taken_out_of_a_draft(world: World) -> None:
    answer = world.clerk.post(f"/batches/{world.scenes.draft}/remove", {"document": world.scenes.document})
    assert answer.status_code == 404
