"""Forms of pages: what was typed, what was uploaded, and what is wrong with it. Not for JSON or wallet endpoints."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from tegata.errors import MalformedInput, Text
from tegata.service import bodies
from tegata.service.console.errors import UnreadableForm
from tegata.service.nul import refuse_nul

#: Pages of 200 rows may have a checkbox and a note in each.
MAX_FIELDS = 1_000
MAX_FILES = 20
MAX_FIELD_BYTES = 1_048_576
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


class FormErrors:
    """What is wrong, by field, in the order of adding. One message a field: the first is kept.

    The field "" stands for the form as a whole.
    """

    def __init__(self) -> None:
        self._by_field: dict[str, Text] = {}

    def add(self, name: str, text: Text) -> None:
        """Say what is expected of a field."""
        self._by_field.setdefault(name, text)

    def get(self, name: str) -> Text | None:
        """Return the message of a field, if there is one."""
        return self._by_field.get(name)

    def __iter__(self) -> Iterator[tuple[str, Text]]:
        return iter(self._by_field.items())

    def __len__(self) -> int:
        return len(self._by_field)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One chosen file; its name is what the browser said, never a path to trust."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What a form held, exactly as typed, so that it can be shown again."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Mapping[str, Sequence[UploadedFile]] = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)

    @classmethod
    def filled(cls, **values: str) -> "Form":
        """Return a form with these values, for a first GET."""
        return cls({name: (value,) for name, value in values.items()})

    def __getitem__(self, name: str) -> str:
        """Return the first value of a field, or the empty text."""
        found = self.values.get(name, ())
        return found[0] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, for checkboxes."""
        return tuple(self.values.get(name, ()))

    def files(self, name: str) -> tuple[UploadedFile, ...]:
        """Return the files that were chosen in a field."""
        return tuple(self.uploads.get(name, ()))

    def require(self, name: str, text: Text) -> str:
        """Return the value without its outer spaces; if it is empty, add the error."""
        value = self[name].strip()
        if not value:
            self.errors.add(name, text)
        return value


async def read_page_form(request: Request, *, max_bytes: int = bodies.MAX_FORM_BYTES) -> Form:
    """Read a page's form, urlencoded or multipart.

    Raises `bodies.WrongContentType`, `LimitExceeded` beyond `max_bytes`, and `UnreadableForm`.
    """
    kinds = frozenset({_URLENCODED, _MULTIPART})
    raw = await bodies.read_bytes(request, content_types=kinds, max_bytes=max_bytes)
    if request.headers["content-type"].lower().startswith(_URLENCODED):
        form = _from_pairs(raw)
    else:
        form = await _from_parts(request, raw)
    _refuse_nul(form)
    return form


def _refuse_nul(form: Form) -> None:
    names = (*form.values, *form.uploads, *(file.name for files in form.uploads.values() for file in files))
    try:
        refuse_nul((*names, *(value for values in form.values.values() for value in values)))
    except MalformedInput as error:
        raise UnreadableForm(error.detail) from None


def _from_pairs(raw: bytes) -> Form:
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            max_num_fields=MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise UnreadableForm(f"not a form: {type(error).__name__}") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return Form(values)


async def _from_parts(request: Request, raw: bytes) -> Form:
    async def stream() -> AsyncIterator[bytes]:
        yield raw

    parser = MultiPartParser(
        request.headers,
        stream(),  # type: ignore[arg-type]  # an iterator is what the parser uses of the generator
        max_files=MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise UnreadableForm(f"not a multipart form: {type(error).__name__}") from None
    values: dict[str, list[str]] = {}
    uploads: dict[str, list[UploadedFile]] = {}
    try:
        for name, part in parts.multi_items():
            if not isinstance(part, UploadFile):
                values.setdefault(name, []).append(part)
            # A browser sends an empty part without a name for a field in which nothing was chosen.
            elif part.filename:
                uploads.setdefault(name, []).append(UploadedFile(part.filename, await part.read()))
    finally:
        await parts.close()
    return Form(values, uploads)
