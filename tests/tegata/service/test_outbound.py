"""The only way out, against real servers on the loopback host and a DNS that says what a test wants."""

import gc
import gzip
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar

import httpx
import pytest
import respx

from tegata.errors import LimitExceeded, Unavailable
from tegata.service.outbound import MAX_BYTES, AddressRefused, Outbound
from tests.tegata.service.conftest import example_settings

REALLY_PUBLIC = "93.184.215.14"


class Server(BaseHTTPRequestHandler):
    """A server that does what its path says, and remembers what it was asked."""

    asked: list[tuple[str, str, dict[str, str], bytes]]
    may_end: Event

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        getattr(self, "answer_" + self.path.strip("/").partition("?")[0])()

    do_POST = do_GET  # noqa: N815  the library's name

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_type": "text/plain; charset=utf-8", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_plain(self) -> None:
        self.answer("手形".encode())

    def answer_missing(self) -> None:
        self.answer(b"", 404)

    def answer_redirect(self) -> None:
        self.answer(b"", 302, location="/plain")

    def answer_exact(self) -> None:
        self.answer(b"x" * MAX_BYTES)

    def answer_large(self) -> None:
        self.answer(b"x" * (MAX_BYTES + 1))

    def answer_bomb(self) -> None:
        self.answer(gzip.compress(b"\0" * (MAX_BYTES * 10)), content_encoding="gzip")

    def answer_cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"x")

    def answer_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not self.may_end.wait(0.05):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    class Mine(Server):
        asked: ClassVar[list[Any]] = []
        may_end = Event()

    with ThreadingHTTPServer(("127.0.0.1", 0), Mine) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        Mine.origin = f"http://localhost:{listening.server_port}"
        yield Mine
        Mine.may_end.set()
        listening.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=5) as opened:
        yield opened


@pytest.fixture
def outbound(server: Any, client: httpx.Client) -> Outbound:
    return Outbound(example_settings(loopback_origins=(server.origin,)), client)


