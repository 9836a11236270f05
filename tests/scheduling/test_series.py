"""A planner drafts a series: what the preview shows is what is written, or nothing is."""

from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling import closures, copies, jury_seats, opening_hours, refusals, series, sessions
from scheduling.drafts import Seat
from service import check
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


def mornings(stage: Stage, **changes: object) -> series.Pattern:
    """Six Tuesdays from the fifteenth of September on, at nine, with evaluator and observer."""
    jury = (Seat(stage.evaluator, "evaluator"), Seat(stage.observer, "observer"))
    facts = {
        "room_id": stage.room, "unit_id": stage.unit, "language": "fr", "seats": 2, "rule": "FREQ=WEEKLY;COUNT=6",
        "first_day": date(2026, 9, 15), "at": time(9), "jury": jury,
    }  # fmt: skip
    return series.Pattern(**{**facts, **changes})  # type: ignore[arg-type]


def all_of(found: list[series.Occurrence]) -> list[series.Choice]:
    """Whoever fills in the form takes all that can be had."""
    return [
        series.Choice(each.starts_at, tuple(one.seat.assessor_id for one in each.missing if one.seat))
        for each in found
        if each.blocked is None and each.starts_at and each.which != "second"
    ]


async def drafted(tx: Tx) -> list[tuple[datetime, list[str]]]:
    rows = await tx.fetch(
        """select lower(s.test_time) as starts_at,
                  array(select j.role from scheduling.jury_seats j where j.session_id = s.id order by 1) as jury
           from scheduling.sessions s where s.series_id is not null order by 1"""
    )
    return [(row["starts_at"], row["jury"]) for row in rows]


async def test_a_preview_writes_nothing_and_the_order_what_it_showed(tx: Tx, stage: Stage) -> None:
    seen = await series.preview(tx, mornings(stage), by=None, now=stage.now)
    assert len(seen) == 6
    assert all(each.blocked is None and not each.missing for each in seen)
    for table in ("sessions", "jury_seats", "equipment_reservations", "series"):
        assert await tx.fetchval(f"select count(*) from scheduling.{table}") == 0
    assert await tx.fetchval("select count(*) from service.outbox") == 0
    chosen = [choice for choice in all_of(seen) if choice.starts_at.day != 22]
    planned = await series.plan(tx, mornings(stage), chosen, by=None, now=stage.now)
    assert len(planned) == 5
    assert await drafted(tx) == [(each.starts_at, ["evaluator", "observer"]) for each in chosen]


async def test_what_stands_in_the_way_is_named_date_by_date(tx: Tx, stage: Stage) -> None:
    """A holiday, another session in the room, pods that are out, an observer who is elsewhere, a clock that jumps."""
    elsewhere = await stage.another_room(tx)
    at = [stage.morning + timedelta(days=7 * week) for week in range(6)]
    day = closures.whole_day(at[1].date())
    await closures.close(
        tx, centre_id=stage.centre, starts_at=day[0], ends_at=day[1], reason="Fête", by=None, now=stage.now
    )
    await stage.draft(tx, starts_at=at[2], seats=1)
    await stage.draft(tx, room_id=elsewhere, starts_at=at[3], seats=3)
    rival = await stage.draft(tx, room_id=elsewhere, starts_at=at[4], seats=1)
    await jury_seats.give(tx, rival, stage.observer, "observer", by=None, now=stage.now)
    seen = await series.preview(tx, mornings(stage), by=None, now=stage.now)
    assert [each.blocked and (each.blocked.rule, each.blocked.about) for each in seen] == [
        None,
        (refusals.RoomClosed, "Fête"),
        (refusals.RoomBusy, await tx.fetchval("select code from assessments.units where id = $1", stage.unit)),
        (refusals.EquipmentShort, ""),
        None,
        None,
    ]
    assert [[(one.rule, one.about) for one in each.missing] for each in seen][4] == [
        (refusals.AssessorBusy, "Ahmed Lambert")
    ]


async def test_nine_on_the_wall_stays_nine_when_the_clock_changes(tx: Tx, stage: Stage) -> None:
    for first_day, hours in ((date(2026, 10, 20), (7, 8)), (date(2027, 3, 23), (8, 7))):
        pattern = mornings(stage, first_day=first_day, rule="FREQ=WEEKLY;COUNT=2")
        seen = await series.preview(tx, pattern, by=None, now=stage.now)
        assert [each.starts_at.hour for each in seen if each.starts_at] == list(hours)


