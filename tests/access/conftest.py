"""The people who knock, and the worlds they knock at; made once per worker, because knocking leaves nothing behind."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar

from scheduling import feeds
from service import accounts, alert_letters, logins, rectification_readings, rectifications, subscriptions, tokens
from service.db import ACTING, Database
from service.db import Actor as Acting
from service.held_line import HeldLine
from service.idempotency import Answer
from service.kept_feeds import KeptFeeds
from service.orders import Order, Orders
from service.settings import secret as key_of
from tests.builders import shelf_of_standards
from tests.builders.kept import a_kept_bundle, a_kept_copy
from tests.builders.planned import invite, plan_ahead
from tests.builders.web import serving, stranger
from tests.builders.worlds import World, code_of, two_centres

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
ACTORS = (
    "nobody",
    "candidate",
    "another candidate",
    "evaluator",
    "observer",
    "assessor of another jury",
    "reviewer",
    "manager",
    "manager elsewhere",
    "planner",
    "planner elsewhere",
    "reception",
    "reception elsewhere",
    "auditor",
    "auditor elsewhere",
    "auditor of all",
    "administrator",
)


class Undone(Exception):
    """Every unit of work ends with it."""


class Undoing(Database):
    """The database, except that nothing stays; `kept` says of each unit of work whether it would have changed anything,
    `asked` what PostgreSQL was asked, one round trip each."""

    kept: list[bool]
    asked: list[str]

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        async with super()._connection() as connection:
            with connection.query_logger(lambda record: self.asked.append(record.query)):
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        with suppress(Undone):
            async with super().transaction() as tx:
                yield tx
                await tx.execute("set constraints all immediate")
                self.kept.append(await tx.fetchval("select pg_current_xact_id_if_assigned() is not null"))
                raise Undone

    @asynccontextmanager
    async def glance(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        with suppress(Undone):
            async with super().transaction() as tx:
                yield tx
                raise Undone


class NotHeld(HeldLine):
    """What is to be undone is undone at the end of its own round trip."""

    def glance(self) -> AbstractAsyncContextManager["asyncpg.Connection[asyncpg.Record]"]:
        return self._db.glance()


class OrdersUndone(Orders):
    """Orders that do not stay. One that is refused was undone by its own savepoint, whose number looks like a write."""

    def __init__(self, database: Undoing) -> None:
        super().__init__(database)
        self._line = NotHeld(database)
        self._kept = database.kept

    async def __call__(self, order: Order) -> Answer:
        answer = await super().__call__(order)
        self._kept.append(True)
        return answer


class FeedsUndone(KeptFeeds):
    """Calendars that are asked for where it is counted."""

    def __init__(self, database: Undoing) -> None:
        super().__init__(database)
        self._line = NotHeld(database)


class Actor(msgspec.Struct, frozen=True):
    """Somebody who asks: their account, if they have one, and what they made or keep for themselves."""

    name: str
    account: accounts.Account | None = None
    secret: str = ""
    keeps: dict[str, UUID] = {}


class Ground(msgspec.Struct, frozen=True):
    """Everything there is to knock at."""

    app: Litestar
    database: Undoing
    client: httpx.AsyncClient
    worlds: dict[str, World]
    actors: dict[str, Actor]

    def forget(self) -> bool:
        """Whether anything would have been kept since the last time."""
        wrote = any(self.database.kept)
        self.database.kept.clear()
        return wrote


@pytest.fixture(scope="module")
def ground(trodden: Ground) -> Ground:
    """As if nobody had knocked yet."""
    trodden.forget()
    trodden.database.asked.clear()
    trodden.client.cookies.clear()
    return trodden


@pytest.fixture(scope="session")
async def trodden(
    copies: Callable[[], Awaitable[str]], valkey: object, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    folder: Path = tmp_path_factory.mktemp("access")
    async with serving(await copies(), valkey.url, folder, lambda: NOW) as app:  # type: ignore[attr-defined]
        worlds = await two_centres(app, NOW)
        (folder / "mail").mkdir(exist_ok=True)
        (folder / "mail" / "mail-1.eml").write_text(
            "To: a@example.org\nDate: Tue, 1 Sep 2026 08:00:00 +0000\n\nBonjour"
        )
        actors = {actor.name: actor for actor in await everyone(app, worlds)}
        database = Undoing(app.state.running.db.pool)
        database.kept, database.asked = [], []
        app.state.running = msgspec.structs.replace(app.state.running, db=database)
        app.state.orders = OrdersUndone(database)
        app.state.kept_feeds = FeedsUndone(database)
        async with stranger(app) as client:
            yield Ground(app, database, client, worlds, actors)


async def everyone(app: Litestar, worlds: dict[str, World]) -> list[Actor]:
    """An account, a login and what they keep for each of ACTORS but the first, who has none."""
    here, other, there = worlds.values()
    ties: dict[str, tuple[accounts.Role, dict[str, UUID]]] = {
        "candidate": ("candidate", {"candidate_id": here.candidate_id}),
        "another candidate": ("candidate", {"candidate_id": other.candidate_id}),
        "evaluator": ("assessor", {"assessor_id": here.jury["evaluator"]}),
        "observer": ("assessor", {"assessor_id": here.jury["observer"]}),
        "assessor of another jury": ("assessor", {"assessor_id": there.jury["evaluator"]}),
        "reviewer": ("assessor", {"assessor_id": here.reviewer_id}),
        "manager": ("manager", {"centre_id": here.centre_id, "assessor_id": here.jury["manager"]}),
        "manager elsewhere": ("manager", {"centre_id": there.centre_id, "assessor_id": there.jury["manager"]}),
        "administrator": ("administrator", {}),
        "auditor of all": ("auditor", {}),
    }
    for role in ("planner", "reception", "auditor"):
        ties[role] = (role, {"centre_id": here.centre_id})  # type: ignore[assignment]
        ties[f"{role} elsewhere"] = (role, {"centre_id": there.centre_id})  # type: ignore[assignment]
    async with app.state.running.db.as_house().transaction() as tx:
        known = {name: await _actor(tx, name, *tie) for name, tie in ties.items()}
        await plan_ahead(tx, [here, other], NOW)
        await plan_ahead(tx, [there], NOW)
        for world in worlds.values():
            await shelf_of_standards.fill(tx, world.things, world.centre_id, code=code_of("open"), now=NOW)
        for name in ("evaluator", "observer", "manager", "reviewer", "assessor of another jury", "manager elsewhere"):
            who = known[name].account
            assert who
            assert who.assessor_id
            world = there if name in ("assessor of another jury", "manager elsewhere") else here
            known[name].keeps["invitation_id"] = await invite(tx, world, who.assessor_id, NOW)
            known[name].keeps["copy_id"] = await a_kept_copy(tx, who.assessor_id, NOW)
        for one in known.values():
            if one.account and one.account.role in ("manager", "auditor", "administrator"):
                one.keeps["bundle_id"] = await a_kept_bundle(tx, app.state.settings, one.account, NOW)
    for world in worlds.values():
        await _readdressed(app, world, asks=known["reception"], approves=known["administrator"])
    for world, name in zip(worlds.values(), ("candidate", "another candidate", "manager elsewhere"), strict=True):
        world.things["shared"]["calendar"] = known[name].secret
        alert_id = UUID(str(world.things["shared"]["alert_id"]))
        stop = alert_letters.stop_address("", key_of(app.state.settings), alert_id)
        world.things["shared"]["stop"] = stop.rpartition("/")[2]
    for world, name in zip(worlds.values(), ("planner", "reception", "planner elsewhere"), strict=True):
        account = known[name].account
        assert account
        world.things["open"]["account_id"] = account.id
    assert {"nobody", *known} == set(ACTORS)
    return [Actor("nobody"), *known.values()]


async def _actor(
    tx: "asyncpg.Connection[asyncpg.Record]", name: str, role: accounts.Role, ties: dict[str, UUID]
) -> Actor:
    secret, email = secrets.token_urlsafe(32), f"{name.replace(' ', '.')}@people.example.org"
    account_id = await accounts.register(tx, email=email, role=role, language="fr", now=NOW, **ties)
    account = await accounts.get(tx, account_id)
    token = await tokens.create(tx, account_id, secret=secret, name="script", scopes=["read"], days=30, now=NOW)
    keeps = {
        "login_id": await logins.begin(tx, account_id, secret=secret, now=NOW),
        "token_id": token.id,
        "passkey_id": await _passkey(tx, account_id),
    }
    owner_id = account.candidate_id or account.centre_id or account.assessor_id
    kind: feeds.Kind = "candidate" if account.candidate_id else "centre" if account.centre_id else "assessor"
    hashed = subscriptions.token_hash(secret)
    keeps["feed_id"] = await feeds.create(
        tx, kind, owner_id or account_id, token_hash=hashed, language="fr", by=account_id, now=NOW
    )
    return Actor(name, account, secret, keeps)


async def _readdressed(app: Litestar, world: World, *, asks: Actor, approves: Actor) -> None:
    """Staff asked for another address, somebody else approved it, it is ripe and the link is on its way."""
    assert asks.account
    assert approves.account
    key, wish, wait = key_of(app.state.settings), uuid4(), timedelta(days=3)
    async with app.state.running.db.as_house().transaction() as tx:
        await rectifications.ask_address_for(
            tx,
            world.candidate_id,
            f"{wish}@example.org",
            booking_id=world.things["signed"]["booking_id"],
            rectification_id=wish,
            key=key,
            wait=wait,
            by=asks.account.id,
            now=NOW - wait,
        )
    acting = ACTING.set(Acting("administrator", approves.account.id))
    async with app.state.running.db.transaction() as tx:
        await rectifications.approve(tx, world.candidate_id, wish, by=approves.account.id, now=NOW)
    ACTING.reset(acting)
    async with app.state.running.db.as_house().transaction() as tx:
        await rectifications.send_ripe(tx, now=NOW)
    world.things["signed"]["rectification_id"] = wish
    world.things["shared"]["new_address"] = rectification_readings.token_of(key, wish)
    world.things["shared"]["stop_address"] = rectification_readings.stop_token_of(key, wish)


async def _passkey(tx: "asyncpg.Connection[asyncpg.Record]", account_id: UUID) -> UUID:
    """A row is enough: nobody signs in with it."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.passkeys (account_id, credential_id, public_key, sign_count, name, added_at)
           values ($1, uuid_send($1), '', 0, 'phone', $2) returning id""",
        account_id,
        NOW,
    )
