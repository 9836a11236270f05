"""A kept-alive HTTP/1.1 connection that costs little, so that the servers and not the client are what is tried."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, cast

WITHOUT_BODY = (204, 304)
END = b"\r\n\r\n"  # of the head


class Lost(Exception):
    """No answer came: whether the request was carried out is unknown."""


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


def whole(received: bytes) -> Answer | None:
    """The answer that these bytes begin with; None where some of it is still to come. Raises Lost where it does not say
    how long it is."""
    head, end, body = received.partition(END)
    if not end:
        return None
    _, said, rest = head.lower().partition(b"content-length:")
    status = int(head[9:12])
    if not said and status not in WITHOUT_BODY:
        raise Lost("an answer without its length")
    length = int(rest.partition(b"\r\n")[0] or 0)
    return Answer(status, head, body[:length]) if len(body) >= length else None


class Line(asyncio.Protocol):
    """`line = await Line.open(port)`, then one `await line.ask(request)` at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, port: int) -> "Line":
        """Raises Lost when nobody listens."""
        try:
            _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        except OSError as error:
            raise Lost from error
        return line

    async def ask(self, request: bytes) -> Answer:
        """Raises Lost when the line breaks before the whole answer is here."""
        if self._transport is None:
            raise Lost
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            answer = whole(self._received)
        except Lost as error:
            self._end(error)
            return
        if answer is not None:
            self._received = self._received[len(answer.head) + len(END) + len(answer.body) :]
            self._end(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._end(Lost())

    def _end(self, outcome: Answer | Exception) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, Answer):
            waiting.set_result(outcome)
        else:
            waiting.set_exception(outcome)


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    every = {"Host": "127.0.0.1", **headers, **({"Content-Length": str(len(body))} if body else {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def booking(session_id: object, cookie: str, key: str) -> bytes:
    """The bytes that ask for a seat."""
    headers = {"Cookie": f"preuve={cookie}", "Content-Type": "application/json", "Idempotency-Key": key}
    return request("POST", "/api/v1/bookings", headers, b'{"session_id":"%s"}' % str(session_id).encode())
