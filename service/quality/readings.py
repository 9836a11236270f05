"""What the figures of quality are made of, counted by PostgreSQL: never a row for a candidate."""

from datetime import date
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.quality.statistics import Pairs


class Scope(Struct, frozen=True):
    """Which tests: of one centre or all, of one unit or all, held from one day until before another."""

    centre_id: UUID | None
    unit: str | None
    since: date
    until: date


class Passed(Struct, frozen=True):
    """How many passed of how many. `key`: what they have in common; `assessor_id` where that is a person."""

    key: str
    passed: int
    tests: int
    role: str | None = None
    assessor_id: UUID | None = None


class Agreed(Struct, frozen=True):
    """What two assessors of the same tests said. `unobserved`: indicators that one of the two did not see."""

    key: str
    pairs: Pairs
    unobserved: int
    assessor_id: UUID | None = None
    other_id: UUID | None = None


class Indicator(Struct, frozen=True):
    """How the evaluators rated one indicator of one version, by what came of the test."""

    standard: str
    code: str
    label: dict[str, str]
    met: int
    rated: int
    unobserved: int
    passed_met: int
    passed_rated: int
    failed_met: int
    failed_rated: int


class Duration(Struct, frozen=True):
    """How long the sessions of a unit took, in minutes and as shares of what was planned, extra time included."""

    key: str
    sessions: int
    planned: float
    median: float
    share_low: float
    share_median: float
    share_high: float
    overran: int


async def units(tx: asyncpg.Connection, scope: Scope) -> list[Passed]:
    rows = await tx.fetch(
        """select u.code as key, count(*) filter (where j.passed)::int as passed, count(*)::int as tests
           from service.judged j join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
             and j.held_on >= $3 and j.held_on < $4
           group by u.code order by u.code""",
        *_asked(scope),
    )
    return [Passed(**row) for row in rows]


async def centres(tx: asyncpg.Connection, scope: Scope) -> list[Passed]:
    rows = await tx.fetch(
        """select c.name as key, count(*) filter (where j.passed)::int as passed, count(*)::int as tests
           from service.judged j join scheduling.centres c on c.id = j.centre_id
           join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
             and j.held_on >= $3 and j.held_on < $4
           group by c.name order by c.name""",
        *_asked(scope),
    )
    return [Passed(**row) for row in rows]


async def standards(tx: asyncpg.Connection, scope: Scope) -> list[Passed]:
    rows = await tx.fetch(
        """select u.code || ' v' || st.version as key, count(*) filter (where j.passed)::int as passed,
                  count(*)::int as tests
           from service.judged j join assessments.standards st on st.id = j.standard_id
           join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
             and j.held_on >= $3 and j.held_on < $4
           group by u.code, st.version order by u.code, st.version""",
        *_asked(scope),
    )
    return [Passed(**row) for row in rows]


async def assessors(tx: asyncpg.Connection, scope: Scope) -> list[Passed]:
    """Of the candidates whose grid they submitted, how many passed, by the role they had. It is the jury that decides."""
    rows = await tx.fetch(
        """select r.assessor_id::text || r.role as key, r.role, r.assessor_id,
                  count(*) filter (where j.passed)::int as passed, count(*)::int as tests
           from service.judged j join assessments.recordings r on r.booking_id = j.booking_id
           join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
             and j.held_on >= $3 and j.held_on < $4 and r.submitted_at is not null
           group by r.assessor_id, r.role order by r.role, count(*) desc, r.assessor_id""",
        *_asked(scope),
    )
    return [Passed(**row) for row in rows]


async def quarters(tx: asyncpg.Connection, scope: Scope) -> list[Passed]:
    """`key`: the first day of the quarter."""
    rows = await tx.fetch(
        """select date_trunc('quarter', j.held_on::timestamp)::date::text as key,
                  count(*) filter (where j.passed)::int as passed, count(*)::int as tests
           from service.judged j join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
             and j.held_on >= $3 and j.held_on < $4
           group by 1 order by 1""",
        *_asked(scope),
    )
    return [Passed(**row) for row in rows]


async def agreement(tx: asyncpg.Connection, scope: Scope, *, by_people: bool) -> list[Agreed]:
    """Every two grids of one test, indicator by indicator: by unit, or by the two who filled them in."""
    rows = await tx.fetch(
        """with marks as (
               select j.booking_id, u.code as unit, r.role, r.assessor_id, t.indicator, t.rating
               from service.judged j join assessments.units u on u.id = j.unit_id
               join assessments.recordings r on r.booking_id = j.booking_id and r.submitted_at is not null
               join assessments.ratings t on t.recording_id = r.id
               where ($1::uuid is null or j.centre_id = $1) and ($2::text is null or u.code = $2)
                 and j.held_on >= $3 and j.held_on < $4)
           select case when $5 then a.assessor_id::text || b.assessor_id else a.unit end as key,
                  case when $5 then a.assessor_id end as assessor_id, case when $5 then b.assessor_id end as other_id,
                  count(*) filter (where a.rating = 'met' and b.rating = 'met')::int as both_met,
                  count(*) filter (where a.rating = 'not_met' and b.rating = 'not_met')::int as both_not_met,
                  count(*) filter (where a.rating = 'met' and b.rating = 'not_met')::int as only_first,
                  count(*) filter (where a.rating = 'not_met' and b.rating = 'met')::int as only_second,
                  count(*) filter (where 'not_observed' in (a.rating, b.rating))::int as unobserved
           from marks a join marks b on b.booking_id = a.booking_id and b.indicator = a.indicator
                                    and (a.role, a.assessor_id) < (b.role, b.assessor_id)
           group by 1, 2, 3 order by count(*) desc, 1""",
        *_asked(scope),
        by_people,
    )
    return [_agreed(row) for row in rows]


