"""Erasure: of the person nothing is left, of what counts people everything; who waits for a result waits to be erased."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import accommodations, appeals, candidates, consents, decisions, national_numbers
from assessments.consents import Recipient
from assessments.refusals import DecisionAwaited, StillExpected
from certificates import register
from scheduling import bookings, feeds
from scheduling.refusals import BY_CONSTRAINT, CandidateErased
from service import (
    accounts,
    ceremonies,
    check,
    erasures,
    exports,
    logins,
    mails,
    passwords,
    share_links,
    sign_in_links,
    tokens,
)
from service.db import speak_json
from tests.builders.outcomes import World, a_world, react
from tests.builders.privacy import NUMBER, a_keyring, everything
from tests.builders.refused import refused
from tests.builders.rivals import held_up
from tests.builders.stage import a_stage

Tx = asyncpg.Connection
MINE = "with mine as (select id from scheduling.bookings where candidate_id = $1) "
NAMES = ("Noor", "Peeters", "noor.peeters@example.org", "0470 12 34 56", "Boulangerie", "Molenbeek")


@pytest.fixture
async def world(tx: Tx, now: datetime) -> World:
    return await a_world(tx, now)


WAYS_IN = ("tokens", "passkeys", "passwords", "provider_subjects", "ceremonies", "logins", "sign_in_links")


async def ways_in(tx: Tx, account: UUID, now: datetime) -> None:
    """One of each kind of showing who one is, under names that somebody gave them."""
    await tokens.create(tx, account, secret="token", name="Pour Noor", scopes=["read"], days=9, now=now)
    await passwords.set_password(tx, account, "$argon2id$…", now=now)
    await ceremonies.begin(tx, uuid4(), "registration", answer=b"challenge", account_id=account, now=now)
    await sign_in_links.ask(tx, "noor.peeters@example.org", origin="::1", key=b"key", link_id=uuid4(), now=now)
    for way_in in (
        """insert into service.passkeys (account_id, credential_id, public_key, sign_count, name, added_at)
           values ($1, '\\x01', '\\x02', 0, 'Téléphone de Noor', $2)""",
        """insert into service.provider_subjects (account_id, issuer, subject, linked_at)
           values ($1, 'https://idp.example', 'Noor', $2)""",
    ):
        await tx.execute(way_in, account, now)


async def known(tx: Tx, candidate: UUID, now: datetime) -> UUID:
    """Give the candidate a name of their own, and leave traces of it wherever traces can be left; the account's id."""
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """update assessments.candidates set given_name = 'Noor', family_name = 'Peeters', phone = '0470 12 34 56',
               municipality = 'Molenbeek', email = 'noor.peeters@example.org' where id = $1""",
        candidate,
    )
    for trace in (
        "update assessments.recordings r set remarks = 'Noor Peeters s’est blessée' from mine where r.booking_id = mine.id",
        """update assessments.ratings g set reason = 'Noor était loin' from mine join assessments.recordings r
           on r.booking_id = mine.id where g.recording_id = r.id""",
        "update assessments.deliberations d set motivation = 'Mme Peeters' from mine where d.booking_id = mine.id",
        """update assessments.appeals a set grounds = 'Moi, Noor Peeters', motivation = 'Mme Peeters a raison'
           from mine join assessments.decisions d on d.booking_id = mine.id where a.decision_id = d.id""",
    ):
        await tx.execute(MINE + trace, candidate)
    await tx.execute("set local session_replication_role = origin")
    account = await accounts.register(
        tx, email="noor.peeters@example.org", role="candidate", language="fr", candidate_id=candidate, now=now
    )
    await logins.begin(tx, account, secret="cookie", now=now)
    await ways_in(tx, account, now)
    consent = await consents.give(
        tx,
        candidate,
        Recipient("employer", "Boulangerie"),
        "result",
        purpose="Pour Noor",
        expires_at=now + timedelta(days=9),
        now=now,
    )
    await share_links.create(tx, consent, candidate_id=candidate, token="shared", now=now)
    await feeds.create(tx, "candidate", candidate, token_hash=b"f" * 32, language="fr", by=account, now=now)
    await national_numbers.record(tx, candidate, NUMBER, keyring=a_keyring(), now=now)
    refused = await accommodations.request(tx, candidate, "reader", now=now)
    await accommodations.refuse(tx, refused, "Noor lit bien", now=now)
    await mails.write(tx, mails.Draft("noor.peeters@example.org", "Bonjour Noor", "Noor"), outbox_id=1, now=now)
    await exports.ask(tx, exports.Whose(candidate_id=candidate), language="fr", now=now)
    return account


