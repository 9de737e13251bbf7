"""What VCDM 1.1 has otherwise than 2.0: its context, its dates, and ids where 2.0 asks for none. For reading old documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.formats.credential import FormatRefused
from tegata.formats.linked_data.nquads import is_absolute_iri
from tegata.formats.vcdm import rules

BASE_CONTEXT_1_1 = "https://www.w3.org/2018/credentials/v1"
#: What says by its id where it is.
_NAMED = ("credentialStatus", "credentialSchema", "refreshService")


def single_values_1_1(document: Mapping[str, Any]) -> None:
    """Refuse arrays where one value belongs."""
    for name in ("id", "issuer", "issuanceDate", "expirationDate"):
        if isinstance(document.get(name), list):
            raise FormatRefused(f"{name} is an array", clause="VCDM 1.1 §4")


def contexts_1_1(document: Mapping[str, Any]) -> None:
    """Ask for contexts that begin with the one of VCDM 1.1."""
    found = rules.as_list(document.get("@context"))
    if not found or found[0] != BASE_CONTEXT_1_1:
        raise FormatRefused("the first context is not credentials/v1", clause="VCDM 1.1 §4.1")
    if any(not isinstance(item, str | Mapping) for item in found) or any(
        isinstance(item, str) and not is_absolute_iri(item) for item in found
    ):
        raise FormatRefused("a context that is neither a URL nor an object", clause="VCDM 1.1 §4.1")


def dates_1_1(document: Mapping[str, Any]) -> None:
    """Ask for an issuanceDate, and refuse an end before it."""
    start, end = period_1_1(document)
    if start is None:
        raise FormatRefused("issuanceDate is missing", clause="VCDM 1.1 §4.6")
    if end is not None and start > end:
        raise FormatRefused("expirationDate lies before issuanceDate", clause="VCDM 1.1 §4.8")


def named_objects_1_1(document: Mapping[str, Any]) -> None:
    """Ask for an id in status, schema and refresh service."""
    for name in _NAMED:
        for item in rules.objects(document, name, "VCDM 1.1 §4.9"):
            if "id" not in item:
                raise FormatRefused(f"{name} has no id", clause="VCDM 1.1 §4.9")


def period_1_1(document: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the dates between which a document is valid."""
    return rules.instant(document, "issuanceDate"), rules.instant(document, "expirationDate")
