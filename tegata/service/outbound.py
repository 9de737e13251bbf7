"""The only way out: HTTP requests with limits on where, how large, how long.

An address is resolved once, checked, and connected to as resolved, so that a second answer of the DNS cannot lead
inside. Redirects are not followed. Private, loopback and link-local addresses are refused, but for loopback origins
that the settings list (never in production).
"""

import ipaddress
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit
from weakref import finalize

import httpx

from tegata.errors import Forbidden, LimitExceeded, Text, Unavailable
from tegata.service.settings import LOOPBACK_HOSTS, ServiceSettings

MAX_BYTES = 2_097_152
TIMEOUT_SECONDS = 10.0
#: For the whole answer: a server that drips one byte after the other must not hold a thread.
TOTAL_SECONDS = 30.0
#: RFC 6052 §2.1: the last four bytes are an IPv4 address that a gateway connects to.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(Forbidden):
    """The URL leads somewhere that outbound requests must not go."""

    kind = "address_refused"
    text = Text("このアドレスには接続できません。", "This address may not be contacted.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A bounded response."""

    status: int
    content_type: str
    body: bytes
    headers: httpx.Headers


class Outbound:
    """Makes requests for one service. `client` is replaceable in tests by one with another transport."""

    def __init__(
        self,
        settings: ServiceSettings,
        client: httpx.Client | None = None,
        *,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._loopback_allowed = settings.insecure_loopback
        self._loopback_origins = frozenset(settings.loopback_origins)
        self._total_seconds = total_seconds
        self._client = client or self._own_client()

    def _own_client(self) -> httpx.Client:
        made = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, http2=False)
        # Kept connections are closed with whoever keeps them, however that ends.
        finalize(self, made.close)
        return made

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int = MAX_BYTES,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """GET a URL; raises `AddressRefused`, `LimitExceeded`, or `Unavailable` for every network failure."""
        return self._send("GET", url, {"Accept": accept, **(headers or {})}, None, max_bytes)

    def post(
        self, url: str, body: bytes, *, content_type: str, headers: dict[str, str] | None = None
    ) -> Answer:
        """POST bytes to a URL, with the same limits."""
        return self._send("POST", url, {"Content-Type": content_type, **(headers or {})}, body, MAX_BYTES)

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, max_bytes: int
    ) -> Answer:
        address = self._check(url)
        parts = urlsplit(url)
        host = parts.hostname or ""
        target = httpx.URL(url).copy_with(host=address, fragment=None)
        deadline = time.monotonic() + self._total_seconds
        extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
        try:
            with self._client.stream(
                method, target, headers={**headers, "Host": parts.netloc}, content=body, extensions=extensions
            ) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if time.monotonic() > deadline:
                        raise Unavailable(f"{method} {host}: too slow")
                    if len(content) > max_bytes:
                        raise LimitExceeded(f"answer of more than {max_bytes} bytes from {host}")
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                return Answer(response.status_code, kind, bytes(content), response.headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"{method} {host}: {type(error).__name__}") from None

    def _check(self, url: str) -> str:
        """Return the address to connect to."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise AddressRefused("not a URL") from None
        host = parts.hostname or ""
        origin = f"{parts.scheme}://{parts.netloc}"
        is_listed = self._loopback_allowed and origin in self._loopback_origins and host in LOOPBACK_HOSTS
        if parts.username or parts.password or (parts.scheme != "https" and not is_listed):
            raise AddressRefused(f"{parts.scheme} to {host} is not allowed")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unavailable(f"{host} cannot be resolved") from None
        addresses = [str(item[4][0]) for item in found]
        if is_listed:
            # Servers of the demo listen on IPv4.
            return next((item for item in addresses if ":" not in item), addresses[0])
        for item in addresses:
            if not _is_public(item):
                raise AddressRefused(f"{host} resolves to an address that is not public")
        return addresses[0]


def _is_public(text: str) -> bool:
    """Whether an address is one of the public internet; an IPv4 address inside an IPv6 one is looked at itself."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None:
            address = address.sixtofour
        elif address in _NAT64:
            address = ipaddress.IPv4Address(address.packed[-4:])
    return address.is_global and not address.is_multicast
