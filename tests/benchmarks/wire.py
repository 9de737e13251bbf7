"""A client that costs little: HTTP/1.1 over kept-alive connections, as many requests at once as there are connections."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONNECTIONS = 16
OK = 200
#: A server that answers nothing for so long has stopped.
_PATIENCE_SECONDS = 120.0


class NotAnswered(AssertionError):
    """A request was not answered with 200: what was measured is not what was meant."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request, ready to be sent."""

    path: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]

    def encoded(self) -> bytes:
        """Return the request's bytes."""
        lines = [f"POST {self.path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join((*lines, "", "")).encode("ascii") + self.body


def post_all(port: int, posts: Sequence[Post]) -> None:
    """Send every request to this machine's port.

    Raises `NotAnswered` unless each is answered with 200, `TimeoutError` if that takes minutes.
    """
    waiting = iter([post.encoded() for post in posts])
    asyncio.run(asyncio.wait_for(_post_all(port, waiting), _PATIENCE_SECONDS))


async def _post_all(port: int, waiting: Iterator[bytes]) -> None:
    await asyncio.gather(*(_one_connection(port, waiting) for _ in range(CONNECTIONS)))


async def _one_connection(port: int, waiting: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
        status = int(head.split(b" ", 2)[1])
        if status != OK:
            raise NotAnswered(f"{status}: {body[:300]!r}")
    writer.close()
    await writer.wait_closed()
