"""Every page of the verifier in every state that it has: what the browser tests look at, and what must not be missing."""

from dataclasses import dataclass

from tests.verifier.console.scenes import Scenes

STAFF, BEGINNER, NOBODY = "staff", "beginner", "nobody"


@dataclass(frozen=True)
class Shot:
    """One page in one state: its route, who sees it, its path, and the form that is sent there first, if one is."""

    name: str
    route: str
    who: str
    path: str
    form: dict[str, str] | None = None
    status: int = 200


_REQUEST, _ASK = "/requests/{request_id}", "/ask/{address}"
#: name, route, who, path in terms of `Scenes`
_PAGES: tuple[tuple[str, str, str, str], ...] = (
    ("sign-in", "/sign-in", NOBODY, "/sign-in"),
    ("home-begin", "/", BEGINNER, "/"),
    ("home", "/", STAFF, "/"),
    ("account", "/account", STAFF, "/account"),
    ("requests-empty", "/requests", BEGINNER, "/requests"),
    ("requests", "/requests", STAFF, "/requests"),
    ("requests-undecided", "/requests", STAFF, "/requests?state=undecided"),
    ("requests-none", "/requests", STAFF, "/requests?q=ない"),
    ("new", "/requests/new", STAFF, "/requests/new"),
    ("new-template", "/requests/new", STAFF, "/requests/new?template=admissions"),
    ("new-document", "/requests/new", STAFF, "/requests/new?template=custom"),
    ("new-items", "/requests/new", STAFF, "/requests/new?template=custom&document=transcript"),
    ("live", _REQUEST, STAFF, "/requests/{s.open}"),
    ("live-fetched", _REQUEST, STAFF, "/requests/{s.fetched}"),
    ("live-ending", _REQUEST, STAFF, "/requests/{s.ending}"),
    ("live-awaited", _REQUEST, STAFF, "/requests/{s.awaited}"),
    ("declined", _REQUEST, STAFF, "/requests/{s.declined}"),
    ("refused", _REQUEST, STAFF, "/requests/{s.refused}"),
    ("expired", _REQUEST, STAFF, "/requests/{s.expired}"),
    ("valid", _REQUEST, STAFF, "/requests/{s.valid}"),
    ("several", _REQUEST, STAFF, "/requests/{s.several}"),
    ("unasked", _REQUEST, STAFF, "/requests/{s.unasked}"),
    ("revoked", _REQUEST, STAFF, "/requests/{s.revoked}"),
    ("suspended", _REQUEST, STAFF, "/requests/{s.suspended}"),
    ("undecided", _REQUEST, STAFF, "/requests/{s.undecided}?checked=1"),
    ("verify", "/verify", STAFF, "/verify"),
    ("trust", "/trust", STAFF, "/trust"),
    ("trust-none", "/trust", STAFF, "/trust?q=ない学校"),
    ("keys-empty", "/keys", BEGINNER, "/keys"),
    ("keys", "/keys", STAFF, "/keys?ended=1"),
    ("key-new", "/keys/new", STAFF, "/keys/new"),
    ("key-revoke", "/keys/{prefix}/revoke", STAFF, "/keys/{s.key}/revoke"),
    ("ask", _ASK, NOBODY, "/ask/{s.ask_open}"),
    ("ask-answered", _ASK, NOBODY, "/ask/{s.ask_answered}"),
    ("ask-declined", _ASK, NOBODY, "/ask/{s.ask_declined}"),
    ("ask-expired", _ASK, NOBODY, "/ask/{s.ask_expired}"),
)
#: The same address after a form was sent that was not accepted, or that is answered with a page.
_FORMS: tuple[tuple[str, str, str, str, dict[str, str], int], ...] = (
    ("new-error", "/requests/new", STAFF, "/requests/new?template=graduation", {"purpose": ""}, 422),
    ("new-items-error", "/requests/new", STAFF, "/requests/new?template=custom&document=graduation", {}, 422),
    ("verify-error", "/verify", STAFF, "/verify", {}, 422),
    ("verify-master", "/verify", STAFF, "/verify", {"text": "{s.master}"}, 200),
    ("verify-bound", "/verify", STAFF, "/verify", {"text": "{s.bound}"}, 200),
    ("verify-tampered", "/verify", STAFF, "/verify", {"text": "{s.tampered}"}, 200),
    ("verify-nothing", "/verify", STAFF, "/verify", {"text": "これは証明書ではありません"}, 200),
    ("key-error", "/keys/new", STAFF, "/keys/new", {}, 422),
    ("key-made", "/keys/new", STAFF, "/keys/new", {"name": "成績の確認", "scope": "verify", "lifetime": "90"}, 200),
)  # fmt: skip
NAMES = tuple(item[0] for item in _PAGES) + tuple(item[0] for item in _FORMS)


def shot(name: str, scenes: Scenes) -> Shot:
    """Return one page in one state."""
    for found, route, who, path in _PAGES:
        if found == name:
            return Shot(name, route, who, path.format(s=scenes))
    for found, route, who, path, form, status in _FORMS:
        if found == name:
            filled = {
                key: getattr(scenes, value[3:-1]) if value.startswith("{s.") else value
                for key, value in form.items()
            }
            return Shot(name, route, who, path.format(s=scenes), filled, status)
    raise KeyError(name)


def routes_seen() -> set[str]:
    """Return the routes of pages that are looked at."""
    return {item[1] for item in _PAGES}
