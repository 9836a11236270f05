"""Out of reach without an actor: the database itself, asked in raw SQL as the application's role, over a seeded year.

Which rows belong to whom is told by the foreign keys of the catalogue; so a new table is tested as soon as it is there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from service.db import STRANGER, Actor
from service.settings import Settings
from tests.builders.reach import PUBLIC, Table, act, connected, path, rows_of, rows_seen, tables

Tx = asyncpg.Connection
ACCOUNT = UUID("00000000-0000-4000-8000-000000000001")

# What the planners of one centre may read of another's, and why.
SHARED = {
    "assessments.assessors": "juries are filled from all of them",
    "scheduling.sessions": "while it takes bookings, a session is public",
}


@pytest.fixture(scope="module")
async def url(copies: Callable[..., Awaitable[str]], seeded: Settings) -> str:
    """The seeded year, and a row or two where it leaves a table empty."""
    address = await copies(seeded.database_url)
    connection = await asyncpg.connect(address)
    await connection.execute(Path(__file__).with_name("row_security_rows.sql").read_text())
    await connection.close()
    return address


@pytest.fixture
async def owner(url: str) -> AsyncIterator[Tx]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def app(url: str) -> AsyncIterator[Tx]:
    """A connection of the application in a transaction that is undone; nobody acts yet."""
    connection = await connected(url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def every(owner: Tx) -> dict[str, Table]:
    return await tables(owner)


async def a_manager(owner: Tx, code: str) -> Actor:
    row = await owner.fetchrow(
        """select a.* from service.accounts a join scheduling.centres c on c.id = a.centre_id
           where a.role = 'manager' and c.code = $1""",
        code,
    )
    assert row is not None
    return Actor("manager", row["id"], centre=row["centre_id"])


async def two_candidates(owner: Tx) -> list[Actor]:
    """The demonstration's candidate, and whoever else has most to hide."""
    rows = await owner.fetch(
        """select distinct k.candidate_id as id, a.id as account from certificates.register k
           left join service.accounts a on a.candidate_id = k.candidate_id
           order by a.id nulls last, k.candidate_id limit 2"""
    )
    return [Actor("candidate", row["account"] or ACCOUNT, candidate=row["id"]) for row in rows]


async def test_without_an_actor_nothing_is_seen_and_nothing_is_written(
    app: Tx, owner: Tx, every: dict[str, Table]
) -> None:
    full = [name for name in every if await owner.fetchval(f"select exists (select from {name})")]
    assert set(every) == set(full), f"rows for {set(every) - set(full)}: row_security_rows.sql"
    assert [name for name in every if await rows_seen(app, name)] == []
    assert [name for name in full if await _inserted(app, owner, every[name])] == []
    assert [name for name in full if await _changed(app, every[name]) or await _deleted(app, name)] == []


async def test_a_stranger_sees_what_is_public_and_no_more(app: Tx, owner: Tx, every: dict[str, Table]) -> None:
    await act(app, STRANGER)
    assert {name for name in every if await rows_seen(app, name)} == {*PUBLIC, "scheduling.sessions"}
    assert not await app.fetchval(
        """select exists (select from scheduling.sessions
                          where opened_at is null or locked_at is not null or cancelled_at is not null)"""
    )
    allowed = {"service.outbox", "service.audit"}  # everybody adds to the news and to the trail
    assert {name for name in every if await _inserted(app, owner, every[name])} <= allowed
    assert [name for name in every if await _changed(app, every[name])] == []


async def test_a_manager_learns_and_changes_nothing_of_another_centre(
    app: Tx, owner: Tx, every: dict[str, Table]
) -> None:
    mine, theirs = await a_manager(owner, "digitalcity"), await a_manager(owner, "construcity")
    await act(app, mine)
    seen_at_all, tried = set(), set()
    for name, table in every.items():
        whose = path(every, name, "centre_id", "scheduling.centres")
        if whose is None or theirs.centre is None:
            continue
        assert mine.centre is not None
        foreign = await rows_of(owner, name, whose, theirs.centre)
        if name == "scheduling.travel_times":  # a way is of both its ends
            foreign -= await rows_of(owner, name, whose.replace("one_site", "other_site"), mine.centre)
        seen = await rows_seen(app, name)
        if name not in PUBLIC | SHARED:
            assert not seen & foreign, name
        if seen & await rows_of(owner, name, whose, mine.centre):
            seen_at_all.add(name)
        if foreign:
            tried.add(name)
            assert not await _changed(app, table, foreign), name
            assert not await _deleted(app, name, foreign), name
            assert name == "service.audit" or not await _inserted(app, owner, table, foreign), name
    assert {
        "scheduling.bookings",
        "scheduling.jury_seats",
        "assessments.decisions",
        "assessments.ratings",
    } < seen_at_all
    assert len(tried) > 18


async def test_a_session_of_another_centre_is_seen_only_while_it_takes_bookings(app: Tx, owner: Tx) -> None:
    mine, theirs = await a_manager(owner, "digitalcity"), await a_manager(owner, "construcity")
    await act(app, mine)
    seen = await app.fetch("select * from scheduling.sessions where centre_id = $1", theirs.centre)
    assert seen
    assert all(row["opened_at"] and not row["locked_at"] and not row["cancelled_at"] for row in seen)