Names = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A DNS: each look-up gets the next of the given answers. Returns the names that were looked up."""

    def set_up(*answers: tuple[str, ...]) -> list[str]:
        asked: list[str] = []
        left = list(answers)

        def look_up(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            found = left.pop(0)
            if not found:
                raise socket.gaierror("no such name")
            return [
                (socket.AF_INET6 if ":" in item else socket.AF_INET, socket.SOCK_STREAM, 6, "", (item, port))
                for item in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return set_up


def test_an_answer_of_a_listed_loopback_origin_is_read(outbound: Outbound, server: Any) -> None:
    answer = outbound.get(f"{server.origin}/plain?a=1#part", accept="application/json")
    assert (answer.status, answer.content_type, answer.body.decode()) == (200, "text/plain", "手形")
    method, path, headers, _ = server.asked[0]
    assert (method, path) == ("GET", "/plain?a=1")
    assert headers["Host"] == server.origin.removeprefix("http://")
    assert headers["Accept"] == "application/json"


def test_a_body_is_posted(outbound: Outbound, server: Any) -> None:
    outbound.post(f"{server.origin}/plain", b"{}", content_type="application/json", headers={"X-Own": "1"})
    method, _, headers, body = server.asked[0]
    assert (method, body, headers["Content-Type"], headers["X-Own"]) == (
        "POST",
        b"{}",
        "application/json",
        "1",
    )


def test_an_error_status_is_an_answer(outbound: Outbound, server: Any) -> None:
    assert outbound.get(f"{server.origin}/missing").status == 404


def test_redirects_are_not_followed(outbound: Outbound, server: Any) -> None:
    assert outbound.get(f"{server.origin}/redirect").status == 302
    assert [path for _, path, _, _ in server.asked] == ["/redirect"]


def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(outbound: Outbound, server: Any) -> None:
    assert len(outbound.get(f"{server.origin}/exact").body) == MAX_BYTES
    with pytest.raises(LimitExceeded):
        outbound.get(f"{server.origin}/large")
    with pytest.raises(LimitExceeded):
        outbound.get(f"{server.origin}/plain", max_bytes=5)


def test_a_compressed_answer_is_measured_as_it_unfolds(outbound: Outbound, server: Any) -> None:
    with pytest.raises(LimitExceeded):
        outbound.get(f"{server.origin}/bomb")


def test_a_broken_answer_is_no_answer(outbound: Outbound, server: Any) -> None:
    with pytest.raises(Unavailable):
        outbound.get(f"{server.origin}/cut")


def test_a_server_that_drips_is_left(server: Any, client: httpx.Client) -> None:
    settings = example_settings(loopback_origins=(server.origin,))
    with pytest.raises(Unavailable, match="too slow"):
        Outbound(settings, client, total_seconds=0.2).get(f"{server.origin}/drip")


def test_a_server_that_is_not_there_is_unavailable(client: httpx.Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable):
            Outbound(example_settings(loopback_origins=(origin,)), client).get(f"{origin}/")


@pytest.mark.parametrize(
    "changes",
    [
        {"loopback_origins": ()},
        {"loopback_origins": ("http://localhost:1",)},
        {"insecure_loopback": False, "public_origin": "https://issuer.example.jp"},
    ],
)
def test_a_loopback_origin_that_is_not_listed_is_refused(
    server: Any, client: httpx.Client, changes: dict[str, Any]
) -> None:
    listed = {"loopback_origins": (server.origin,)} | changes
    with pytest.raises(AddressRefused):
        Outbound(example_settings(**listed), client).get(f"{server.origin}/plain")
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.jp/",
        "ftp://example.jp/",
        "file:///etc/passwd",
        "gopher://example.jp/",
        "//example.jp/",
        "example.jp",
        "",
        "https://user:password@example.jp/",
        "https://user@example.jp/",
        "https://example.jp:99999/",
        "https://[::1/",
    ],
)
def test_only_plain_https_addresses_are_gone_to(client: httpx.Client, names: Names, url: str) -> None:
    asked = names()
    with pytest.raises(AddressRefused):
        Outbound(example_settings(), client).get(url)
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  an answer of the DNS
        "192.0.2.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::7f00:1",
        "2002:a00:1::",
    ],
)
def test_names_that_lead_inside_are_refused(client: httpx.Client, names: Names, address: str) -> None:
    names((address,))
    with pytest.raises(AddressRefused):
        Outbound(example_settings(), client).get("https://example.jp/")


def test_one_address_inside_among_public_ones_is_enough_to_refuse(client: httpx.Client, names: Names) -> None:
    names((REALLY_PUBLIC, "10.0.0.1"))
    with pytest.raises(AddressRefused):
        Outbound(example_settings(), client).get("https://example.jp/")


def test_a_name_that_does_not_resolve_is_unavailable(client: httpx.Client, names: Names) -> None:
    names(())
    with pytest.raises(Unavailable):
        Outbound(example_settings(), client).get("https://example.jp/")


def test_a_name_is_looked_up_once_and_connected_to_as_it_resolved(client: httpx.Client, names: Names) -> None:
    asked = names((REALLY_PUBLIC,), ("127.0.0.1",))
    with respx.mock() as wire:
        route = wire.get(f"https://{REALLY_PUBLIC}/list").mock(httpx.Response(200, content=b"ok"))
        answer = Outbound(example_settings(), client).get("https://example.jp/list")
    assert answer.body == b"ok"
    assert asked == ["example.jp"]
    request = route.calls.last.request
    assert request.headers["host"] == "example.jp"
    assert request.extensions["sni_hostname"] == "example.jp"


def test_a_public_address_behind_a_gateway_is_connected_to(client: httpx.Client, names: Names) -> None:
    names(("64:ff9b::5db8:d70e",))
    with respx.mock() as wire:
        wire.get("https://[64:ff9b::5db8:d70e]/").mock(httpx.Response(204))
        assert Outbound(example_settings(), client).get("https://example.jp/").status == 204


def test_an_address_of_the_new_kind_is_connected_to_as_well(client: httpx.Client, names: Names) -> None:
    names(("2606:2800:220:1::1",))
    with respx.mock() as wire:
        wire.get("https://[2606:2800:220:1::1]:8443/list").mock(httpx.Response(204))
        assert Outbound(example_settings(), client).get("https://example.jp:8443/list").status == 204


def test_kept_connections_are_closed_with_whoever_kept_them(server: Any) -> None:
    settings = example_settings(insecure_loopback=True, loopback_origins=(server.origin,))
    own = Outbound(settings)
    own.get(f"{server.origin}/plain")
    client = own._client
    assert not client.is_closed
    del own
    gc.collect()
    assert client.is_closed


def test_a_client_that_was_lent_stays_open(client: httpx.Client) -> None:
    Outbound(example_settings(), client)
    gc.collect()
    assert not client.is_closed
