"""A small town for the interface's stories: one stage, and people of every role who are signed in. And the seeded year."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service import seed
from service.db import Database
from service.settings import Settings, read
from tests.builders.office import Office, an_office
from tests.builders.stage import Stage, a_stage
from tests.builders.web import a_candidate, serving, signed_in, stranger


@dataclass
class Town:
    """`there` is a second centre, of which nobody here may learn anything."""

    app: Litestar
    stage: Stage
    there: Stage
    candidate_id: UUID
    candidate: httpx.AsyncClient
    rival: httpx.AsyncClient
    evaluator: httpx.AsyncClient
    observer: httpx.AsyncClient
    manager: httpx.AsyncClient
    other_manager: httpx.AsyncClient
    administrator: httpx.AsyncClient
    stranger: httpx.AsyncClient

    @property
    def db(self) -> Database:
        return self.app.state.running.db.as_house()  # type: ignore[no-any-return]

    async def open_session(self, **changes: object) -> UUID:
        async with self.db.transaction() as tx:
            return await self.stage.open(tx, **changes)

    async def book(self, session_id: UUID, key: str = "key-1", who: httpx.AsyncClient | None = None) -> httpx.Response:
        order = {"session_id": str(session_id)}
        return await (who or self.candidate).post("/api/v1/bookings", json=order, headers={"Idempotency-Key": key})


@pytest.fixture
async def town(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Town]:
    async with serving(database_url, valkey_url, tmp_path, clock) as app:
        async with app.state.running.db.as_house().transaction() as tx:
            stage, there = await a_stage(tx, now), await a_stage(tx, now)
            mine = await a_candidate(tx, "noor@example.org", now)
            theirs = await a_candidate(tx, "sam@example.org", now)
        yield Town(
            app=app,
            stage=stage,
            there=there,
            candidate_id=mine,
            candidate=await signed_in(app, "noor@example.org", "candidate", candidate_id=mine),
            rival=await signed_in(app, "sam@example.org", "candidate", candidate_id=theirs),
            evaluator=await signed_in(app, "evaluator@example.org", "assessor", assessor_id=stage.evaluator),
            observer=await signed_in(app, "observer@example.org", "assessor", assessor_id=stage.observer),
            manager=await signed_in(
                app, "manager@example.org", "manager", centre_id=stage.centre, assessor_id=stage.manager
            ),
            other_manager=await signed_in(
                app, "other@example.org", "manager", centre_id=there.centre, assessor_id=there.manager
            ),
            administrator=await signed_in(app, "administrator@example.org", "administrator"),
            stranger=stranger(app),
        )


@pytest.fixture
async def office(
    database_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Office]:
    async with an_office(database_url, tmp_path, clock, now) as office:
        yield office


@pytest.fixture(scope="session")
async def seeded(copies: Callable[..., Awaitable[str]], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two processes start on one empty database: one of them seeds, the other waits for it."""
    folder = tmp_path_factory.mktemp("seed")
    nowhere = "redis://127.0.0.1:1"  # the seed needs no queue
    settings = read({"DATABASE_URL": await copies(), "REDIS_URL": nowhere, "PREUVE_DATA": str(folder)})
    said: list[str] = []
    done = await asyncio.gather(*(seed.fill(settings, said.append) for _ in range(2)))
    assert sorted(done) == [False, True]
    assert len(said) == 4
    return settings