def _agreed(row: asyncpg.Record) -> Agreed:
    pairs = Pairs(row["both_met"], row["both_not_met"], row["only_first"], row["only_second"])
    return Agreed(row["key"], pairs, row["unobserved"], row["assessor_id"], row["other_id"])


async def indicators(tx: asyncpg.Connection, scope: Scope) -> list[Indicator]:
    """Every indicator that an evaluator rated, in the order of its grid."""
    rows = await tx.fetch(
        """with counted as (
               select j.standard_id, t.indicator,
                      count(*) filter (where t.rating = 'met')::int as met,
                      count(*) filter (where t.rating <> 'not_observed')::int as rated,
                      count(*) filter (where t.rating = 'not_observed')::int as unobserved,
                      count(*) filter (where t.rating = 'met' and j.passed)::int as passed_met,
                      count(*) filter (where t.rating <> 'not_observed' and j.passed)::int as passed_rated,
                      count(*) filter (where t.rating = 'met' and not j.passed)::int as failed_met,
                      count(*) filter (where t.rating <> 'not_observed' and not j.passed)::int as failed_rated
               from service.judged j
               join assessments.recordings r on r.booking_id = j.booking_id and r.role = 'evaluator'
                                            and r.submitted_at is not null
               join assessments.ratings t on t.recording_id = r.id
               where ($1::uuid is null or j.centre_id = $1) and j.held_on >= $3 and j.held_on < $4
               group by j.standard_id, t.indicator)
           select u.code || ' v' || st.version as standard, i.one ->> 'code' as code, i.one -> 'label' as label,
                  c.met, c.rated, c.unobserved, c.passed_met, c.passed_rated, c.failed_met, c.failed_rated
           from counted c
           join assessments.standards st on st.id = c.standard_id
           join assessments.units u on u.id = st.unit_id
           cross join lateral jsonb_array_elements(st.grid -> 'criteria') with ordinality k(one, nth)
           cross join lateral jsonb_array_elements(k.one -> 'indicators') with ordinality i(one, nth)
           where i.one ->> 'code' = c.indicator and ($2::text is null or u.code = $2)
           order by u.code, st.version, k.nth, i.nth""",
        *_asked(scope),
    )
    return [Indicator(**row) for row in rows]


async def durations(tx: asyncpg.Connection, scope: Scope, *, tolerance: int) -> list[Duration]:
    """From the beginning of each test to its end, against what was planned; the longest extra time counts as planned."""
    rows = await tx.fetch(
        """with held as (
               select u.code as key, extract(epoch from s.ended_at - s.started_at)::float8 / 60 as took,
                      extract(epoch from upper(s.test_time) - lower(s.test_time))::float8 / 60
                      + coalesce((select max(b.extra_minutes) from scheduling.bookings b
                                  where b.session_id = s.id and b.attended_at is not null), 0) as planned
               from scheduling.sessions s join assessments.units u on u.id = s.unit_id
               where s.ended_at is not null and s.cancelled_at is null
                 and ($1::uuid is null or s.centre_id = $1) and ($2::text is null or u.code = $2)
                 and service.day(lower(s.test_time)) >= $3 and service.day(lower(s.test_time)) < $4)
           select key, count(*)::int as sessions,
                  percentile_cont(0.5) within group (order by planned) as planned,
                  percentile_cont(0.5) within group (order by took) as median,
                  percentile_cont(0.1) within group (order by took / planned) as share_low,
                  percentile_cont(0.5) within group (order by took / planned) as share_median,
                  percentile_cont(0.9) within group (order by took / planned) as share_high,
                  count(*) filter (where took > planned + $5)::int as overran
           from held group by key order by key""",
        *_asked(scope),
        tolerance,
    )
    return [Duration(**row) for row in rows]


async def years(tx: asyncpg.Connection, centre_id: UUID | None) -> list[int]:
    """The years in which tests were held, the newest first."""
    rows = await tx.fetch(
        """select distinct extract(year from service.day(lower(s.test_time)))::int as year from scheduling.sessions s
           where s.ended_at is not null and s.cancelled_at is null and ($1::uuid is null or s.centre_id = $1)
           order by year desc""",
        centre_id,
    )
    return [row["year"] for row in rows]


async def tested_units(tx: asyncpg.Connection, centre_id: UUID | None) -> list[str]:
    """The codes of the units that were tested."""
    rows = await tx.fetch(
        """select distinct u.code from service.judged j join assessments.units u on u.id = j.unit_id
           where ($1::uuid is null or j.centre_id = $1) order by u.code""",
        centre_id,
    )
    return [row["code"] for row in rows]


async def names(tx: asyncpg.Connection) -> dict[UUID, str]:
    """Who the assessors are: only for a step that the audit trail keeps (service/audit.py, reads_names)."""
    rows = await tx.fetch("select id, given_name || ' ' || family_name as name from assessments.assessors")
    return {row["id"]: row["name"] for row in rows}


def _asked(scope: Scope) -> tuple[UUID | None, str | None, date, date]:
    return scope.centre_id, scope.unit, scope.since, scope.until
