"""Why a candidate cannot have a place is asked for a whole list at once; the guard of the insert asks one by one. The two
say the same."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from scheduling import bookings
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection
Trouble = Callable[[Tx, Stage, UUID], Awaitable[None]]


async def nothing(tx: Tx, stage: Stage, candidate: UUID) -> None:
    pass


async def too_young(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await tx.execute("update assessments.candidates set birth_date = $2 where id = $1", candidate, date(2015, 1, 1))


async def of_age_on_the_second_day(tx: Tx, stage: Stage, candidate: UUID) -> None:
    born = stage.morning.date().replace(year=stage.morning.year - 18) + timedelta(days=1)
    await tx.execute("update assessments.candidates set birth_date = $2 where id = $1", candidate, born)


async def kin_of_the_evaluator(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await stage.link(tx, stage.evaluator, candidate)


async def taught_by_the_evaluator(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await stage.link(tx, stage.evaluator, candidate, "teaching")


async def taught_by_the_observer(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await stage.link(tx, stage.observer, candidate, "teaching")


async def a_tie_that_ended(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await stage.link(tx, stage.observer, candidate)
    await tx.execute("update assessments.links set ended_at = declared_at where candidate_id = $1", candidate)


async def enough_places(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await tx.execute("update scheduling.fair_use set most_bookings = 1")
    await bookings.book(
        tx, await stage.open(tx, starts_at=stage.morning + timedelta(days=7)), candidate, now=stage.now, by=None
    )


async def needs_a_lift(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await tx.execute(
        """insert into assessments.accommodations (candidate_id, measure, requested_at, granted_at)
           values ($1, 'ground_floor', $2, $2)""",
        candidate,
        stage.now,
    )
    await tx.execute("update scheduling.rooms set accessible = false where id = $1", stage.room)


async def has_the_titre(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await tx.execute("set local session_replication_role = replica")
    label = '{"fr": "U", "nl": "U", "en": "U", "de": "U"}'
    await tx.execute(
        """insert into certificates.register (decision_id, candidate_id, unit_id, centre_id, year, number, public_code,
               holder_name, birth_date, language, unit_code, unit_label, trade_label, scheme_label, centre_name,
               municipality, standard_version, jury_date, issued_at)
           values (gen_random_uuid(), $1, $2, $3, 2026, 1, gen_random_uuid()::text, 'N', '1990-01-01', 'fr', 'U',
                   $4::text::jsonb, $4::text::jsonb, $4::text::jsonb, 'C', 'M', 1, '2026-01-01', $5)""",
        candidate,
        stage.unit,
        stage.centre,
        label,
        stage.now,
    )
    await tx.execute("set local session_replication_role = origin")


async def has_failed(tx: Tx, stage: Stage, candidate: UUID, times: int = 2) -> None:
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile,
               taken_by, taken_at, released_at)
           select gen_random_uuid(), gen_random_uuid(), $1, $2, 'fail', 'cvdc', $3, $4, $4 from generate_series(1, $5)""",
        candidate,
        stage.unit,
        stage.evaluator,
        stage.now - timedelta(days=30),
        times,
    )
    await tx.execute("set local session_replication_role = origin")


async def has_failed_once(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await has_failed(tx, stage, candidate, times=1)


async def recognised_in_part(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await has_the_titre(tx, stage, candidate)
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        "update certificates.register set recognised = 'part-qualification' where candidate_id = $1", candidate
    )
    await tx.execute("set local session_replication_role = origin")


async def waits_until_the_second_day(tx: Tx, stage: Stage, candidate: UUID) -> None:
    """They failed yesterday, a fortnight and a day before the first of these tests."""
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """with sat as (
               insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, booked_at, confirmed_at,
                                                changed_at, closed_at)
               values (gen_random_uuid(), $2, tstzrange($4::timestamptz - interval '4 hours', $4), $1, $4, $4, $4, $4)
               returning id)
           insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile,
                                              taken_by, taken_at, released_at)
           select id, gen_random_uuid(), $1, $2, 'fail', 'cvdc', $3, $4, $4 from sat""",
        candidate,
        stage.unit,
        stage.evaluator,
        stage.now - timedelta(days=1),
    )
    await tx.execute("update assessments.schemes set retake_wait_days = 16")
    await tx.execute("set local session_replication_role = origin")