async def test_an_hour_that_is_left_out_is_refused_and_one_that_comes_twice_is_asked(tx: Tx, stage: Stage) -> None:
    """Half past two on Sundays: 28 March 2027 has none, 25 October 2026 has two."""
    await opening_hours.set_day(tx, room_id=stage.room, weekday=7, opens=time(0), closes=time(12))
    spring = mornings(stage, first_day=date(2027, 3, 21), rule="FREQ=WEEKLY;COUNT=3", at=time(2, 30), jury=())
    seen = await series.preview(tx, spring, by=None, now=stage.now)
    assert [each.blocked and each.blocked.rule for each in seen] == [None, refusals.HourSkipped, None]
    autumn = mornings(stage, first_day=date(2026, 10, 25), rule="FREQ=WEEKLY;COUNT=1", at=time(2, 30), jury=())
    seen = await series.preview(tx, autumn, by=None, now=stage.now)
    assert [(each.which, each.starts_at) for each in seen] == [
        ("first", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("second", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ]
    with pytest.raises(refusals.SeriesChanged):  # four hours each: they cannot both be held
        both = [series.Choice(each.starts_at) for each in seen if each.starts_at]
        async with tx.transaction():
            await series.plan(tx, autumn, both, by=None, now=stage.now)
    assert await series.plan(tx, autumn, both[1:], by=None, now=stage.now)


async def test_an_order_that_is_out_of_date_writes_nothing(tx: Tx, stage: Stage) -> None:
    pattern = mornings(stage)
    chosen = all_of(await series.preview(tx, pattern, by=None, now=stage.now))
    other = await stage.draft(tx, room_id=await stage.another_room(tx), starts_at=chosen[3].starts_at, seats=1)
    await jury_seats.give(tx, other, stage.evaluator, "evaluator", by=None, now=stage.now)
    with pytest.raises(refusals.SeriesChanged):
        async with tx.transaction():
            await series.plan(tx, pattern, chosen, by=None, now=stage.now)
    assert await drafted(tx) == []
    for wrong in ([], [chosen[0], chosen[0]], [series.Choice(chosen[0].starts_at + timedelta(hours=1))]):
        with pytest.raises(refusals.SeriesChanged):
            await series.plan(tx, pattern, wrong, by=None, now=stage.now)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rivals=st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3), st.booleans()), max_size=4),
    closed=st.sets(st.integers(0, 5), max_size=2),
    picked=st.sets(st.integers(0, 5), min_size=1),
)
async def test_the_preview_is_what_is_written(
    tx: Tx, stage: Stage, rivals: list[tuple[int, int, bool]], closed: set[int], picked: set[int]
) -> None:
    """Whatever is in the way, and whichever of the offered dates are taken: each is written exactly as it was shown."""
    around = tx.transaction()
    await around.start()
    try:
        elsewhere = await stage.another_room(tx)
        for week, hours, here in rivals:
            starts_at = stage.morning + timedelta(days=7 * week, hours=hours)
            try:
                async with tx.transaction():
                    rival = await stage.draft(
                        tx, room_id=stage.room if here else elsewhere, starts_at=starts_at, seats=1
                    )
                    await jury_seats.give(tx, rival, stage.evaluator, "evaluator", by=None, now=stage.now)
            except (refusals.Refusal, asyncpg.IntegrityConstraintViolationError):
                continue
        for week in closed:
            day = closures.whole_day((stage.morning + timedelta(days=7 * week)).date())
            await closures.close(  # over rivals too, which a repair was told to leave as they are
                tx, centre_id=stage.centre, starts_at=day[0], ends_at=day[1], reason="Travaux", cause="repair",
                by=None, now=stage.now,
            )  # fmt: skip
        seen = await series.preview(tx, mornings(stage), by=None, now=stage.now)
        offered = all_of(seen)
        chosen = [choice for number, choice in enumerate(offered) if number in picked]
        if chosen:
            assert len(await series.plan(tx, mornings(stage), chosen, by=None, now=stage.now)) == len(chosen)
        absent = {stage.evaluator: "evaluator", stage.observer: "observer"}
        assert await drafted(tx) == [
            (choice.starts_at, sorted(set(absent.values()) - {absent[one] for one in choice.without}))
            for choice in chosen
        ]
        assert [finding.rule for finding in await check.audit(tx, now=stage.now) if finding.violations] == []
    finally:
        await around.rollback()


async def test_a_copy_has_room_pods_and_jury_of_its_own_and_nobody_booked(tx: Tx, stage: Stage) -> None:
    original, _ = await stage.booked(tx)
    later = stage.morning + timedelta(days=1)
    outcome = await copies.copy(tx, original, room_id=stage.room, starts_at=later, by=None, now=stage.now)
    assert outcome.session_id is not None
    copy = await sessions.get(tx, outcome.session_id)
    assert (copy.state, copy.seats, copy.taken, copy.starts_at) == ("draft", 2, 0, later)
    assert len(await jury_seats.of_session(tx, copy.id)) == 3
    beside = await stage.another_room(tx)
    outcome = await copies.copy(tx, original, room_id=beside, starts_at=stage.morning, by=None, now=stage.now)
    assert [one.rule for one in outcome.missing] == [refusals.AssessorBusy, refusals.AssessorBusy]
    outcome = await copies.copy(tx, original, room_id=stage.room, starts_at=later, by=None, now=stage.now)
    assert outcome.session_id is None
    assert outcome.blocked is not None
    assert outcome.blocked.rule is refusals.RoomBusy
