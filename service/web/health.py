"""Is it alive, is it ready: for whoever restarts us and whoever sends us visitors."""

import asyncio
from contextlib import suppress
from typing import Literal

import msgspec
from litestar import Response, get
from litestar.datastructures import State

from service import auth
from service.queue import Queue, QueueAway

DATABASE_SECONDS = 1.0
QUEUE_SECONDS = 0.5


class Live(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"]


class Ready(msgspec.Struct, frozen=True):
    """Without its database the service can do nothing: down, 503. Without its queue mail waits: degraded, 200."""

    status: Literal["ok", "degraded", "down"]
    database: Literal["ok", "down"]
    queue: Literal["ok", "down"]


@get("/health/live", guards=[auth.may("pages", "health")], tags=["health"], sync_to_thread=False)
def live() -> Live:
    """Needs nothing but this process: an outage of the database is no reason to restart us."""
    return Live("ok")


@get("/health/ready", guards=[auth.may("pages", "health")], tags=["health"])
async def ready(state: State) -> Response[Ready]:
    """Database and queue, asked at the same time, each within its own limit."""
    database, queue = await asyncio.gather(state.running.db.ready(DATABASE_SECONDS), _answers(state.running.queue))
    answer = Ready(
        status="down" if not database else "ok" if queue else "degraded",
        database="ok" if database else "down",
        queue="ok" if queue else "down",
    )
    return Response(answer, status_code=200 if database else 503)


async def _answers(queue: Queue) -> bool:
    with suppress(QueueAway, TimeoutError):
        async with asyncio.timeout(QUEUE_SECONDS):
            await queue.ping()
            return True
    return False
