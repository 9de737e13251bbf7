"""Notifications from the wallet (OID4VCI 1.0 §11): helpful, never relied on."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from issuer.oid4vci.errors import NotificationRefused, UnknownNotification

MAX_DESCRIPTION = 500
#: As the edge makes them.
_ID = re.compile(r"[0-9a-f]{32}")


class Event(StrEnum):
    """What became of a credential in the wallet (§11.1)."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


@dataclass(frozen=True, slots=True)
class Notification:
    """A well-formed notification."""

    notification_id: str
    event: Event
    description: str


def parse(body: Any) -> Notification:
    """Read a notification; raises `NotificationRefused` for anything malformed, `UnknownNotification` for foreign ids."""
    if not isinstance(body, dict):
        raise NotificationRefused("not a JSON object")
    identifier, event, description = (
        body.get(name) for name in ("notification_id", "event", "event_description")
    )
    if not isinstance(identifier, str) or not identifier:
        raise NotificationRefused("notification_id is missing")
    if not _ID.fullmatch(identifier):
        raise UnknownNotification("not an id that this issuer gave out")
    if not isinstance(event, str) or event not in set(Event):
        raise NotificationRefused("unknown event")
    if description is not None and not isinstance(description, str):
        raise NotificationRefused("event_description is not a string")
    return Notification(identifier, Event(event), (description or "")[:MAX_DESCRIPTION])
