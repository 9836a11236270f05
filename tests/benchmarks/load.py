"""Requests over kept-alive connections, as many at a time as there are connections, and how long each took."""

import asyncio
import select
import socket
import time
from collections.abc import Callable

from msgspec import Struct

from tests.faults.line import Lost, whole

PATIENCE = 30  # seconds


class Run(Struct, frozen=True):
    """What one run has given: per second, and milliseconds at the median and the 99th percentile."""

    rate: float
    p50: float
    p99: float
    count: int


def summary(seconds: float, milliseconds: list[float]) -> Run:
    ordered = sorted(milliseconds) or [0.0]
    return Run(
        len(milliseconds) / seconds, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], len(milliseconds)
    )


async def load(
    port: int,
    next_request: Callable[[], bytes],
    *,
    seconds: float,
    connections: int,
    status: int,
    warming_up: bool = False,
) -> Run:
    """Ask for so long; every answer must have that status, or what is measured is not what it is called.

    Not while warming up: the first connections and plans of a busy machine may take longer than a request may wait.
    """
    callers = Callers(next_request, status=None if warming_up else status)
    return await asyncio.to_thread(callers.ask, port, seconds=seconds, connections=connections)


class Callers:
    """Plain sockets in one thread: what asks shares the processors with what answers, and takes as little of them as a
    program in Python can. An event loop of asyncio's takes three times as much."""

    def __init__(self, next_request: Callable[[], bytes], *, status: int | None) -> None:
        self._next_request = next_request
        self._status = status
        self._taken: list[float] = []

    def ask(self, port: int, *, seconds: float, connections: int) -> Run:
        """Raises Lost when a connection breaks, or nothing comes for PATIENCE seconds."""
        poll = select.epoll()
        lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        try:
            asking = {}
            began = time.perf_counter()
            for line in lines:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(line, select.EPOLLIN)
                asking[line.fileno()] = self._sent(line)
            while asking:
                ready = poll.poll(PATIENCE)
                if not ready:
                    raise Lost("no answer")
                for number, _ in ready:
                    if number in asking:
                        asked = self._received(asking.pop(number), began + seconds)
                        if asked is not None:
                            asking[number] = asked
            return summary(time.perf_counter() - began, self._taken)
        finally:
            poll.close()
            for line in lines:
                line.close()

    def _sent(self, line: socket.socket) -> "Asked":
        request = self._next_request()
        sent = time.perf_counter()
        line.sendall(request)
        return Asked(line, sent)

    def _received(self, asked: "Asked", until: float) -> "Asked | None":
        """What this line waits for now; None: for nothing any more."""
        data = asked.line.recv(1 << 18)
        if not data:
            raise Lost
        asked.received = asked.received + data if asked.received else data
        answer = whole(asked.received)
        if answer is None:
            return asked
        now = time.perf_counter()
        self._taken.append((now - asked.sent) * 1000)
        assert self._status in (None, answer.status), (answer.status, answer.body[:300])
        return self._sent(asked.line) if now < until else None


class Asked(Struct):
    """One request under way."""

    line: socket.socket
    sent: float
    received: bytes = b""
