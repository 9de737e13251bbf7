"""The pages and calls of sign-in, invitations and one's own passkeys, the same in every service.

Open to anyone: `/sign-in…`. Open to the holder of a link: `/invitations/…`. Everything else needs a session. Forms of a
session carry its token; forms before a session are guarded by the console, which refuses what other sites send.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from tegata.codec import json
from tegata.errors import MalformedInput, TegataError, Text
from tegata.service.bodies import read_json
from tegata.service.console import Console, Form, Frame, read_page_form
from tegata.service.staff.errors import (
    CodeRefused,
    PasswordRefused,
    SignInRefused,
    StaffRefused,
    TooManyAttempts,
)
from tegata.service.staff.guard import SIGN_IN_PATH, Guard, check_csrf_header, safe_path
from tegata.service.staff.principal import Principal
from tegata.service.staff.sessions import NewSession, check_csrf

_NO_STORE = {"Cache-Control": "no-store"}
_LONGEST_LABEL = 100
_MAX_JSON = 65_536
_MISSING_LOGIN = Text("利用者IDを入力してください。", "Enter your user ID.")
#: The frame around the pages of one's own account.
FrameOf = Callable[[Request, Principal], Frame]


def plain_frame(_request: Request, principal: Principal) -> Frame:
    """Return a frame with the person and without navigation."""
    return Frame(
        person=principal.name,
        account_path="/account",
        sign_out_path="/sign-out",
        csrf=principal.csrf_token,
    )


def routes(guard: Guard, console: Console, frame_of: FrameOf = plain_frame) -> APIRouter:
    """Build the routes; the app also calls `guard.install`, and gives the console `tegata.service.staff` as a package."""
    router = APIRouter(include_in_schema=False)
    _add_sign_in(router, guard, console)
    _add_passkey_sign_in(router, guard)
    _add_invitations(router, guard, console)
    _add_account(router, guard, console, frame_of)
    return router


def _add_sign_in(router: APIRouter, guard: Guard, console: Console) -> None:
    sign_in, in_pool = guard.staff.sign_in, guard.staff.database.in_pool

    @router.get(SIGN_IN_PATH)
    async def sign_in_page(request: Request) -> Response:
        """Ask for the login, or a passkey."""
        to = safe_path(request.query_params.get("to", "/"))
        is_ended = request.query_params.get("ended") == "1"
        return console.page(request, "staff/sign_in.html", to=to, is_ended=is_ended)

    @router.get(SIGN_IN_PATH + "/password")
    @router.get(SIGN_IN_PATH + "/code")
    async def begin_again(_request: Request) -> Response:
        """Lead a reloaded step back to the beginning: what it held is not kept."""
        return _see(SIGN_IN_PATH)

    @router.post(SIGN_IN_PATH + "/password")
    async def password(request: Request) -> Response:
        """Ask for the password of a login, or judge it."""
        form = await read_page_form(request, max_bytes=_MAX_JSON)
        to = safe_path(form["to"])
        if not form.require("login", _MISSING_LOGIN):
            return console.page(request, "staff/sign_in.html", 422, form=form, to=to, is_ended=False)
        if "password" not in form.values:
            return console.page(request, "staff/password.html", form=form, to=to)
        try:
            pending = await in_pool(
                sign_in.check_password, form["login"], form["password"], _source(request), datetime.now(UTC)
            )
        except (SignInRefused, TooManyAttempts) as refused:
            return _again(request, console, "staff/password.html", form, "password", refused, to=to)
        return console.page(request, "staff/code.html", pending=pending, to=to)

    @router.post(SIGN_IN_PATH + "/code")
    async def code(request: Request) -> Response:
        """Judge the code of the authenticator app, and sign in."""
        form = await read_page_form(request, max_bytes=_MAX_JSON)
        to, pending = safe_path(form["to"]), form["pending"]
        try:
            session = await in_pool(
                sign_in.check_code,
                pending,
                form["code"],
                _source(request),
                datetime.now(UTC),
                replaces=guard.token(request),
            )
        except (SignInRefused, TooManyAttempts) as refused:
            return _again(request, console, "staff/code.html", form, "code", refused, to=to, pending=pending)
        return _signed_in(guard, session, _see(to))

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the session; somebody whose session is over already is signed out as well."""
        form = await read_page_form(request, max_bytes=_MAX_JSON)
        answer = _see(SIGN_IN_PATH)
        now = datetime.now(UTC)
        try:
            principal = await in_pool(guard.principal, request, now)
        except StaffRefused:
            guard.forget(answer)
            return answer
        check_csrf(principal, form["csrf"])
        await in_pool(guard.staff.sign_out, guard.token(request), now)
        guard.forget(answer)
        return answer


def _add_passkey_sign_in(router: APIRouter, guard: Guard) -> None:
    sign_in, in_pool = guard.staff.sign_in, guard.staff.database.in_pool

    @router.post(SIGN_IN_PATH + "/passkey/options")
    async def options(request: Request) -> Response:
        """Begin a sign-in with a passkey."""
        login = _fields(await read_json(request, max_bytes=_MAX_JSON)).get("login", "")
        return _json(await in_pool(sign_in.passkey_options, login, datetime.now(UTC)))

    @router.post(SIGN_IN_PATH + "/passkey/finish")
    async def finish(request: Request) -> Response:
        """Sign in with the answer of a passkey."""
        body = await read_json(request, max_bytes=_MAX_JSON)
        session = await in_pool(
            sign_in.finish_passkey, _answer(body), datetime.now(UTC), replaces=guard.token(request)
        )
        return _signed_in(guard, session, _json({"to": safe_path(_fields(body).get("to", "/"))}))


