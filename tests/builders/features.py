"""What the rows of tests/journeys/test_booking_features.py have in common: a town, a clock that goes on, short requests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from service import worker
from service.outbox import drain
from service.reactions import BY_TOPIC
from tests.builders.watch import Watch
from tests.builders.web import confirmed
from tests.service.conftest import Town, town

__all__ = ["Town", "town"]


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
def clock(watch: Watch) -> Callable[[], datetime]:
    return watch


async def later(town: Town, watch: Watch, **by: float) -> None:
    """Time passes; those who are signed in stay so."""
    watch.now += timedelta(**by)
    for name in ("noor", "sam", "manager"):
        await confirmed(town.app, f"{name}@example.org")


async def worked(town: Town) -> None:
    """The worker has done what there was to do."""
    await drain(town.app.state.running.as_house(), BY_TOPIC)
    await worker.offer(town.app.state.running.as_house(), BY_TOPIC)
    await drain(town.app.state.running.as_house(), BY_TOPIC)


async def booked(town: Town, who: httpx.AsyncClient | None = None, **changes: object) -> tuple[UUID, str]:
    """A session that somebody has a place in: its id, and the booking's address."""
    session = await town.open_session(**changes)
    answer = await town.book(session, uuid4().hex, who)
    assert answer.status_code == 201, answer.text
    return session, answer.headers["location"]


async def unit_of(town: Town) -> str:
    async with town.db.read() as tx:
        return str(await tx.fetchval("select code from assessments.units where id = $1", town.stage.unit))


async def plan(town: Town, starts_at: datetime, room: UUID | None = None, seats: int = 2) -> httpx.Response:
    return await town.manager.post("/api/v1/sessions", json={
        "room_id": str(room or town.stage.room), "unit": await unit_of(town), "language": "fr",
        "starts_at": starts_at.isoformat(), "seats": seats,
    })  # fmt: skip


async def another_room(town: Town) -> UUID:
    async with town.db.transaction() as tx:
        return await town.stage.another_room(tx)


async def letters_to(town: Town, address: str) -> int:
    async with town.db.read() as tx:
        return int(await tx.fetchval("select count(*) from service.mails where recipient = $1", address))


def problem(answer: httpx.Response) -> str:
    assert answer.status_code in (409, 422), answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")