async def enough_with_the_first_of_these(tx: Tx, stage: Stage, candidate: UUID) -> None:
    await tx.execute("update scheduling.fair_use set most_bookings = 1")
    first = await tx.fetchval("select id from scheduling.sessions order by lower(test_time) limit 1")
    await bookings.book(tx, first, candidate, now=stage.now, by=None)


CONDITIONS: dict[Trouble, set[str]] = {
    nothing: set(),
    too_young: {"candidate_too_young"},
    of_age_on_the_second_day: {"candidate_too_young"},
    kin_of_the_evaluator: {"assessor_knows_candidate"},
    taught_by_the_evaluator: set(),
    taught_by_the_observer: {"assessor_knows_candidate"},
    a_tie_that_ended: set(),
    enough_places: {"too_many_bookings"},
    needs_a_lift: {"room_not_accessible"},
    has_the_titre: {"titre_already_held"},
    has_failed: {"guidance_required"},
    has_failed_once: set(),
    recognised_in_part: set(),
    waits_until_the_second_day: {"retake_too_soon"},
    enough_with_the_first_of_these: {"too_many_bookings"},
}


@pytest.mark.parametrize("trouble", CONDITIONS, ids=lambda trouble: trouble.__name__)
async def test_what_is_said_of_a_list_is_what_guards_each_booking(tx: Tx, now, trouble: Trouble) -> None:  # type: ignore[no-untyped-def]
    stage = await a_stage(tx, now)
    candidate = await stage.candidate(tx)
    sessions = [await stage.open(tx, starts_at=stage.morning + timedelta(days=day)) for day in (0, 1, 2)]
    await trouble(tx, stage, candidate)
    said = {row["session_id"]: row["rules"] for row in await _asked(tx, candidate, sessions, now)}
    guarded = {
        session: [
            row["rule"]
            for row in await tx.fetch("select scheduling.booking_conditions($1, $2) as rule", candidate, session)
        ]
        for session in sessions
    }
    others = {"unit_already_booked", "candidate_busy", "session_full", "session_not_open"}
    assert {session: [rule for rule in said.get(session, ()) if rule not in others] for session in sessions} == guarded
    assert {rule for rules in guarded.values() for rule in rules} == CONDITIONS[trouble]


async def test_places_that_stand_in_each_other_s_way_and_full_sessions(tx: Tx, now) -> None:  # type: ignore[no-untyped-def]
    stage = await a_stage(tx, now)
    candidate = await stage.candidate(tx)
    first, booking_id = await stage.booked(tx, seats=1)
    holder = (await bookings.get(tx, booking_id)).candidate_id
    later = await stage.open(tx, starts_at=stage.morning + timedelta(days=1))
    assert [tuple(row) for row in await _asked(tx, candidate, [first, later], now)] == [(first, ["session_full"])]
    said = {row["session_id"]: row["rules"] for row in await _asked(tx, holder, [first, later], now)}
    assert said == {first: ["unit_already_booked", "session_full"], later: ["unit_already_booked"]}
    over = {row["session_id"]: row["rules"][0] for row in await _asked(tx, candidate, [first, later], stage.morning)}
    assert over == {first: "session_not_open"}
    for session in (first, later):
        assert [refusal.__name__ for refusal in await bookings.refusals(tx, session, holder, now=now)] == [
            "".join(part.capitalize() for part in rule.split("_")) for rule in said[session]
        ]


async def _asked(tx: Tx, candidate: UUID, sessions: list[UUID], now) -> list[asyncpg.Record]:  # type: ignore[no-untyped-def]
    return await tx.fetch("select * from scheduling.refusals_of($1, $2, $3)", candidate, sessions, now)