async def test_a_candidate_learns_and_changes_nothing_of_another(app: Tx, owner: Tx, every: dict[str, Table]) -> None:
    me, you = await two_candidates(owner)
    await act(app, me)
    seen_at_all, tried = set(), set()
    for name, table in every.items():
        whose = path(every, name, "candidate_id", "assessments.candidates")
        if whose is None or me.candidate is None or you.candidate is None:
            continue
        theirs = await rows_of(owner, name, whose, you.candidate)
        seen = await rows_seen(app, name)
        assert seen <= await rows_of(owner, name, whose, me.candidate), name
        if seen:
            seen_at_all.add(name)
        if theirs:
            tried.add(name)
            assert not await _changed(app, table, theirs), name
            assert not await _deleted(app, name, theirs), name
            assert name == "service.audit" or not await _inserted(app, owner, table, theirs), name
    assert {"scheduling.bookings", "assessments.decisions", "certificates.register", "service.audit"} < seen_at_all
    assert len(tried) > 12


async def test_an_assessor_sees_the_sessions_of_their_jury_and_who_comes_before_it(app: Tx, owner: Tx) -> None:
    assessor = await owner.fetchval(
        """select assessor_id from scheduling.jury_seats where role = 'observer' and released_at is null
           group by assessor_id order by count(*) desc limit 1"""
    )
    sat = await owner.fetchval(
        "select array_agg(session_id) from scheduling.jury_seats where assessor_id = $1 and released_at is null",
        assessor,
    )
    await act(app, Actor("assessor", ACCOUNT, assessor=assessor))
    bookings = await app.fetch("select * from scheduling.bookings")
    assert bookings
    assert all(row["session_id"] in sat for row in bookings)
    candidates = {row["id"] for row in await app.fetch("select id from assessments.candidates")}
    assert candidates == {row["candidate_id"] for row in bookings}
    for table in (
        "assessments.national_numbers",
        "assessments.enrolments",
        "assessments.consents",
        "certificates.register",
    ):
        assert await rows_seen(app, table) == set(), table
    assert not await app.fetchval("select exists (select from assessments.accommodations where granted_at is null)")


async def test_an_auditor_learns_nobody_s_name(app: Tx, owner: Tx) -> None:
    centre = (await a_manager(owner, "digitalcity")).centre
    for actor in (Actor("auditor", ACCOUNT, centre=centre), Actor("auditor", ACCOUNT)):
        await act(app, actor)
        assert await rows_seen(app, "assessments.decisions")
        for table in ("assessments.candidates", "assessments.assessors", "certificates.register", "service.accounts"):
            assert await rows_seen(app, table) == set(), table
    held = await app.fetch("select distinct centre_id from scheduling.sessions where closed_at is not null")
    assert len(held) == 4


async def test_planner_and_reception_see_people_but_no_results(app: Tx, owner: Tx) -> None:
    centre = (await a_manager(owner, "digitalcity")).centre
    for role in ("planner", "reception"):
        await act(app, Actor(role, ACCOUNT, centre=centre))
        assert await rows_seen(app, "assessments.candidates"), role
        for table in ("deliberations", "decisions", "recordings", "ratings", "profiles", "appeals"):
            assert await rows_seen(app, f"assessments.{table}") == set(), (role, table)
        assert await rows_seen(app, "certificates.register") == set(), role


async def test_a_forgotten_where_still_stays_in_the_centre(app: Tx, owner: Tx) -> None:
    mine = await a_manager(owner, "digitalcity")
    await act(app, mine)
    changed = await app.execute("update scheduling.bookings set convoked_at = convoked_at")
    assert changed == f"UPDATE {await owner.fetchval(OF_CENTRE, mine.centre)}"
    assert await app.execute("delete from assessments.national_numbers") == "DELETE 0"
    injected = await app.fetch("select id from scheduling.bookings where candidate_id::text = '' or true")
    assert len(injected) == await owner.fetchval(OF_CENTRE, mine.centre)


OF_CENTRE = """select count(*)::int from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
               where s.centre_id = $1"""


async def test_whoever_locks_a_row_to_book_or_to_appeal_cannot_change_it(app: Tx, owner: Tx) -> None:
    me, _ = await two_candidates(owner)
    await act(app, me)
    for forbidden in (
        "update scheduling.sessions set seats = seats + 1 where opened_at is not null and locked_at is null",
        "update assessments.decisions set outcome = 'pass'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is not for candidate to change"):
            async with app.transaction():
                await app.execute(forbidden)


async def _inserted(app: Tx, owner: Tx, table: Table, at: set[str] | None = None) -> bool:
    """Whether a copy of one of the rows gets past row security: what refuses it afterwards does not count for it."""
    one = await owner.fetchval(
        f"select to_jsonb(x)::text from {table.name} x where $1::text[] is null or x.ctid::text = any ($1) limit 1",
        None if at is None else list(at),
    )
    if one is None:
        return False
    columns = ", ".join(column for column in table.columns)
    try:
        async with app.transaction():
            await app.execute(
                f"""insert into {table.name} ({columns}) overriding system value
                    select {columns} from jsonb_populate_record(null::{table.name}, $1::text::jsonb)""",
                one,
            )
    except asyncpg.InsufficientPrivilegeError:
        return False
    except asyncpg.IntegrityConstraintViolationError:
        pass  # constraints are asked after row security
    return True


async def _changed(app: Tx, table: Table, at: set[str] | None = None) -> bool:
    where = "where ctid = any ($1::text[]::tid[])" if at is not None else "where $1::text is null"
    status = "UPDATE 0"
    with suppress(asyncpg.InsufficientPrivilegeError):
        async with app.transaction():
            column = table.columns[-1]
            status = await app.execute(
                f"update {table.name} set {column} = {column} {where}", None if at is None else list(at)
            )
    return status != "UPDATE 0"


async def _deleted(app: Tx, name: str, at: set[str] | None = None) -> bool:
    where = "where ctid = any ($1::text[]::tid[])" if at is not None else "where $1::text is null"
    status = "DELETE 0"
    with suppress(asyncpg.InsufficientPrivilegeError):
        async with app.transaction():
            status = await app.execute(f"delete from {name} {where}", None if at is None else list(at))
    return status != "DELETE 0"
