"""An admissions office that uses the verifier's JSON API with a key of its own."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tegata.codec import json
from tegata.errors import TegataError, Text, Unavailable

_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2
_OPEN = frozenset({"created", "requested", "fetched", "submitted"})


class RequestRefused(TegataError):
    """The verifier's API did not do what the demo asked."""

    kind = "demo_request_refused"
    text = Text("検証サーバーが依頼を受け付けませんでした。", "The verifier did not take the request.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was made: its id, and the link for a wallet on another device."""

    identifier: str
    link: str


class University:
    """The office."""

    def __init__(self, origin: str, api_key: str) -> None:
        self._client = httpx.Client(
            base_url=f"{origin}/api/v1",
            headers={"Authorization": f"Bearer {api_key}"},
            trust_env=False,
            timeout=60,
        )

    def close(self) -> None:
        """Close the office's connections."""
        self._client.close()

    def ask(self, purpose: str, items: Sequence[Mapping[str, Any]]) -> Asked:
        """Make a request for documents and chosen items of them."""
        found = self._json(self._client.post("/requests", json={"purpose": purpose, "items": list(items)}))
        return Asked(found["id"], found["links"]["cross_device"])

    def report(self, asked: Asked) -> Mapping[str, Any]:
        """Wait for the report on an answer; raises `Unavailable` if there is none in time."""
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end:
            found = self._json(self._client.get(f"/requests/{asked.identifier}"))
            if found["report"] is not None:
                report: Mapping[str, Any] = found["report"]
                return report
            if found["state"] not in _OPEN:
                raise RequestRefused(f"the request is {found['state']}: {found['wallet_error']}")
            time.sleep(_POLL_SECONDS)
        raise Unavailable("no report came in time")

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise RequestRefused(f"HTTP {answer.status_code}: {answer.text[:300]}")
        return json.loads(answer.content)
