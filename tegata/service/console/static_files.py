"""Static files from memory, under addresses that carry a digest of the content and may be cached for ever."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from tegata.errors import NotFound

PREFIX = "/static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    digest: str
    media_type: str


class StaticFiles:
    """The files of some folders; a name in an earlier folder hides the same name in a later one."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files: dict[str, _File] = {}
        for folder in reversed(folders):
            for path in sorted(folder.rglob("*")):
                if path.suffix in _MEDIA_TYPES and path.is_file():
                    content = path.read_bytes()
                    digest = hashlib.sha256(content).hexdigest()[:16]
                    name = path.relative_to(folder).as_posix()
                    self._files[name] = _File(content, digest, _MEDIA_TYPES[path.suffix])

    def url(self, name: str) -> str:
        """Return the address of a file; `KeyError` for a file there is not, so that a wrong name fails in tests."""
        return f"{PREFIX}/{self._files[name].digest}/{name}"

    async def answer(self, request: Request) -> Response:
        """Serve `/static/<digest>/<name>`; raises `NotFound`.

        During an upgrade an old page may ask a new process: it gets today's file, which then must not be kept.
        """
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise NotFound("no such static file")
        is_exact = request.path_params["digest"] == file.digest
        headers = {
            "Cache-Control": _FOR_EVER if is_exact else "no-cache",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Type": file.media_type,
        }
        return Response(file.content, 200, headers)
