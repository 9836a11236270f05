"""Orders in company are decided as a set: as each would have been by itself, with the same rows, and all or none."""

import itertools
import random
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from service import accounts, logins
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
Row = tuple[object, ...]
ORDERS = "select * from service.{}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, {}$12, '5 minutes')"
LEFT_ALONE, UNPROVEN = "55P03", "28000"
WRITTEN = {
    "bookings": """select id, session_id, candidate_id, booked_by, confirmed_at, held_until, extra_minutes
                   from scheduling.bookings""",
    "sessions": "select id, taken, extra_minutes from scheduling.sessions",
    "enrolments": "select candidate_id, unit_id, enrolled_at, withdrawn_at from assessments.enrolments",
    "keys": "select account_id, key, request, status, body, seen from service.idempotency",
    "news": "select topic, aggregate, payload - 'enrolment_id' from service.outbox where topic ~ '^(booking|enrolment)'",
    "trail": """select actor, role, action, centre_id, subject, candidate_id, changes - 'enrolled_at' from service.audit
                where action in ('booking.added', 'enrolment.added')""",
}


class Crowd:
    """Candidates with an account each, and sessions of which some are full, drafts, closed or long past."""

    def __init__(self, tx: Tx, stage: Stage, seed: int) -> None:
        self.tx, self.stage, self.chance = tx, stage, random.Random(seed)
        self.people: list[tuple[UUID, UUID]] = []
        self.sessions: list[UUID] = []
        self.keys = itertools.count()

    async def gather(self) -> None:
        for number in range(8):
            candidate = await self.stage.candidate(self.tx)
            account = await accounts.register(
                self.tx, email=f"{candidate}@example.org", role="candidate", language="fr", now=self.stage.now,
                candidate_id=candidate,
            )  # fmt: skip
            self.people.append((account, candidate))
            seen = self.stage.now - timedelta(minutes=6 * (number == 2))
            await logins.begin(self.tx, account, secret=str(account), now=seen)
            if number == 1:
                await logins.end(self.tx, str(account), now=self.stage.now)
            if number == 0:
                await self._granted_time(candidate)
        for day in range(4):
            at = self.stage.morning + timedelta(days=day)
            self.sessions.append(await self.stage.open(self.tx, seats=self.chance.choice((1, 2, 4)), starts_at=at))
        self.sessions.append(await self.stage.draft(self.tx, starts_at=self.stage.morning + timedelta(days=6)))
        self.sessions.append(uuid4())
        await self.tx.execute(
            "update scheduling.sessions set cancelled_at = $2, cancellation = 'flooded' where id = $1",
            self.sessions[3], self.stage.now,
        )  # fmt: skip

    async def _granted_time(self, candidate: UUID) -> None:
        await self.tx.execute(
            """insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at, granted_at)
               values ($1, 'extra_time', 25, $2, $2)""",
            candidate, self.stage.now,
        )  # fmt: skip

    def orders(self, how_many: int) -> list[Row]:
        """In the order of the function's arguments; now and then one of somebody else's file, under a former key, or with a
        login that is not theirs, has ended or was seen long ago."""
        now, chosen = self.stage.now, self.chance.sample(self.people, how_many)
        orders: list[Row] = []
        for account, candidate in chosen:
            session = self.chance.choice(self.sessions)
            key = f"key-{self.chance.choice((0, next(self.keys)))}"
            if self.chance.random() < 0.1:
                candidate = self.chance.choice(self.people)[1]
            held = now + timedelta(minutes=10) if self.chance.random() < 0.3 else None
            orders.append(
                (
                    account,
                    candidate,
                    session,
                    key,
                    f"book {session}",
                    uuid4(),
                    201,
                    b"booked",
                    now,
                    held,
                    1 if held else 0,
                    self.chance.choice(
                        (None, *[logins.hash_of(str(who)) for who in (account, account, self.people[0][0])])
                    ),
                )
            )
        return orders


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now, stations=16, pods=16, per_evaluator=16)


async def outcomes(tx: Tx, function: str, orders: list[Row]) -> list[Row]:
    arguments = [list(column) for column in zip(*orders, strict=True)]
    alone = "'9s', " if function == "order_seats" else ""
    return [tuple(row) for row in await tx.fetch(ORDERS.format(function, alone), *arguments)]


async def written(tx: Tx) -> dict[str, list[str]]:
    return {name: sorted(repr(tuple(row)) for row in await tx.fetch(query)) for name, query in WRITTEN.items()}


async def one_by_one(tx: Tx, orders: list[Row]) -> list[Row]:
    return [row for order in orders for row in await outcomes(tx, "order_seats", [order])]


@pytest.mark.parametrize("seed", range(12))
async def test_a_set_answers_and_writes_what_each_order_alone_would(tx: Tx, stage: Stage, seed: int) -> None:
    crowd = Crowd(tx, stage, seed)
    await crowd.gather()
    decided = 0
    for _ in range(4):
        orders = crowd.orders(crowd.chance.randint(2, 6))
        savepoint = tx.transaction()
        await savepoint.start()
        alone = await one_by_one(tx, orders)
        afterwards = await written(tx)
        await savepoint.rollback()
        savepoint = tx.transaction()
        await savepoint.start()
        try:
            together = await outcomes(tx, "order_seats_together", orders)
        except asyncpg.PostgresError:
            await savepoint.rollback()  # somebody's own broken rule: then each is asked by itself
            assert any(state is not None for _, _, state, _ in alone)
            await one_by_one(tx, orders)
            continue
        await savepoint.commit()
        assert [row[:2] + row[3:] for row in together] == [row[:2] + row[3:] for row in alone]
        assert await written(tx) == afterwards
        decided += 1
    assert decided, "no list was decided as a set: nothing was compared"


