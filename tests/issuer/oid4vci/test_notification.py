"""Notifications (OID4VCI 1.0 §11)."""

from typing import Any

import pytest

from issuer.oid4vci.errors import NotificationRefused, UnknownNotification
from issuer.oid4vci.notification import MAX_DESCRIPTION, Event, Notification, parse

ID = "0123456789abcdef" * 2
GOOD: dict[str, Any] = {"notification_id": ID, "event": "credential_accepted"}

pytestmark = pytest.mark.clause("OID4VCI 1.0 §11.1")


@pytest.mark.parametrize("event", list(Event))
def test_every_event_of_the_protocol_is_read(event: Event) -> None:
    assert parse(GOOD | {"event": event.value, "unknown": []}) == Notification(ID, event, "")


def test_a_description_is_kept_short() -> None:
    assert parse(GOOD | {"event_description": "x" * 2_000}).description == "x" * MAX_DESCRIPTION


@pytest.mark.clause("OID4VCI 1.0 §11.3")
@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"event": "credential_accepted"},
        GOOD | {"notification_id": ""},
        GOOD | {"notification_id": 7},
        {"notification_id": ID},
        GOOD | {"event": "accepted"},
        GOOD | {"event": None},
        GOOD | {"event": []},
        GOOD | {"event": {"x": 1}},
        GOOD | {"event_description": 7},
        GOOD | {"event_description": ["x"]},
    ],
)
def test_a_malformed_notification_is_an_invalid_request(body: Any) -> None:
    with pytest.raises(NotificationRefused) as refused:
        parse(body)
    assert refused.value.code == "invalid_notification_request"


@pytest.mark.clause("OID4VCI 1.0 §11.3")
@pytest.mark.parametrize("identifier", ["x", "\x00", ID.upper(), ID + "0", "あ" * 32])
def test_an_id_that_nobody_gave_out_is_an_invalid_id(identifier: str) -> None:
    with pytest.raises(UnknownNotification) as refused:
        parse(GOOD | {"notification_id": identifier})
    assert refused.value.code == "invalid_notification_id"
