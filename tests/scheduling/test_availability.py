"""What assessors say about their time, how strong each saying is, and who is proposed for a seat."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import (
    assessor_limits,
    attempts,
    availability_exceptions,
    busy_times,
    jury_seats,
    refusals,
    replacements,
    rooms,
    sessions,
    sites,
    travel_times,
)
from scheduling.assessor_limits import Limits
from tests.builders.refused import refused
from tests.builders.stage import Stage, a_stage, open_weekdays

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def give(tx: Tx, stage: Stage, session: UUID, **changes: object) -> UUID:
    return await jury_seats.give(tx, session, stage.evaluator, "evaluator", by=None, now=stage.now, **changes)  # type: ignore[arg-type]


async def away(tx: Tx, stage: Stage, *, can_come: bool = False, hours: int = 4) -> UUID:
    return await availability_exceptions.say(
        tx, assessor_id=stage.evaluator, starts_at=stage.morning - timedelta(hours=1),
        ends_at=stage.morning + timedelta(hours=hours + 1), can_come=can_come, by=None, now=stage.now,
    )  # fmt: skip


async def test_a_dated_no_stands_until_a_manager_gives_a_reason(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    said = await away(tx, stage)
    async with refused(tx, refusals.AssessorAway):
        await give(tx, stage, session)
    seat = await give(tx, stage, session, despite="Asked by telephone: agrees")
    await jury_seats.release(tx, seat, by=None, now=stage.now)
    await availability_exceptions.withdraw(tx, said, assessor_id=stage.evaluator, now=stage.now)
    assert await give(tx, stage, session)


async def test_a_calendar_of_ones_own_says_no_and_a_dated_yes_overrules_it(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    await busy_times.replace(tx, stage.evaluator, [(stage.morning, stage.morning + timedelta(hours=1))], now=stage.now)
    async with refused(tx, refusals.AssessorAway):
        await give(tx, stage, session)
    await away(tx, stage, can_come=True)
    assert await give(tx, stage, session)


@pytest.mark.parametrize(
    ("limits", "later", "stands"),
    [
        (Limits(sessions_per_day=1), timedelta(hours=5), True),
        (Limits(sessions_per_day=2), timedelta(hours=5), False),
        (Limits(sessions_per_day=1), timedelta(days=1), False),
        (Limits(sessions_per_week=1), timedelta(days=3), True),
        (Limits(sessions_per_week=1), timedelta(days=6), False),  # the Monday after
        (Limits(sessions_per_week=2), timedelta(days=3), False),
    ],
)
async def test_nobody_is_given_more_sessions_than_they_take(
    tx: Tx, stage: Stage, limits: Limits, later: timedelta, stands: bool
) -> None:
    await assessor_limits.put(tx, stage.evaluator, limits, by=None, now=stage.now)
    await give(tx, stage, await stage.draft(tx))
    second = await stage.draft(tx, starts_at=stage.morning + later)
    if not stands:
        assert await give(tx, stage, second)
        return
    async with refused(tx, refusals.AssessorOverLimit):
        await give(tx, stage, second)


async def test_the_way_between_two_sites_takes_its_time(tx: Tx, stage: Stage) -> None:
    """Nine to one in Auderghem with half an hour to clear away; the other test begins its set-up 20 minutes later."""
    other = await sites.add(
        tx, centre_id=stage.centre, name="Forest", street="Rue du Charroi 1", postcode="1190", municipality="Forest"
    )
    room = await rooms.add(tx, centre_id=stage.centre, site_id=other, name="Labo 2", kind="cisco-lab", stations=8)
    await open_weekdays(tx, room)
    await give(tx, stage, await stage.draft(tx))
    near = stage.morning + timedelta(hours=5, minutes=20)
    second = await stage.draft(tx, room_id=room, starts_at=near)
    await travel_times.put(tx, stage.site, other, minutes=40)
    async with refused(tx, refusals.AssessorOutOfReach):
        await give(tx, stage, second)
    await travel_times.put(tx, other, stage.site, minutes=20)
    assert await give(tx, stage, second)
    await travel_times.put(tx, stage.site, other, minutes=30)
    async with refused(tx, refusals.AssessorOutOfReach):  # a move asks again
        await sessions.move(tx, second, starts_at=near - timedelta(minutes=10), room_id=room, by=None, now=stage.now)


async def test_proposals_say_what_giving_the_seat_would_say(tx: Tx, stage: Stage) -> None:
    """Every assessor before every seat: nothing stands in the way exactly when the seat can be given."""
    session, booking = await stage.booked(tx)
    candidate = await tx.fetchval("select candidate_id from scheduling.bookings where id = $1", booking)
    people = [
        await stage.assessor(tx, "observer"),
        await stage.assessor(tx, "observer", languages=("nl",)),
        await stage.assessor(tx, "evaluator", of_centre=True),
        await stage.assessor(tx, None, of_centre=True),
        await stage.assessor(tx, "observer", of_centre=True),
    ]
    kin = await stage.assessor(tx, "observer")
    await stage.link(tx, kin, candidate)
    tired = await stage.assessor(tx, "observer")
    await availability_exceptions.say(
        tx, assessor_id=tired, starts_at=stage.morning, ends_at=stage.morning + timedelta(hours=9), can_come=False,
        by=None, now=stage.now,
    )  # fmt: skip
    rival = await stage.draft(tx, room_id=await stage.another_room(tx), seats=1)
    await jury_seats.give(tx, rival, people[0], "observer", by=None, now=stage.now)
    role: jury_seats.Role
    for role in ("evaluator", "observer", "manager"):
        for one in await replacements.proposals(tx, session, role):
            if "assessor_already_seated" in one.obstacles:
                continue

            async def take(who: UUID = one.assessor_id, role: jury_seats.Role = role) -> None:
                await jury_seats.give(tx, session, who, role, by=None, now=stage.now)

            refusal = await attempts.refusal_of(tx, take, keep=False)
            expected = {refusals.BY_CONSTRAINT[rule] for rule in [*one.obstacles, *one.objections]}
            if role == "manager":  # a jury has one manager, whoever it is
                expected.add(refusals.ManagerAlreadySeated)
            assert (refusal in expected) if expected else refusal is None, (role, one, refusal)


async def test_the_best_proposal_offered_the_time_and_had_less_to_do(tx: Tx, stage: Stage) -> None:
    session = await stage.draft(tx)
    rested, busy = await stage.assessor(tx, "observer"), await stage.assessor(tx, "observer")
    for day in (1, 2):
        other = await stage.draft(tx, starts_at=stage.morning + timedelta(days=day))
        await jury_seats.give(tx, other, busy, "observer", by=None, now=stage.now)
    found = [one for one in await replacements.proposals(tx, session, "observer") if one.assessor_id in (rested, busy)]
    assert [(one.assessor_id, one.load, one.is_fit) for one in found] == [(rested, 0, True), (busy, 2, True)]


async def test_who_could_do_it_at_another_time_comes_before_people_of_another_trade(tx: Tx, stage: Stage) -> None:
    """However many things are in their way: a planner looks there first."""
    session = await stage.draft(tx)
    stranger, engaged = await stage.assessor(tx, None), await stage.assessor(tx, "observer", languages=("nl",))
    rival = await stage.draft(tx, room_id=await stage.another_room(tx))
    await tx.execute("update scheduling.sessions set language = 'nl' where id = $1", rival)
    await jury_seats.give(tx, rival, engaged, "observer", by=None, now=stage.now)
    both = (stranger, engaged)
    found = [one for one in await replacements.proposals(tx, session, "observer") if one.assessor_id in both]
    assert [one.assessor_id for one in found] == [engaged, stranger]
    assert len(found[0].obstacles) > len(found[1].obstacles)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()


def test_a_calendar_is_read_as_busy_times_without_words(now: datetime) -> None:
    content = calendar(
        "SUMMARY:Dentist\r\nDTSTART:20260910T070000Z\r\nDTEND:20260910T080000Z",
        "SUMMARY:Also\r\nDTSTART:20260910T073000Z\r\nDTEND:20260910T090000Z",
        "SUMMARY:Gone\r\nSTATUS:CANCELLED\r\nDTSTART:20260911T070000Z\r\nDTEND:20260911T080000Z",
        "SUMMARY:Free\r\nTRANSP:TRANSPARENT\r\nDTSTART:20260911T070000Z\r\nDTEND:20260911T080000Z",
        "SUMMARY:Long past\r\nDTSTART:20200911T070000Z\r\nDTEND:20200911T080000Z",
        "DTSTART;VALUE=DATE:20261025\r\nDTEND;VALUE=DATE:20261026",
        "DTSTART;TZID=Europe/Brussels:20261020T090000\r\nDTEND;TZID=Europe/Brussels:20261020T100000\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Brussels:20261103T090000",
    )
    found = busy_times.read(content, now=now)
    spans = [(starts_at.astimezone(UTC), ends_at.astimezone(UTC)) for starts_at, ends_at in found]
    assert [(starts_at, ends_at - starts_at) for starts_at, ends_at in spans] == [
        (datetime(2026, 9, 10, 7, tzinfo=UTC), timedelta(hours=2)),
        (datetime(2026, 10, 20, 7, tzinfo=UTC), timedelta(hours=1)),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), timedelta(hours=25)),
        (datetime(2026, 10, 27, 8, tzinfo=UTC), timedelta(hours=1)),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a calendar",
        calendar(),
        calendar("DTSTART:20260910T070000Z\r\nDTEND:20260910T080000Z\r\nRRULE:FREQ=SECONDLY"),
        calendar("SUMMARY:When?"),
        b"x" * 1_000_001,
        "BEGIN:VCALENDAR\r\nÉ".encode("latin-1"),
    ],
)
def test_what_is_no_calendar_is_refused(content: bytes, now: datetime) -> None:
    with pytest.raises(refusals.CalendarUnreadable):
        busy_times.read(content, now=now)
