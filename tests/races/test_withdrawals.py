"""Somebody withdraws from a unit, and at the same moment gets a place for it: whichever is first, never both."""

from datetime import date
from uuid import UUID

import pytest

from assessments import enrolments
from assessments.enrolment_refusals import EnrolmentWithdrawn, StillBooked
from scheduling import bookings, holds, offers, waiting
from service import check, queues, withdrawals
from service.db import Database
from tests.builders.stage import Stage
from tests.races.test_bookings import Act, Tx, db, meet, stage

__all__ = ["db", "stage"]  # fixtures

WISH = waiting.Wish(("fr",), date(2026, 9, 1))


async def enrolled(db: Database, stage: Stage) -> tuple[UUID, UUID, UUID]:
    """An open session of the unit, somebody with a file for it, and the file."""
    async with db.transaction() as tx:
        session_id, candidate = await stage.open(tx), await stage.candidate(tx)
        file = await enrolments.enrol(tx, candidate, stage.unit, by=None, now=stage.now)
    return session_id, candidate, file


async def sound(db: Database, stage: Stage, candidate: UUID) -> tuple[bool, bool, bool]:
    """Whether they are enrolled, booked, waiting; and nobody who withdrew is one of the other two."""
    async with db.read() as tx:
        assert not [one for one in await check.audit(tx, now=stage.now) if one.rule == "enrolments" and one.violations]
        file = await enrolments.of(tx, candidate, stage.unit)
        booked = await tx.fetchval(
            "select exists (select from scheduling.bookings where candidate_id = $1 and released_at is null)", candidate
        )
        return file.withdrawn_at is None, booked, await queues.waits(tx, candidate, stage.unit)


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_a_withdrawal_and_a_booking(db: Database, stage: Stage, withdrawn_first: bool) -> None:
    """Who books enrols first: the booking opens the file again, or the withdrawal meets the place."""
    session_id, candidate, file = await enrolled(db, stage)

    async def book(tx: Tx) -> None:
        await enrolments.enrol(tx, candidate, stage.unit, by=None, now=stage.now)
        await bookings.book(tx, session_id, candidate, by=None, now=stage.now)

    acts: list[Act] = [lambda tx: withdrawals.withdraw(tx, file, by=None, now=stage.now), book]
    outcome = await meet(db, *(acts if withdrawn_first else acts[::-1]))
    assert outcome is None if withdrawn_first else isinstance(outcome, StillBooked)
    assert await sound(db, stage, candidate) == (True, True, False)


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_a_withdrawal_and_a_place_for_a_file_that_nobody_opens_again(
    db: Database, stage: Stage, withdrawn_first: bool
) -> None:
    """They meet at the candidate's bookings alone, as where a centre gives a place: that is PostgreSQL's own guarantee."""
    session_id, candidate, file = await enrolled(db, stage)
    acts: list[Act] = [
        lambda tx: enrolments.withdraw(tx, file, by=None, now=stage.now),
        lambda tx: bookings.book(tx, session_id, candidate, by=None, now=stage.now),
    ]
    outcome = await meet(db, *(acts if withdrawn_first else acts[::-1]))
    assert isinstance(outcome, EnrolmentWithdrawn if withdrawn_first else StillBooked)
    assert await sound(db, stage, candidate) == (not withdrawn_first, not withdrawn_first, False)


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_a_withdrawal_and_an_offer(db: Database, stage: Stage, withdrawn_first: bool) -> None:
    """An offer that is there is declined with the rest; of one that is just being made the withdrawal says that there is a
    place, and asked again it declines it."""
    session_id, candidate, file = await enrolled(db, stage)
    async with db.transaction() as tx:
        await queues.join(tx, candidate, stage.unit, WISH, by=None, now=stage.now)

    async def offer(tx: Tx) -> int:
        return len(await offers.offer(tx, session_id, policy=offers.OfferPolicy(), now=stage.now))

    async def withdraw(tx: Tx) -> None:
        await withdrawals.withdraw(tx, file, by=None, now=stage.now)

    outcome = await meet(db, *((withdraw, offer) if withdrawn_first else (offer, withdraw)))
    if withdrawn_first:
        assert outcome == 0
    else:
        assert isinstance(outcome, StillBooked)
        assert await sound(db, stage, candidate) == (True, True, True), "nothing of it was done"
        async with db.transaction() as tx:
            await withdraw(tx)
    assert await sound(db, stage, candidate) == (False, False, False)


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_a_withdrawal_and_joining_the_list(db: Database, stage: Stage, withdrawn_first: bool) -> None:
    """Whoever is last has their way, whole."""
    _, candidate, file = await enrolled(db, stage)
    acts: list[Act] = [
        lambda tx: withdrawals.withdraw(tx, file, by=None, now=stage.now),
        lambda tx: queues.join(tx, candidate, stage.unit, WISH, by=None, now=stage.now),
    ]
    outcome = await meet(db, *(acts if withdrawn_first else acts[::-1]))
    assert not isinstance(outcome, BaseException)
    assert await sound(db, stage, candidate) == (withdrawn_first, False, withdrawn_first)


async def test_an_offer_that_is_just_taken_stays(db: Database, stage: Stage) -> None:
    session_id, candidate, file = await enrolled(db, stage)
    async with db.transaction() as tx:
        await queues.join(tx, candidate, stage.unit, WISH, by=None, now=stage.now)
        (offered,) = await offers.offer(tx, session_id, policy=offers.OfferPolicy(), now=stage.now)
    outcome = await meet(
        db,
        lambda tx: holds.confirm(tx, offered, by=None, now=stage.now),
        lambda tx: withdrawals.withdraw(tx, file, by=None, now=stage.now),
    )
    assert isinstance(outcome, StillBooked)
    assert (await sound(db, stage, candidate))[:2] == (True, True)
