"""The forms there are, by media type, and the data URLs in which one stands inside JSON (VCDM 2.0 §4.13, VC-JOSE-COSE §3)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pybase64

from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm import model

_CLAUSE = "VCDM 2.0 §4.13"
_BASE64 = ";base64"


class Form(StrEnum):
    """A way to secure a credential or a presentation; the value is the media type without `application/`."""

    VC_JWT = "vc+jwt"
    VC_SD_JWT = "vc+sd-jwt"
    VC_COSE = "vc+cose"
    VP_JWT = "vp+jwt"
    VP_SD_JWT = "vp+sd-jwt"
    VP_COSE = "vp+cose"

    @property
    def is_presentation(self) -> bool:
        """Whether it holds a presentation."""
        return self.value.startswith("vp+")

    @property
    def is_cose(self) -> bool:
        """Whether it is a COSE_Sign1."""
        return self.value.endswith("+cose")

    @property
    def is_sd_jwt(self) -> bool:
        """Whether parts of it may be hidden."""
        return self.value.endswith("+sd-jwt")

    @property
    def content_type(self) -> str:
        """The media type of what is inside, without `application/`."""
        return "vp" if self.is_presentation else "vc"


def enveloped(form: Form, data: bytes) -> dict[str, Any]:
    """Return the object that stands for a secured credential or presentation inside JSON."""
    kind = model.ENVELOPED_PRESENTATION if form.is_presentation else model.ENVELOPED
    if form.is_cose:
        content = f"{_BASE64},{pybase64.b64encode(data).decode('ascii')}"
    else:
        content = f",{data.decode('ascii')}"
    return {"@context": model.BASE_CONTEXT, "id": f"data:application/{form}{content}", "type": kind}


def unenveloped(value: Mapping[str, Any]) -> tuple[Form, bytes]:
    """Return form and bytes of an enveloped object (§4.13); the media type decides, nothing is guessed.

    Raises `FormatRefused` for other contexts, types and members, an id that is no data URL, and a form that is not here.
    """
    kinds = model.as_list(value.get("type"))
    if kinds not in ([model.ENVELOPED], [model.ENVELOPED_PRESENTATION]):
        raise FormatRefused("not an enveloped credential or presentation", clause=_CLAUSE)
    if model.BASE_CONTEXT not in model.as_list(value.get("@context")):
        raise FormatRefused("an envelope without the context that defines it", clause=_CLAUSE)
    if value.keys() - {"@context", "id", "type"}:
        raise FormatRefused("an envelope with something written on it", clause=_CLAUSE)
    form, data = _read_url(value.get("id"))
    if form.is_presentation != (kinds == [model.ENVELOPED_PRESENTATION]):
        raise FormatRefused("an envelope with something else in it than it says", clause=_CLAUSE)
    return form, data


def read_base64(text: str) -> bytes:
    """Return what was written as base64, padded or not, with line ends or not, as samples are; raises `FormatRefused`."""
    text = "".join(text.split())
    try:
        return pybase64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise FormatRefused("not base64", clause="VC-JOSE-COSE §3.3") from None


def _read_url(url: Any) -> tuple[Form, bytes]:
    if not isinstance(url, str) or not url.startswith("data:application/") or "," not in url:
        raise FormatRefused("the id of an envelope is no data URL", clause=_CLAUSE)
    head, _, content = url.removeprefix("data:application/").partition(",")
    is_base64 = head.endswith(_BASE64)
    try:
        form = Form(head.removesuffix(_BASE64))
        if is_base64:
            return form, read_base64(content)
        if form.is_cose:
            raise FormatRefused("COSE that is not in base64", clause=_CLAUSE)
        return form, content.encode("ascii")
    except ValueError:
        raise FormatRefused("a data URL of a kind that is not read here", clause=_CLAUSE) from None
