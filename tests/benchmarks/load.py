"""Requests over kept-alive connections, as many at a time as there are connections, and how long each took."""

import asyncio
import time
from collections.abc import Callable

from msgspec import Struct

from tests.faults.line import Line


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
    taken: list[float] = []
    began = time.perf_counter()

    async def caller() -> None:
        line = await Line.open(port)
        while (sent := time.perf_counter()) < began + seconds:
            answer = await line.ask(next_request())
            taken.append((time.perf_counter() - sent) * 1000)
            assert warming_up or answer.status == status, (answer.status, answer.body[:300])
        line.close()

    await asyncio.gather(*(caller() for _ in range(connections)))
    return summary(time.perf_counter() - began, taken)
