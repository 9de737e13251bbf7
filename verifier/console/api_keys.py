"""Keys of the JSON API: made, shown once, ended."""

from datetime import timedelta

from starlette.responses import Response

from tegata.errors import NotFound, Text
from tegata.service.api_keys.store import StoredKey
from tegata.service.console import Form
from verifier.api.keys import Scope
from verifier.console.office import Pages, Visit, see_other
from verifier.console.seat import STAFF_OF_A_VERIFIER

LONGEST_NAME = 100
LIFETIMES = {
    "90": Text("90日", "90 days"),
    "365": Text("1年", "1 year"),
    "730": Text("2年", "2 years"),
}
SCOPE_TEXT: dict[Scope, Text] = {
    Scope.CREATE_REQUESTS: Text("依頼を作る", "Make requests"),
    Scope.READ_REQUESTS: Text("依頼と結果を読む", "Read requests and results"),
    Scope.VERIFY: Text("ファイルを検証する", "Verify files"),
}
NO_NAME = Text("何に使うキーかを入力してください。", "Enter what the key is for.")
NAME_TOO_LONG = Text(
    f"用途は{LONGEST_NAME}文字までで入力してください。", f"Enter at most {LONGEST_NAME} characters."
)
NO_SCOPE = Text("できることを1つ以上選んでください。", "Choose at least one thing that it may do.")
NO_LIFETIME = Text("有効な期間を選んでください。", "Choose how long it is good.")


def add(pages: Pages) -> None:
    """Add the pages of API keys."""
    pages.get("/keys", keys, STAFF_OF_A_VERIFIER)
    pages.get("/keys/new", ask, STAFF_OF_A_VERIFIER)
    pages.post("/keys/new", make, STAFF_OF_A_VERIFIER)
    pages.get("/keys/{prefix}/revoke", ask_revoke, STAFF_OF_A_VERIFIER)
    pages.post("/keys/{prefix}/revoke", revoke, STAFF_OF_A_VERIFIER)


def keys(visit: Visit) -> Response:
    """Show the organisation's keys."""
    found = visit.verifier.keys.of_tenant(visit.tenant_id)
    return visit.page("key/list.html", keys=found, scopes=SCOPE_TEXT, ended=visit.query.get("ended") == "1")


def ask(visit: Visit) -> Response:
    """Ask what a new key is for."""
    return _ask_page(visit, Form.filled(lifetime="365"))


def _ask_page(visit: Visit, form: Form, status: int = 200) -> Response:
    return visit.page("key/new.html", status, form=form, scopes=SCOPE_TEXT, lifetimes=LIFETIMES)


def make(visit: Visit) -> Response:
    """Make a key and show it, this once."""
    form = visit.form
    name = form.require("name", NO_NAME)
    if len(name) > LONGEST_NAME:
        form.errors.add("name", NAME_TOO_LONG)
    chosen = frozenset(scope for scope in Scope if scope.value in form.all("scope"))
    if not chosen:
        form.errors.add("scope", NO_SCOPE)
    if form["lifetime"] not in LIFETIMES:
        form.errors.add("lifetime", NO_LIFETIME)
    if form.errors:
        return _ask_page(visit, form, 422)
    until = visit.now + timedelta(days=int(form["lifetime"]))
    key = visit.verifier.keys.create(visit.tenant_id, name, chosen, visit.now, until, actor=visit.seat.actor)
    return visit.page(
        "key/made.html", key=key, name=name, until=until, chosen=chosen, scopes=SCOPE_TEXT, form=Form()
    )


def ask_revoke(visit: Visit) -> Response:
    """Say what ending a key means."""
    prefix = visit.path("prefix")
    return visit.page("key/revoke.html", key=_key(visit, prefix))


def revoke(visit: Visit) -> Response:
    """End a key at once."""
    prefix = visit.path("prefix")
    _key(visit, prefix)
    visit.verifier.keys.revoke(visit.tenant_id, prefix, visit.now, actor=visit.seat.actor)
    return see_other("/keys?ended=1")


def _key(visit: Visit, prefix: str) -> StoredKey:
    for key in visit.verifier.keys.of_tenant(visit.tenant_id):
        if key.prefix == prefix and key.revoked_at is None:
            return key
    raise NotFound("no such key, or ended already")
