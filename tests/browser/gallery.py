"""Every component of the kit in every state, on pages of its own: for the eye, for axe, and as an example."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tegata.errors import Conflict, Forbidden, NotFound, Text, Unavailable
from tegata.service import problems
from tegata.service.console import Console, Form, Frame, NavigationItem, Pagination, Sort, read_page_form
from tegata.service.settings import Mode, ServiceSettings

#: Path of a page, and the status it answers with.
PAGES = {
    "/": 200,
    "/buttons": 200,
    "/form": 200,
    "/form-errors": 422,
    "/table": 200,
    "/empty": 200,
    "/states": 200,
    "/steps": 200,
    "/progress": 200,
    "/content": 200,
    "/report": 200,
    "/claim": 200,
    "/missing": 404,
    "/refused": 409,
    "/unavailable": 503,
}
FRAME = Frame(
    organisation=Text("例示県立みらい台高等学校", "Miraidai High School"),
    organisation_code="D100299999903",
    organisation_path="/content",
    person="佐藤　花子",
    role=Text("事務", "Clerk"),
    account_path="/content",
    sign_out_path="/sign-out",
    csrf="gallery-csrf",
    navigation=(
        NavigationItem("/", Text("ホーム", "Home")),
        NavigationItem("/table", Text("名簿", "Register")),
        NavigationItem("/form", Text("発行", "Issue")),
        NavigationItem("/states", Text("承認", "Approvals"), count=2),
        NavigationItem("/progress", Text("発行済み", "Issued")),
        NavigationItem("/statutory", Text("指導要録の送付", "School records"), is_statutory=True),
        NavigationItem("/content", Text("設定", "Settings")),
    ),
    help_path="/content",
    contact_path="/content",
    accessibility_path="/content",
)
_NOW = datetime(2027, 3, 5, 5, 2, tzinfo=UTC)
_PEOPLE = (
    ("30701", "青葉　はるか", "アオバ　ハルカ", "valid"),
    ("30702", "青葉　みなと", "アオバ　ミナト", "awaiting_receipt"),
    ("30703", "伊集院　権左衛門之助", "イジュウイン　ゴンザエモンノスケ", "suspended"),
    ("30704", "髙橋　﨑子", "タカハシ　サキコ", "revoked"),
    ("30705", "NGUYEN Thi Mai", "グエン　ティ　マイ", "expired"),
    ("30706", "𠮷野　栁", "ヨシノ　ヤナギ", "undecided"),
)
_ERRORS = (
    ("name", "氏名を入れてください。", "Enter the name."),
    ("birthdate", "日付として読めません。例: 2008-04-14", "Not a date. Example: 2008-04-14"),
    ("kind", "証明書を選んでください。", "Choose a certificate."),
    ("reason", "理由を選んでください。", "Choose a reason."),
    ("file", "ファイルを読み取れませんでした。", "We could not read the file."),
)


class _Pages:
    """The routes of the gallery."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def _show(self, request: Request, name: str, status: int = 200, **context: Any) -> Response:
        frame = Frame(organisation=FRAME.organisation) if name == "claim" else FRAME
        template = f"gallery/{name}.html"
        return self._console.page(
            request, template, status, frame=frame, today=date(2027, 3, 1), now=_NOW, **context
        )

    async def page(self, request: Request) -> Response:
        return self._show(request, request.url.path.strip("/") or "home")

    async def form(self, request: Request) -> Response:
        if request.method == "GET":
            return self._show(request, "form", form=Form.filled(name="青葉　はるか", kind="graduation"))
        typed = await read_page_form(request)
        typed.require("name", Text("氏名を入れてください。", "Enter the name."))
        if typed.errors:
            return self._show(request, "form", 422, form=typed)
        return RedirectResponse("/content", 303)

    async def form_errors(self, request: Request) -> Response:
        typed = Form({"name": ("",), "birthdate": ("2008/13/04",), "kind": ()})
        for name, ja, en in _ERRORS:
            typed.errors.add(name, Text(ja, en))
        return self._show(request, "form", 422, form=typed)

    async def table(self, request: Request) -> Response:
        sort = Sort.read(request.query_params, ("kana", "number"))
        column = 0 if sort.column == "number" else 2
        people = sorted(_PEOPLE, key=lambda row: row[column], reverse=sort.is_descending)
        paging = Pagination.read(request.query_params, 312)
        return self._show(request, "table", people=people, sort=sort, paging=paging)

    async def progress(self, request: Request) -> Response:
        return self._show(request, "progress", done=128)

    async def progress_part(self, request: Request) -> Response:
        return self._show(request, "progress_part", done=312)

    async def fail(self, request: Request) -> Response:
        raise {
            "/missing": NotFound(),
            "/refused": Conflict(),
            "/forbidden": Forbidden(
                public=Text("自分の依頼は承認できません。", "Nobody approves their own request.")
            ),
            "/unavailable": Unavailable(),
        }[request.url.path]

    async def crash(self, request: Request) -> Response:
        raise RuntimeError(f"the private part of {request.url.path}")

    async def sign_out(self, request: Request) -> Response:
        await read_page_form(request)
        return RedirectResponse("/", 303)


def create_app(settings: ServiceSettings) -> FastAPI:
    """Return the gallery as a service; its templates stand in this folder."""
    app = FastAPI(openapi_url=None)
    console = Console("gallery", "tests.browser", settings, more_packages=("tests.browser",))
    console.install(app, besides=("/api",))
    problems.install(app)
    pages = _Pages(console)
    for path in ("/", "/buttons", "/empty", "/states", "/steps", "/content", "/report", "/claim"):
        app.add_route(path, pages.page)
    for path in ("/missing", "/refused", "/forbidden", "/unavailable"):
        app.add_route(path, pages.fail)
    app.add_route("/form", pages.form, methods=["GET", "POST"])
    app.add_route("/form-errors", pages.form_errors)
    app.add_route("/table", pages.table)
    app.add_route("/progress", pages.progress)
    app.add_route("/progress/part", pages.progress_part)
    app.add_route("/crash", pages.crash)
    app.add_route("/sign-out", pages.sign_out, methods=["POST"])
    app.add_route("/api/echo", pages.sign_out, methods=["POST"])
    return app


def settings_for(origin: str, folder: Path) -> ServiceSettings:
    """Return settings for a loopback origin, in demo mode so that the band is seen."""
    return ServiceSettings(
        mode=Mode.DEMO,
        public_origin=origin,
        database_url=f"sqlite:///{folder}/none.sqlite3",
        data_directory=folder,
        insecure_loopback=True,
    )