async def test_of_the_person_nothing_is_left(tx: Tx, world: World) -> None:
    candidate = world.passed.candidate
    await known(tx, candidate, world.now)
    before = await everything(tx, but="certificates.")
    assert all(name in before for name in NAMES)
    await tx.execute(
        "update assessments.candidates set given_name = 'Sam', family_name = 'D', email = id || '@x' where id <> $1",
        candidate,
    )
    await erasures.carry_out(tx, candidate, by=None, now=world.now)
    after = await everything(tx, but="certificates.")
    assert [name for name in (*NAMES, NUMBER) if name in after] == []
    assert (await candidates.get(tx, candidate)).birth_date.isoformat() == "1990-01-01"
    assert await logins.held(tx, ["cookie"], now=world.now) == [None]
    assert [await tx.fetchval(f"select count(*) from service.{table}") for table in WAYS_IN] == [0] * len(WAYS_IN)
    assert await feeds.by_secret(tx, b"f" * 32) is None
    shared = await share_links.by_token(tx, "shared", now=world.now)
    assert shared is not None
    assert shared.ended


async def test_what_counts_people_stays_and_the_audit_is_content(tx: Tx, world: World) -> None:
    before = await register.get(tx, world.certificate)
    failures = await tx.fetchval(
        "select assessments.failures_since_guidance($1, $2)", world.failed.candidate, world.failed.unit.id
    )
    spots = await tx.fetchval("select count(*) from scheduling.bookings where attended_at is not null")
    await known(tx, world.passed.candidate, world.now)
    await appeals.answer(tx, world.appeal, "rejected", "Non fondé", reviewer_id=world.reviewer, now=world.now)
    for sitting in (world.passed, world.failed):
        await erasures.carry_out(tx, sitting.candidate, by=None, now=world.now)
    await react(tx)
    assert await register.get(tx, world.certificate) == before
    assert await tx.fetchval("select count(*) from scheduling.bookings where attended_at is not null") == spots
    assert failures == await tx.fetchval(
        "select assessments.failures_since_guidance($1, $2)", world.failed.candidate, world.failed.unit.id
    )
    findings = await check.audit(tx, now=world.now)
    assert [found for found in findings if found.violations] == []
    assert next(found.looked_at for found in findings if found.rule == "erasures") == 2


async def test_after_an_erasure_an_appeals_reviewer_is_still_a_stranger_to_it(tx: Tx, world: World) -> None:
    """Invariant 14 rests on ids, and they stay."""
    at = world.now
    await appeals.answer(tx, world.appeal, "rejected", "Vu", reviewer_id=world.reviewer, now=at)
    await erasures.carry_out(tx, world.failed.candidate, by=None, now=at)
    row = await tx.fetchrow(
        """select d.candidate_id, d.outcome, a.outcome as answer, a.grounds from assessments.appeals a
           join assessments.decisions d on d.id = a.decision_id where a.id = $1""",
        world.appeal,
    )
    assert row is not None
    assert tuple(row) == (world.failed.candidate, "fail", "rejected", "–")


async def test_who_waits_for_an_answer_waits_to_be_erased(tx: Tx, world: World) -> None:
    candidate, at = world.failed.candidate, world.now
    async with refused(tx, DecisionAwaited):
        await erasures.carry_out(tx, candidate, by=None, now=at)
    await appeals.answer(tx, world.appeal, "upheld", "Vu", reviewer_id=world.reviewer, now=at)
    async with refused(tx, DecisionAwaited):
        await erasures.carry_out(tx, candidate, by=None, now=at)
    revised = await decisions.revise(tx, world.fail_decision, "pass", taken_by=world.reviewer, now=at)
    async with refused(tx, DecisionAwaited):
        await erasures.carry_out(tx, candidate, by=None, now=at)
    await decisions.release(tx, revised, by=None, now=at)
    await erasures.carry_out(tx, candidate, by=None, now=at)
    assert (await candidates.get(tx, candidate)).erased_at == at


