"""Orders in company: one bad order never spoils its neighbours, and what was not acknowledged is settled by its key."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec import structs

from scheduling.refusals import NotFound as NoSuchSession
from scheduling.refusals import SessionFull, UnitAlreadyBooked
from service import accounts, db, idempotency
from service.db import Actor, Database
from service.orders import Order, Orders
from service.refusals import KeyInFlight, KeyReused, NotFound, TryAgain, Unavailable
from tests.builders.stage import Stage, a_stage

Outcome = idempotency.Answer | BaseException


class Counter:
    """Candidates with accounts, and the orders they hand in."""

    def __init__(self, database: Database, stage: Stage, url: str) -> None:
        self.url = url
        self.db = database
        self.house = database.as_house()
        self.stage = stage
        self.orders = Orders(database, flights=1)  # so that what comes together goes together

    async def person(self) -> Actor:
        async with self.house.transaction() as tx:
            candidate = await self.stage.candidate(tx)
            email = f"{candidate}@example.org"
            account = await accounts.register(
                tx, email=email, role="candidate", language="fr", now=self.stage.now, candidate_id=candidate
            )
        return Actor("candidate", account, candidate=candidate)

    async def session(self, *, seats: int = 4, day: int = 0) -> UUID:
        async with self.house.transaction() as tx:
            return await self.stage.open(tx, seats=seats, starts_at=self.stage.morning + timedelta(days=day))

    def order(self, who: Actor, session_id: UUID, key: str = "key-1") -> Order:
        booking_id = uuid4()
        answer = idempotency.Answer(201, str(booking_id).encode())
        return Order(who, session_id, key, f"book {session_id}", booking_id, answer, self.stage.now)

    async def together(self, *orders: Order) -> list[Outcome]:
        """All of them in one round trip: they come while another one, of somebody else, is under way."""
        first = self.order(await self.person(), uuid4())
        tasks = [asyncio.create_task(self.orders(order)) for order in (first, *orders)]
        return (await asyncio.gather(*tasks, return_exceptions=True))[1:]

    async def booked(self) -> list[UUID]:
        async with self.house.read() as tx:
            return [row["id"] for row in await tx.fetch("select id from scheduling.bookings where released_at is null")]

    async def keys(self) -> int:
        async with self.house.read() as tx:
            return int(await tx.fetchval("select count(*) from service.idempotency"))


@pytest.fixture
async def counter(database_url: str, now: datetime) -> AsyncIterator[Counter]:
    database = await db.connect(database_url, size=6)
    async with database.as_house().transaction() as tx:
        stage = await a_stage(tx, now, stations=16, pods=16, per_evaluator=16)
    yield Counter(database, stage, database_url)
    await database.close()


async def test_each_has_their_own_answer_and_their_own_refusal(counter: Counter) -> None:
    full, free = await counter.session(seats=1), await counter.session(day=1)
    people = [await counter.person() for _ in range(5)]
    await counter.orders(counter.order(people[0], full))
    orders = [
        counter.order(people[1], free),
        counter.order(people[2], full),
        counter.order(people[3], uuid4()),
        counter.order(people[0], free),  # under the key of another order
        counter.order(people[4], free),
    ]
    outcomes = await counter.together(*orders)
    assert [outcomes[0], outcomes[4]] == [orders[0].answer, orders[4].answer]
    assert [type(one) for one in outcomes[1:4]] == [SessionFull, NoSuchSession, KeyReused]
    assert len(await counter.booked()) == 3
    assert await counter.keys() == 3, "a refusal keeps no key"


async def test_a_broken_constraint_undoes_one_order_and_no_other(counter: Counter) -> None:
    """The same unit twice: refused by a unique index, in the middle of the list."""
    one, other = await counter.session(), await counter.session(day=1)
    twice, before, after = [await counter.person() for _ in range(3)]
    await counter.orders(counter.order(twice, one))
    outcomes = await counter.together(
        counter.order(before, other), counter.order(twice, other, "key-2"), counter.order(after, other)
    )
    assert [type(one) for one in outcomes] == [idempotency.Answer, UnitAlreadyBooked, idempotency.Answer]
    assert len(await counter.booked()) == 3


async def test_an_order_that_nobody_foresaw_fails_alone(counter: Counter) -> None:
    """A key longer than the table takes, which no handler lets through: our mistake, and its own."""
    session_id = await counter.session()
    before, broken, after = [await counter.person() for _ in range(3)]
    outcomes = await counter.together(
        counter.order(before, session_id),
        counter.order(broken, session_id, "k" * 300),
        counter.order(after, session_id),
    )
    assert isinstance(outcomes[1], asyncpg.CheckViolationError)
    assert [type(outcomes[0]), type(outcomes[2])] == [idempotency.Answer] * 2
    assert len(await counter.booked()) == 2


async def test_what_cannot_be_sent_at_all_fails_alone(counter: Counter) -> None:
    """Half a character is no UTF-8: the whole list does not leave the process, and each goes by itself."""
    session_id = await counter.session()
    before, broken, after = [await counter.person() for _ in range(3)]
    outcomes = await counter.together(
        counter.order(before, session_id),
        counter.order(broken, session_id, "\ud800"),
        counter.order(after, session_id),
    )
    assert isinstance(outcomes[1], Exception)
    assert [type(outcomes[0]), type(outcomes[2])] == [idempotency.Answer] * 2


async def test_a_locked_session_keeps_nobody_else_waiting(counter: Counter) -> None:
    locked, free = await counter.session(), await counter.session(day=1)
    waiting, others = await counter.person(), [await counter.person() for _ in range(2)]
    async with counter.house.transaction() as tx:
        await tx.execute("select from scheduling.sessions where id = $1 for update", locked)
        stuck = asyncio.create_task(counter.orders(counter.order(waiting, locked)))
        async with asyncio.timeout(1.5):  # the connection itself would wait for two seconds
            outcomes = await counter.together(*(counter.order(person, free) for person in others))
        assert [type(one) for one in outcomes] == [idempotency.Answer] * 2
        assert not stuck.done()
    assert isinstance(await stuck, idempotency.Answer), "freed in time, it is booked"


async def test_a_serialization_failure_is_asked_again_by_itself(counter: Counter) -> None:
    """A guard that says "again" once: neighbours have their answers, and the person never sees it."""
    session_id = await counter.session()
    people = [await counter.person() for _ in range(3)]
    connection = await asyncpg.connect(counter.url)
    await connection.execute(
        """create sequence public.tries; grant usage on sequence public.tries to preuve_application;
           create function public.once() returns trigger language plpgsql as $$ begin
               if new.candidate_id = tg_argv[0]::uuid and nextval('public.tries') < 3 then
                   raise exception 'again' using errcode = 'serialization_failure';
               end if;
               return new; end $$"""
    )
    await connection.execute(
        f"""create trigger once before insert on scheduling.bookings
            for each row execute function public.once('{people[1].candidate}')"""
    )
    await connection.close()
    outcomes = await counter.together(*(counter.order(person, session_id) for person in people))
    assert [type(one) for one in outcomes] == [idempotency.Answer] * 3
    assert len(await counter.booked()) == 3


async def test_a_key_that_is_under_way_elsewhere_is_in_flight(counter: Counter) -> None:
    session_id, person = await counter.session(), await counter.person()
    order = counter.order(person, session_id)
    async with counter.house.transaction() as tx:
        assert person.account is not None
        await idempotency.claim(tx, person.account, order.key, request=order.request, now=order.now)
        with pytest.raises(KeyInFlight):
            await counter.orders(order)
        await tx.execute("delete from service.idempotency")
    assert await counter.orders(order) == order.answer


async def test_one_who_leaves_takes_nobody_along(counter: Counter) -> None:
    """Whether theirs was carried out, their key tells."""
    session_id = await counter.session()
    people = [await counter.person() for _ in range(3)]
    orders = [counter.order(person, session_id) for person in people]
    tasks = [asyncio.create_task(counter.orders(order)) for order in orders]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [orders[0].answer, orders[2].answer]
    assert await counter.orders(orders[1]) == orders[1].answer
    assert len(await counter.booked()) == 3


async def test_what_was_lost_on_the_line_is_told_by_its_key(counter: Counter) -> None:
    """The connection dies while a list is under way; then every order is asked again, and is exactly one booking."""
    session_id, elsewhere = await counter.session(seats=16), await counter.session(seats=16, day=1)
    orders = [counter.order(await counter.person(), elsewhere if n % 2 else session_id) for n in range(12)]
    rival, watcher = await asyncpg.connect(counter.url), await asyncpg.connect(counter.url)
    async with rival.transaction():
        await rival.execute("select from scheduling.sessions where id = $1 for update", session_id)
        first = [asyncio.create_task(counter.orders(order)) for order in orders]
        while not await watcher.fetchval(  # not in a transaction, where it would see the same again and again
            """select bool_or(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()
               and query like '%order_seats%' and wait_event_type = 'Lock' and pid <> pg_backend_pid()"""
        ):
            await asyncio.sleep(0.01)
        lost = await asyncio.gather(*first, return_exceptions=True)
    await rival.close()
    await watcher.close()
    assert Unavailable in {type(one) for one in lost}, "nobody noticed: the death proves nothing"
    answers = [await counter.orders(order) for order in orders]
    assert answers == [order.answer for order in orders]
    assert sorted(await counter.booked()) == sorted(order.booking_id for order in orders)


async def test_the_orders_of_one_person_are_judged_in_their_order(counter: Counter) -> None:
    """Two sessions of one unit, asked for in one breath: the first one gets it, whatever the order of their ids."""
    sessions = [await counter.session(day=day) for day in range(4)]
    for turn, (first, second) in enumerate(zip(sorted(sessions), sorted(sessions)[::-1], strict=True)):
        person = await counter.person()
        outcomes = await counter.together(
            counter.order(person, first, f"first-{turn}"), counter.order(person, second, f"second-{turn}")
        )
        assert [type(one) for one in outcomes] == [idempotency.Answer, UnitAlreadyBooked]


async def test_no_order_acts_as_another_person(counter: Counter) -> None:
    """Neither with an account of one and the file of another, nor after a neighbour whose rights it would inherit."""
    session_id = await counter.session()
    mine, theirs = await counter.person(), await counter.person()
    forged = structs.replace(mine, candidate=theirs.candidate)
    outcomes = await counter.together(
        counter.order(theirs, session_id), counter.order(forged, session_id, "forged"), counter.order(mine, session_id)
    )
    assert [type(one) for one in (outcomes[0], outcomes[2])] == [idempotency.Answer] * 2
    assert isinstance(outcomes[1], NoSuchSession)
    async with counter.house.read() as tx:
        rows = await tx.fetch(
            """select b.candidate_id, b.booked_by, u.actor, u.role from scheduling.bookings b
               join service.audit u on u.subject_id = b.id order by b.candidate_id"""
        )
    expected = sorted((who.candidate, who.account, who.account, "candidate") for who in (mine, theirs))
    assert [tuple(row) for row in rows] == expected


async def test_row_security_holds_within_a_list(counter: Counter) -> None:
    """A connection of the application that says nobody acts books nothing, and what was set ends with the list."""
    session_id = await counter.session()
    with pytest.raises(NotFound):
        await counter.orders(structs.replace(counter.order(await counter.person(), session_id), actor=db.STRANGER))
    await counter.orders(counter.order(await counter.person(), session_id))
    async with counter.db.glance() as connection:
        assert not await connection.fetchval("select current_setting('preuve.actor', true)")
        assert await connection.fetchval("select count(*) from scheduling.bookings") == 0


async def test_two_transactions_that_wait_for_each_other_are_not_seen(counter: Counter) -> None:
    """Two processes order for the same people and the same sessions, crosswise: no deadlock reaches anybody."""
    other = Orders(counter.db)
    sessions = [await counter.session(seats=12, day=day) for day in range(2)]
    people = [await counter.person() for _ in range(8)]
    asked = [
        counter.order(person, sessions[(turn + number) % 2], f"{turn}-{number}")
        for number, person in enumerate(people)
        for turn in range(2)
    ]
    outcomes = await asyncio.gather(
        *((counter.orders, other)[turn % 2](order) for turn, order in enumerate(asked)), return_exceptions=True
    )
    assert not [one for one in outcomes if isinstance(one, TryAgain)]
    assert {type(one) for one in outcomes} == {idempotency.Answer, UnitAlreadyBooked}
    assert len(await counter.booked()) == len(people)
