"""The `Console` of a service: renders its pages, serves its static files, guards its forms."""

from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from jinja2 import Environment
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from tegata.errors import Forbidden, NotFound, Text
from tegata.service.console import environment, language, security, static_files
from tegata.service.console.forms import Form
from tegata.service.console.frame import Frame
from tegata.service.settings import Mode, ServiceSettings

_KIT = "tegata.service.console"
_SERVER_ERROR = 500
_MISSING = frozenset({403, 404})


class Console:
    """Pages of one service. `package` is the service's name (`issuer`); see the docstring of this package.

    `form_action` lists further origins or schemes that a form's redirect may lead to (a sign-in provider, a wallet).
    """

    def __init__(
        self,
        service: str,
        package: str,
        settings: ServiceSettings,
        *,
        more_packages: Sequence[str] = (),
        form_action: Sequence[str] = (),
    ) -> None:
        self.service = service
        self.settings = settings
        roots = [_folder(package) / "console", *map(_folder, more_packages), _folder(_KIT)]
        self._static = static_files.StaticFiles([root / "static" for root in roots])
        templates = [root / "templates" for root in roots]
        self._environments: dict[language.Language, Environment] = {
            code: environment.build(templates, code, self._static.url) for code in language.LANGUAGES
        }
        self._form_action = tuple(form_action)
        self._headers = security.headers(self._form_action) | {"Cache-Control": "no-store"}

    def install(self, app: FastAPI, *, pages: Sequence[str] = ("/",), besides: Sequence[str] = ()) -> None:
        """Serve static files, set the problem page, and guard what lies below `pages` but not below `besides`."""
        app.state.console = self
        app.state.problem_page = self.problem_page
        app.add_route(
            static_files.PREFIX + "/{digest}/{name:path}", self._static.answer, include_in_schema=False
        )
        # Appended, so that they run inside the reference number's middleware, whenever that one is added.
        app.user_middleware += [
            Middleware(security.SecurityHeadersMiddleware, form_action=self._form_action),
            Middleware(
                security.SameOriginMiddleware,
                origin=self.settings.public_origin,
                pages=tuple(pages),
                besides=(*besides, static_files.PREFIX),
            ),
        ]

    def language(self, request: Request) -> language.Language:
        """Return the language that this request is answered in."""
        return language.of(request, self.service)

    def page(
        self,
        request: Request,
        template: str,
        status: int = 200,
        *,
        frame: Frame | None = None,
        headers: dict[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """Render a template. Without `frame`, the one of `request.state.frame`, else that of a stranger."""
        code = self.language(request)
        found = frame or getattr(request.state, "frame", None) or Frame()
        text = (
            self._environments[code]
            .get_template(template)
            .render(
                request_path=request.url.path,
                here=_here(request),
                frame=found,
                service=self.service,
                is_demo=self.settings.mode is Mode.DEMO,
                is_fragment="hx-request" in request.headers,
                **{"form": Form(), "csrf": found.csrf} | context,
            )
        )
        answer = Response(text, status, self._headers | (headers or {}), media_type="text/html")
        if language.chosen(request):
            self._keep_language(answer, code)
        return answer

    def problem_page(self, request: Request, status: int, public: Text, kind: str, number: str) -> Response:
        """Render an error. What is missing and what is forbidden look the same, unless a rule has its own words."""
        is_missing = status in _MISSING and public in {NotFound.text, Forbidden.text}
        return self.page(
            request,
            "problem.html",
            status,
            public=public,
            kind=kind,
            number=number,
            is_missing=is_missing,
            is_ours=status >= _SERVER_ERROR,
            retry_path=_here(request)() if request.method == "GET" else "",
        )

    def _keep_language(self, answer: Response, code: str) -> None:
        answer.set_cookie(
            language.cookie_name(self.service),
            code,
            max_age=language.COOKIE_SECONDS,
            secure=self.settings.is_secure,
            httponly=True,
            samesite="lax",
        )


def _folder(package: str) -> Path:
    return Path(str(resources.files(package)))


def _here(request: Request) -> Callable[..., str]:
    """Return a function that gives this address with some of its query changed; `None` drops a parameter."""

    def here(**changes: object) -> str:
        query = [(key, value) for key, value in request.query_params.multi_items() if key not in changes]
        query = [(key, value) for key, value in query if key != language.PARAMETER]
        query += [(key, str(value)) for key, value in changes.items() if value is not None]
        return request.url.path + (f"?{urlencode(query)}" if query else "")

    return here
