"""Who acts: said at the beginning of a transaction, gone at its end; and the same under an owner without privileges."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

import migrations
from scheduling import bookings
from service import db, embedded, wiring
from service.db import ACTING, APPLICATION, STRANGER, Actor, Database
from service.settings import SettingsFault
from tests.builders.stage import a_stage
from tests.builders.web import settings_for

SETTINGS = ("reach", "role", "actor", "centre", "candidate", "assessor")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await db.connect(database_url, size=1)
    yield opened
    await opened.close()


async def said(tx: asyncpg.Connection) -> dict[str, str]:
    found = {name: await tx.fetchval("select current_setting('preuve.' || $1, true)", name) for name in SETTINGS}
    return {name: value for name, value in found.items() if value}


async def test_who_acts_is_said_with_begin_and_gone_with_the_end(database: Database) -> None:
    actor = Actor("manager", uuid4(), centre=uuid4(), assessor=uuid4())
    sent: list[str] = []
    async with database.glance() as connection:
        connection.add_query_logger(lambda query: sent.append(query.query))
        assert await connection.fetchval("select current_user") == APPLICATION
    sent.clear()
    before = ACTING.set(actor)
    try:
        async with database.transaction() as tx:
            seen = await said(tx)
        async with database.read() as tx:
            assert await said(tx) == seen
        async with database.as_house().transaction() as tx:
            assert await said(tx) == {**seen, "reach": "house"}  # the trail goes on naming who it was
        async with database.transaction() as tx, tx.transaction():
            assert await said(tx) == seen
    finally:
        ACTING.reset(before)
    assert seen == {
        "role": "manager", "actor": str(actor.account), "centre": str(actor.centre), "assessor": str(actor.assessor)
    }  # fmt: skip
    assert sent[0].startswith("begin; set local preuve.role = 'manager'; set local preuve.actor = ")
    async with database.glance() as connection:  # the same connection: there is one
        assert await said(connection) == {}
    async with database.transaction() as tx:
        assert await said(tx) == {}


async def test_a_unit_that_is_undone_leaves_nobody_behind(database: Database) -> None:
    before = ACTING.set(STRANGER)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError
    ACTING.reset(before)
    async with database.glance() as connection:
        assert await said(connection) == {}


@pytest.fixture
async def modest(postgres: embedded.Server, template: str) -> AsyncIterator[str]:
    """The address of an empty database whose owner is no superuser and may make no roles."""
    administration = await asyncpg.connect(postgres.url)
    await administration.execute("drop database if exists modest with (force)")
    await administration.execute("create role an_owner login")
    await administration.execute("create database modest owner an_owner")
    yield postgres.url.replace("preuve@/preuve?", "an_owner@/modest?")
    await administration.execute("drop database modest with (force)")
    for role in ("a_login", "an_owner"):
        await administration.execute(f"drop role if exists {role}")
    await administration.close()


async def test_an_owner_without_privileges_migrates_and_the_application_books(
    modest: str, postgres: embedded.Server, now: datetime
) -> None:
    """The owner passes by a policy, because forced row security binds it too; functions of its own see everything."""
    administration = await asyncpg.connect(postgres.url)
    owner = await asyncpg.connect(modest)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="preuve_application is missing, or not yet granted"):
        await migrations.apply(owner)
    await administration.execute(f"grant {APPLICATION} to an_owner")
    await migrations.apply(owner)

    await db.speak_json(owner)
    stage = await a_stage(owner, now)
    session = await stage.open(owner)
    candidate = await stage.candidate(owner)
    account = await owner.fetchval(
        """insert into service.accounts (email, role, candidate_id, language, created_at)
           values ('noor@example.org', 'candidate', $1, 'fr', $2) returning id""",
        candidate,
        now,
    )
    await administration.execute(f"create role a_login login in role {APPLICATION}")
    application = await db.connect(modest.replace("an_owner@", "a_login@"), size=1)
    before = ACTING.set(Actor("candidate", account, candidate=candidate))
    async with application.transaction() as tx:
        booking = await bookings.book(tx, session, candidate, by=account, now=now)
        await tx.execute("set local role none")  # whoever gets so far is still nobody
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.transaction():
                await tx.execute("select * from migrations.ran")
    ACTING.reset(before)
    await _assert_taken(owner, session, booking)
    for connection in (application, owner, administration):
        await connection.close()


async def _assert_taken(owner: asyncpg.Connection, session: UUID, booking: UUID) -> None:
    assert await owner.fetchval("select taken from scheduling.sessions where id = $1", session) == 1
    assert await owner.fetchval("select action from service.audit where subject_id = $1", booking) == "booking.added"


async def test_a_database_that_is_not_ours_is_said_in_a_sentence(modest: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = settings_for(modest, "redis://127.0.0.1:1", tmp_path)
    with pytest.raises(SettingsFault, match="may not work as the role preuve_application"):
        async with wiring.running(settings):
            pass


def test_the_owner_has_an_address_of_its_own(tmp_path) -> None:  # type: ignore[no-untyped-def]
    given = {"PREUVE_OWNER_URL": "postgresql://an_owner@localhost/preuve"}
    settings = settings_for("postgresql://a_login@localhost/preuve", "redis://127.0.0.1:1", tmp_path, **given)
    assert settings.owner == given["PREUVE_OWNER_URL"]
    assert settings_for("postgresql://one@localhost/preuve", "redis://127.0.0.1:1", tmp_path).owner.startswith(
        "postgresql://one@"
    )
