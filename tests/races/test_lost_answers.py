"""The wire to PostgreSQL breaks exactly at the commit: the answer is "unknown", and the same request under its key tells."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tests.builders.stage import Stage, a_stage
from tests.builders.web import a_candidate, serving, signed_in
from tests.builders.wire import When, Wire, wired


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wired(database_url) as wire:
        yield wire


class Desk:
    """A candidate before an application that reaches its database by the wire; `counted` looks from beside it."""

    def __init__(self, stage: Stage, sessions: list[UUID], noor: httpx.AsyncClient, db: object) -> None:
        self.stage, self.sessions, self.noor, self.db = stage, sessions, noor, db

    async def ask(self, path: str, session: UUID, key: str) -> httpx.Response:
        return await self.noor.post(path, json={"session_id": str(session)}, headers={"Idempotency-Key": key})

    async def seats(self) -> list[int]:
        async with self.db.read() as tx:  # type: ignore[attr-defined]
            rows = await tx.fetch(
                """select s.taken, (select count(*) from scheduling.bookings b where b.session_id = s.id
                                      and b.released_at is null) as live
                   from scheduling.sessions s order by s.test_time"""
            )
        assert all(row["taken"] == row["live"] for row in rows)
        return [row["taken"] for row in rows]


@pytest.fixture
async def desk(
    wire: Wire, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Desk]:
    async with serving(wire.url, valkey_url, tmp_path, clock) as app:
        house = app.state.running.db.as_house()
        async with house.transaction() as tx:
            stage = await a_stage(tx, now)
            noor = await a_candidate(tx, "noor@example.org", now)
            sessions = [await stage.open(tx, starts_at=stage.morning + timedelta(days=day)) for day in range(2)]
        client = await signed_in(app, "noor@example.org", "candidate", candidate_id=noor)
        yield Desk(stage, sessions, client, house)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("path", ["/api/v1/bookings", "/api/v1/holds"])
async def test_a_seat_whose_answer_is_lost(desk: Desk, wire: Wire, path: str, when: When) -> None:
    session = desk.sessions[0]
    wire.arm(b"the-lost-key", when)
    lost = await desk.ask(path, session, "the-lost-key")
    assert (lost.status_code, lost.json()["type"]) == (503, "/problems/unavailable")
    assert wire.broken == 1
    assert await desk.seats() == [1 if when == "after" else 0, 0], "the seat is taken, or is not: nobody was told"
    told = await desk.ask(path, session, "the-lost-key")
    assert told.status_code == 201
    assert await desk.seats() == [1, 0]
    again = await desk.ask(path, session, "the-lost-key")
    assert (again.status_code, again.json()) == (201, told.json())
    assert (await desk.noor.get(told.headers["location"])).json()["session_id"] == str(session)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_change_of_date_whose_answer_is_lost(desk: Desk, wire: Wire, when: When) -> None:
    """Never no place and never two: the old one and the new one change in the commit whose answer is lost."""
    mine = (await desk.ask("/api/v1/bookings", desk.sessions[0], "first")).json()["id"]
    path = f"/api/v1/bookings/{mine}/rescheduling"
    wire.arm(b"COMMIT", when)
    lost = await desk.ask(path, desk.sessions[1], "moved")
    assert lost.status_code == 503
    assert wire.broken == 1
    assert await desk.seats() == ([0, 1] if when == "after" else [1, 0])
    told = await desk.ask(path, desk.sessions[1], "moved")
    assert told.status_code == 201
    assert told.json() == (await desk.ask(path, desk.sessions[1], "moved")).json()
    assert await desk.seats() == [0, 1]