async def test_a_lapsed_hold_is_left_to_whoever_expires_it(tx: Tx, stage: Stage) -> None:
    """Their own, or one in a full session: the set answers the others."""
    crowd = Crowd(tx, stage, 1)
    await crowd.gather()
    full = await stage.open(tx, seats=1, starts_at=stage.morning + timedelta(days=8))
    free = await stage.open(tx, seats=4, starts_at=stage.morning + timedelta(days=9))
    (account, candidate), (other, second), (another, third) = crowd.people[1:4]
    before, later = stage.now - timedelta(hours=1), stage.now - timedelta(minutes=50)
    held = (account, candidate, full, "hold", "hold", uuid4(), 201, b"held", before, later, 1, None)
    assert (await outcomes(tx, "order_seats", [held]))[0][0] == 201
    orders: list[Row] = [
        (account, candidate, free, "a", "a", uuid4(), 201, b"", stage.now, None, 0, None),
        (other, second, full, "b", "b", uuid4(), 201, b"", stage.now, None, 0, None),
        (another, third, free, "c", "c", uuid4(), 201, b"", stage.now, None, 0, None),
    ]
    assert [row[2] for row in await outcomes(tx, "order_seats_together", orders)] == [LEFT_ALONE, LEFT_ALONE, None]


async def test_whose_login_is_over_is_told_so_and_takes_nothing(tx: Tx, stage: Stage) -> None:
    crowd = Crowd(tx, stage, 3)
    await crowd.gather()
    open_one = await stage.open(tx, seats=8, starts_at=stage.morning + timedelta(days=8))
    orders: list[Row] = [
        (account, candidate, open_one, "a", "a", uuid4(), 201, b"", stage.now, None, 0, logins.hash_of(str(account)))
        for account, candidate in crowd.people
    ]
    expected = [None, UNPROVEN, UNPROVEN, *[None] * 5]  # the second has ended, the third was seen too long ago
    for function in ("order_seats_together", "order_seats"):
        savepoint = tx.transaction()
        await savepoint.start()
        told = await (outcomes(tx, function, orders) if function != "order_seats" else one_by_one(tx, orders))
        assert [(state, rule) for _, _, state, rule in told] == [(state, None) for state in expected]
        assert await tx.fetchval("select count(*) from scheduling.bookings where session_id = $1", open_one) == 6
        assert await tx.fetchval("select count(*) from service.idempotency") == 6
        await savepoint.rollback()


async def test_one_broken_rule_writes_nothing_of_the_set(tx: Tx, stage: Stage) -> None:
    crowd = Crowd(tx, stage, 2)
    await crowd.gather()
    one, other = [await stage.open(tx, seats=4, starts_at=stage.morning + timedelta(days=day)) for day in (8, 9)]
    (account, candidate), (neighbour, second) = crowd.people[1:3]
    twice = (account, candidate, one, "a", "a", uuid4(), 201, b"", stage.now, None, 0, None)
    await outcomes(tx, "order_seats", [twice])
    before = await written(tx)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with tx.transaction():
            await outcomes(
                tx,
                "order_seats_together",
                [
                    (account, candidate, other, "b", "b", uuid4(), 201, b"", stage.now, None, 0, None),
                    (neighbour, second, other, "c", "c", uuid4(), 201, b"", stage.now, None, 0, None),
                ],
            )
    assert await written(tx) == before


async def test_a_replay_whose_key_is_gone_by_then_is_not_answered_from_memory(tx: Tx, stage: Stage) -> None:
    """Between reading the keys and writing them somebody may have thrown old ones away: then each is asked by itself."""
    crowd = Crowd(tx, stage, 4)
    await crowd.gather()
    session = await stage.open(tx, seats=8, starts_at=stage.morning + timedelta(days=8))
    orders: list[Row] = [
        (account, candidate, session, "a", "a", uuid4(), 201, b"yes", stage.now, None, 0, None)
        for account, candidate in crowd.people[:2]
    ]
    for _ in range(2):
        assert [row[:2] for row in await outcomes(tx, "order_seats_together", orders)] == [(201, b"yes")] * 2
    await tx.execute(
        """create function pg_temp.gone() returns trigger language plpgsql as $$ begin return null; end $$;
           create trigger gone before update on service.idempotency for each row execute function pg_temp.gone()"""
    )
    with pytest.raises(asyncpg.SerializationError):
        await outcomes(tx, "order_seats_together", orders)


async def test_no_set_reads_everybodys_enrolments(tx: Tx, stage: Stage) -> None:
    """With plans made while there were few, and kept through a rush."""
    crowd = Crowd(tx, stage, 5)
    await crowd.gather()
    session = await stage.open(tx, seats=8, starts_at=stage.morning + timedelta(days=8))
    await tx.execute(
        """with person as (
               insert into assessments.candidates (given_name, family_name, birth_date, email, language, status, registered_at)
               select 'Noor', 'Peeters', '1990-05-17', 'enrolled' || n || '@example.org', 'fr', 'jobseeker', $1
               from generate_series(1, 3000) n returning id)
           insert into assessments.enrolments (candidate_id, unit_id, enrolled_at)
           select p.id, s.unit_id, $1 from person p, scheduling.sessions s where s.id = $2""",
        stage.now, session,
    )  # fmt: skip
    await tx.execute("analyze assessments.enrolments")
    orders: list[Row] = [
        (account, candidate, session, "a", "a", uuid4(), 201, b"", stage.now, None, 0, None)
        for account, candidate in crowd.people
    ]
    count = "select seq_tup_read from pg_stat_xact_user_tables where relid = 'assessments.enrolments'::regclass"
    before = await tx.fetchval(count)
    assert {row[0] for row in await outcomes(tx, "order_seats_together", orders)} == {201}
    assert await tx.fetchval(count) == before