def _add_invitations(router: APIRouter, guard: Guard, console: Console) -> None:
    invitations, in_pool = guard.staff.invitations, guard.staff.database.in_pool

    @router.get("/invitations/{token}")
    async def invitation(request: Request, token: str) -> Response:
        """Show whose invitation it is, and the two ways to set up."""
        invited = await in_pool(invitations.look, token, datetime.now(UTC))
        return console.page(request, "staff/invitation.html", invited=invited, token=token)

    @router.post("/invitations/{token}/passkey/options")
    async def options(request: Request, token: str) -> Response:
        """Begin to register the first passkey."""
        await read_json(request, max_bytes=_MAX_JSON)
        return _json(await in_pool(invitations.passkey_options, token, datetime.now(UTC)))

    @router.post("/invitations/{token}/passkey/finish")
    async def finish(request: Request, token: str) -> Response:
        """Store the first passkey, and sign in."""
        body = await read_json(request, max_bytes=_MAX_JSON)
        session = await in_pool(
            invitations.accept_with_passkey,
            token,
            _answer(body),
            _label(body),
            datetime.now(UTC),
            replaces=guard.token(request),
        )
        return _signed_in(guard, session, _json({"to": "/"}))

    @router.get("/invitations/{token}/password")
    async def password_page(request: Request, token: str) -> Response:
        """Show the secret for the authenticator app."""
        invited = await in_pool(invitations.look, token, datetime.now(UTC))
        return console.page(request, "staff/set_password.html", invited=invited, token=token)

    @router.post("/invitations/{token}/password")
    async def set_password(request: Request, token: str) -> Response:
        """Store password and authenticator app, and sign in."""
        form = await read_page_form(request, max_bytes=_MAX_JSON)
        now = datetime.now(UTC)
        try:
            session = await in_pool(
                invitations.accept_with_password,
                token,
                form["password"],
                form["code"],
                now,
                replaces=guard.token(request),
            )
        except (PasswordRefused, CodeRefused) as refused:
            invited = await in_pool(invitations.look, token, now)
            field = "password" if isinstance(refused, PasswordRefused) else "code"
            more = {"invited": invited, "token": token}
            return _again(request, console, "staff/set_password.html", form, field, refused, **more)
        return _signed_in(guard, session, _see("/"))


def _add_account(router: APIRouter, guard: Guard, console: Console, frame_of: FrameOf) -> None:
    staff, database = guard.staff, guard.staff.database
    somebody = Depends(guard.signed_in)

    @router.get("/account")
    async def account(request: Request, principal: Annotated[Principal, somebody]) -> Response:
        """Show one's own ways to sign in."""

        def use_case() -> Response:
            with database.reading() as connection:
                mine = staff.accounts.passkeys(connection, principal)
            frame = frame_of(request, principal)
            return console.page(
                request, "staff/account.html", frame=frame, principal=principal, passkeys=mine
            )

        return await database.in_pool(use_case)

    @router.post("/account/passkeys/options")
    async def options(request: Request, principal: Annotated[Principal, somebody]) -> Response:
        """Begin to register one more passkey."""
        check_csrf_header(request, principal)
        await read_json(request, max_bytes=_MAX_JSON)

        def use_case() -> Any:
            with database.writing() as connection:
                return staff.begin_adding_passkey(connection, principal, datetime.now(UTC))

        return _json(await database.in_pool(use_case))

    @router.post("/account/passkeys/finish")
    async def finish(request: Request, principal: Annotated[Principal, somebody]) -> Response:
        """Store one more passkey."""
        check_csrf_header(request, principal)
        body = await read_json(request, max_bytes=_MAX_JSON)

        def use_case() -> None:
            with database.writing() as connection:
                staff.finish_adding_passkey(
                    connection, principal, _answer(body), _label(body), datetime.now(UTC)
                )

        await database.in_pool(use_case)
        return _json({"to": "/account"})

    @router.post("/account/passkeys/{passkey_id}/remove")
    async def remove(
        request: Request, passkey_id: str, principal: Annotated[Principal, somebody]
    ) -> Response:
        """Take one of one's own passkeys out of use."""
        form = await read_page_form(request, max_bytes=_MAX_JSON)
        check_csrf(principal, form["csrf"])

        def use_case() -> None:
            with database.writing() as connection:
                staff.accounts.remove_passkey(connection, principal, passkey_id, datetime.now(UTC))

        await database.in_pool(use_case)
        return _see("/account")


def _again(
    request: Request,
    console: Console,
    template: str,
    form: Form,
    field: str,
    refused: TegataError,
    **context: Any,
) -> Response:
    """Show the form again with what was wrong."""
    form.errors.add(field, refused.public)
    status = 429 if isinstance(refused, TooManyAttempts) else 422
    return console.page(request, template, status, form=form, **context)


def _signed_in(guard: Guard, session: NewSession, answer: Response) -> Response:
    guard.remember(answer, session.token)
    return answer


def _see(path: str) -> Response:
    return RedirectResponse(path, 303, _NO_STORE)


def _json(value: Any) -> Response:
    return Response(json.dumps(value), 200, _NO_STORE, media_type="application/json")


def _fields(body: Any) -> dict[str, str]:
    """Return the text fields that a page's script sends along."""
    fields = body.get("fields", {}) if isinstance(body, dict) else None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise MalformedInput("not the call of a page", pointer="/fields")
    return fields


def _answer(body: Any) -> Any:
    """Return the answer of a passkey inside a script's call."""
    return body.get("answer") if isinstance(body, dict) else None


def _label(body: Any) -> str:
    """Return what the person calls the passkey."""
    label = "".join(character for character in _fields(body).get("label", "") if character.isprintable())
    return label.strip()[:_LONGEST_LABEL] or "パスキー"


def _source(request: Request) -> str:
    return request.client.host if request.client else ""