async def test_coming_tests_are_cancelled_and_their_seats_are_free(tx: Tx, world: World, now: datetime) -> None:
    booking = await bookings.get(tx, world.coming_booking)
    taken = await tx.fetchval("select taken from scheduling.sessions where id = $1", world.coming)
    await erasures.carry_out(tx, booking.candidate_id, by=None, now=now)
    assert (await bookings.get(tx, booking.id)).release == "cancelled_early"
    assert await tx.fetchval("select taken from scheduling.sessions where id = $1", world.coming) == taken - 1


async def test_a_seat_that_nobody_closed_keeps_its_holder(tx: Tx, world: World) -> None:
    booking = await bookings.get(tx, world.coming_booking)
    async with refused(tx, StillExpected):
        await erasures.carry_out(tx, booking.candidate_id, by=None, now=booking.ends_at)


async def test_erasing_twice_is_erasing_once_and_the_request_is_closed(tx: Tx, world: World) -> None:
    candidate = world.passed.candidate
    await erasures.ask(tx, candidate, now=world.now)
    await erasures.ask(tx, candidate, now=world.now + timedelta(days=1))
    assert await erasures.waiting(tx) == [candidate]
    assert await erasures.asked_at(tx, candidate) == world.now
    for later in (timedelta(0), timedelta(days=1)):
        await erasures.carry_out(tx, candidate, by=None, now=world.now + later)
    assert (await candidates.get(tx, candidate)).erased_at == world.now
    assert await erasures.waiting(tx) == []
    assert await tx.fetchval("select count(*) from service.outbox where topic = 'candidate.erased'") == 1


async def test_sealed_grids_open_for_the_wiping_of_an_erased_person_and_for_nothing_else(tx: Tx, world: World) -> None:
    tries = (
        "update assessments.recordings set remarks = ''",
        "update assessments.recordings set remarks = 'autre'",
        "update assessments.ratings set reason = '–'",
        "update assessments.ratings set rating = 'not_met'",
        "update assessments.recordings set submitted_at = null, digest = null, remarks = ''",
    )

    rows = await tx.fetch("select id from assessments.recordings where booking_id = $1", world.passed.booking)
    theirs = [row["id"] for row in rows]

    async def sealed(sql: str) -> bool:
        try:
            async with tx.transaction():
                await tx.execute(f"{sql} where {'recording_id' if 'ratings' in sql else 'id'} = any ($1)", theirs)
        except asyncpg.CheckViolationError as broken:
            return broken.constraint_name == "recording_submitted"
        return False

    assert [await sealed(sql) for sql in tries] == [True] * 5
    await erasures.carry_out(tx, world.passed.candidate, by=None, now=world.now)
    assert [await sealed(sql) for sql in tries] == [False, True, False, True, True]


async def test_a_booking_and_an_erasure_at_the_same_moment_leave_no_seat_behind(
    copies: Callable[[], Awaitable[str]], now: datetime
) -> None:
    """Staged: the erasure holds the candidate, the rival books meanwhile and is refused when it commits."""
    url = await copies()
    eraser, rival = await asyncpg.connect(url), await asyncpg.connect(url)
    for connection in (eraser, rival):
        await speak_json(connection)
    stage = await a_stage(eraser, now)
    session, noor = await stage.open(eraser), await stage.candidate(eraser)
    held = eraser.transaction()
    await held.start()
    await candidates.erase(eraser, noor, by=None, now=now)
    booking = asyncio.create_task(bookings.book(rival, session, noor, by=None, now=now))
    await held_up(eraser, booking)
    assert not booking.done(), "it waits for the erasure"
    await held.commit()
    with pytest.raises(asyncpg.CheckViolationError) as broken:
        await booking
    assert BY_CONSTRAINT[str(broken.value.constraint_name)] is CandidateErased
    assert await rival.fetchval("select taken from scheduling.sessions where id = $1", session) == 0
    await eraser.close()
    await rival.close()
