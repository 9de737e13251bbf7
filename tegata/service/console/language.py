"""Which language a page speaks: `?lang=`, then the cookie, then what the browser asks for, else Japanese."""

from typing import Literal

from starlette.requests import Request

Language = Literal["ja", "en"]

LANGUAGES: tuple[Language, ...] = ("ja", "en")
PARAMETER = "lang"
COOKIE_SECONDS = 365 * 86_400
_MAX_HEADER = 200


def cookie_name(service: str) -> str:
    """Return the name of the cookie; it differs by service, since cookies do not know ports."""
    return f"tegata_{service}_lang"


def chosen(request: Request) -> Language | None:
    """Return the language that this address asks for by `?lang=`, if it is one of ours."""
    return _known(request.query_params.get(PARAMETER, ""))


def of(request: Request, service: str) -> Language:
    """Return the language to answer in."""
    kept = _known(request.cookies.get(cookie_name(service), ""))
    return chosen(request) or kept or _asked_for(request.headers.get("accept-language", ""))


def _known(value: str) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)


def _asked_for(header: str) -> Language:
    """Return the first of our languages in the order the browser prefers (RFC 9110 §12.5.4)."""
    wishes: list[tuple[float, Language]] = []
    for part in header[:_MAX_HEADER].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = _known(tag.lower().partition("-")[0])
        if language:
            try:
                wishes.append((float(weight) if weight else 1.0, language))
            except ValueError:
                continue
    wishes = [wish for wish in wishes if wish[0] > 0]
    # max() keeps the first of equals, as the header's order asks.
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else "ja"
