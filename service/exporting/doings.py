"""Lists of what happens with people and places: bookings, the day, waiting lists, invitations, results, and the rest."""

from collections.abc import AsyncIterator

import asyncpg

from certificates import numbers
from service import validity
from service.exporting.words import Asked, Row, cell, said

AT_ONCE = 500


def _cells(row: "asyncpg.Record") -> Row:
    return tuple(cell(value) for value in row)


async def bookings(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Every booking of a session from the day on."""
    async for row in tx.cursor(
        """select lower(b.test_time) as starts_at, u.code, r.name as room, c.family_name, c.given_name, c.email, c.phone,
                  c.language::text, b.booked_at, b.confirmed_at, b.convoked_at, b.attended_at, b.released_at, b.release
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           join scheduling.rooms r on r.id = s.room_id join assessments.units u on u.id = b.unit_id
           join assessments.candidates c on c.id = b.candidate_id
           where s.centre_id = $1 and lower(s.test_time) >= $2
           order by lower(b.test_time), r.name, c.family_name, b.id""",
        asked.centre_id,
        asked.since,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def day(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Who is expected on the day, session by session."""
    async for row in tx.cursor(
        """select lower(b.test_time) as starts_at, u.code, r.name as room, c.family_name, c.given_name,
                  b.checked_in_at, b.contract_signed_at, b.attended_at, b.release
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           join scheduling.rooms r on r.id = s.room_id join assessments.units u on u.id = b.unit_id
           join assessments.candidates c on c.id = b.candidate_id
           where s.centre_id = $1 and service.day(lower(s.test_time)) = $2 and s.cancelled_at is null
             and b.confirmed_at is not null and (b.released_at is null or b.release in ('no_show', 'turned_away'))
           order by lower(b.test_time), r.name, c.family_name, b.id""",
        asked.centre_id,
        asked.day,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def waiting(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Who would come to the centre, unit by unit in the order of the list."""
    async for row in tx.cursor(
        """select u.code, l.place, l.length, c.family_name, c.given_name, c.email, w.joined_at, w.languages, w.earliest,
                  w.latest, l.priority
           from scheduling.waiting_line l join scheduling.waiting w on w.id = l.id
           join assessments.units u on u.id = l.unit_id join assessments.candidates c on c.id = l.candidate_id
           where w.centres is null or $1 = any (w.centres) order by u.code, l.place""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def invitations(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Who was asked into a jury from the day on, and what they said."""
    async for row in tx.cursor(
        """select lower(s.test_time) as starts_at, u.code, i.role, a.family_name, a.given_name, a.email, i.invited_at,
                  i.answer_by, i.accepted_at, i.declined_at, i.lapsed_at
           from scheduling.invitations i join scheduling.sessions s on s.id = i.session_id
           join assessments.units u on u.id = s.unit_id join assessments.assessors a on a.id = i.assessor_id
           where s.centre_id = $1 and lower(s.test_time) >= $2 order by lower(s.test_time), a.family_name, i.id""",
        asked.centre_id,
        asked.since,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def alerts(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """How many would be told when a place opens, unit by unit: no people. Fewer than five are said as such."""
    async for row in tx.cursor(
        """select u.code, coalesce(a.language::text, '') as language, coalesce(a.half, '') as half,
                  case when count(*) < 5 then '1–4' else count(*)::text end as wishes
           from scheduling.alerts a join assessments.units u on u.id = any (a.units)
           where a.ended_at is null and (a.centre_id is null or a.centre_id = $1)
           group by 1, 2, 3 order by 1, 2, 3""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def lapses(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """What ends within ninety days of the day, as its page says it, with the sessions that could then not be held."""
    for one in await validity.lapses(tx, asked.centre_id, now=asked.since):
        broken = "; ".join(f"{session.unit_code} {said(cell(session.starts_at))}" for session in one.breaks)
        whose = one.name or one.centre_name
        cells = (one.kind, whose, one.role, one.trade_code, one.first_day, one.last_day, one.renewed, broken)
        yield tuple(cell(value) for value in cells)


async def enrolments(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The files of candidates who have or had a place at the centre for that unit."""
    async for row in tx.cursor(
        """select u.code, c.family_name, c.given_name, c.email, e.enrolled_at, e.guided_at, e.advice, e.withdrawn_at
           from assessments.enrolments e join assessments.units u on u.id = e.unit_id
           join assessments.candidates c on c.id = e.candidate_id
           where c.erased_at is null and exists (
               select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
               where b.candidate_id = e.candidate_id and b.unit_id = e.unit_id and s.centre_id = $1)
           order by u.code, c.family_name, c.given_name, e.id""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def decisions(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Decisions about tests of the centre that stand, with their results."""
    async for row in tx.cursor(
        """select lower(b.test_time) as starts_at, u.code, c.family_name, c.given_name, d.outcome, d.taken_at, d.released_at
           from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
           join scheduling.sessions s on s.id = b.session_id join assessments.units u on u.id = d.unit_id
           join assessments.candidates c on c.id = d.candidate_id
           where s.centre_id = $1 and d.superseded_at is null order by lower(b.test_time), c.family_name, d.id""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)


async def certificates(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The register: what the centre issued, and how it stands."""
    async for row in tx.cursor(
        """select k.year, k.number, k.unit_code, k.holder_name, k.birth_date, k.jury_date, k.issued_at, k.valid_until,
                  case when k.withdrawn_at is not null then 'withdrawn' when k.suspended_at is not null then 'suspended'
                       else 'valid' end as standing
           from certificates.register k where k.centre_id = $1 order by k.year, k.number""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield (numbers.serial(row["year"], row["number"]), *_cells(row)[2:])


async def series(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The patterns by which sessions were planned, and how many of them stand."""
    async for row in tx.cursor(
        """select u.code, r.name as room, x.language::text, x.seats, x.rule, x.first_day, x.at, x.planned_at,
                  (select count(*) from scheduling.sessions s where s.series_id = x.id and s.cancelled_at is null) as sessions
           from scheduling.series x join scheduling.rooms r on r.id = x.room_id join assessments.units u on u.id = x.unit_id
           where x.centre_id = $1 order by x.planned_at, x.id""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield _cells(row)
