"""The application in this process, with the real database behind it, and people who are signed in to it."""

import asyncio
import copy
import functools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from litestar import Litestar
from litestar.events import SimpleEventEmitter

from service import accounts, claims, logins
from service.app import assembled, wired
from service.db import Database
from service.settings import Settings, read
from service.settings import secret as installation

Tx = asyncpg.Connection


@asynccontextmanager
async def serving(
    database_url: str, redis_url: str, folder: Path, clock: Callable[[], datetime], **more: str
) -> AsyncIterator[Litestar]:
    """The application with its lifespan entered in this event loop, in a task of its own.

    A fixture's two halves run in two tasks, and the lifespan's task group may not be left in another than it began in.
    """
    app = an_app(settings_for(database_url, redis_url, folder, **more), clock)
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with app.lifespan():
                ready.set()
                await over.wait()
        finally:
            ready.set()

    life = asyncio.create_task(live())
    await ready.wait()
    yield app
    over.set()
    await life


def an_app(
    settings: Settings, clock: Callable[[], datetime] | None = None, *, routes: Litestar | None = None
) -> Litestar:
    """What create_app makes, but with routes that this process has assembled before: they know nothing of settings,
    database or clock. Whoever registers more of them brings `routes` of their own."""
    app = copy.copy(routes or _assembled(settings.environment))
    app.event_emitter = SimpleEventEmitter([])  # begins and ends with the lifespan, which several have at a time
    return wired(app, settings, clock)


@functools.cache
def _assembled(environment: str) -> Litestar:
    return assembled(environment)


def settings_for(database_url: str, redis_url: str, folder: Path, **more: str) -> Settings:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PREUVE_DATA": str(folder)}
    environ["PREUVE_RATE_LIMITS"] = "0"  # everybody comes from one address here
    return read({"PREUVE_BASE_URL": "http://localhost:8000", **environ, **more})


def stranger(app: Litestar) -> httpx.AsyncClient:
    """A browser or program that has not signed in."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")  # type: ignore[arg-type]


async def signed_in(app: Litestar, email: str, role: accounts.Role, **ties: Any) -> httpx.AsyncClient:
    """Someone with an account of that role, and a login."""
    database: Database = app.state.running.db.as_house()
    secret = secrets.token_urlsafe(32)
    async with database.transaction() as tx:
        now = app.state.running.now()
        account = await accounts.register(tx, email=email, role=role, language="fr", now=now, **ties)
        await logins.begin(tx, account, secret=secret, now=now)
    who = accounts.Account(account, email, role, None, ties.get("candidate_id"), None, "fr")
    client = stranger(app)
    client.cookies.set("preuve", claims.with_claim(installation(app.state.settings), secret, who))
    return client


async def confirmed(app: Litestar, email: str) -> None:
    """They have just shown anew who they are: what a link from the mailbox does, without the mailbox."""
    database: Database = app.state.running.db.as_house()
    async with database.transaction() as tx:
        await tx.execute(
            """update service.logins l set confirmed_at = $2::timestamptz, expires_at = $2 + interval '7 days', seen_at = $2
               from service.accounts a where a.id = l.account_id and a.email = $1""",
            email,
            app.state.running.now(),
        )


async def a_candidate(tx: Tx, email: str, now: datetime) -> UUID:
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.candidates (given_name, family_name, birth_date, email, language, status, registered_at)
           values ('Noor', 'Peeters', '1990-05-17', $1, 'fr', 'jobseeker', $2) returning id""",
        email,
        now,
    )
