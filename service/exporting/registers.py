"""Lists that can be imported again as they were exported: candidates, assessors, rooms, sessions."""

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg

from service.exporting.words import Asked, Row, cell
from service.i18n import BRUSSELS

AT_ONCE = 500


async def candidates(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """Those whom the centre brought, or who have or had a place there."""
    async for row in tx.cursor(
        """select coalesce(x.reference, c.id::text) as reference, lower(c.email) as email, c.given_name, c.family_name,
                  c.birth_date, c.language::text, c.status, c.phone, c.gender, c.municipality
           from assessments.candidates c
           left join service.external_references x
               on x.kind = 'candidates' and x.centre_id = $1 and x.subject_id = c.id
           where c.erased_at is null and (x.reference is not null or exists (
               select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
               where b.candidate_id = c.id and s.centre_id = $1))
           order by c.family_name, c.given_name, c.id""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield tuple(cell(value) for value in row)


async def assessors(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The centre's own people, and those from outside whom it brought."""
    async for row in tx.cursor(
        """select coalesce(x.reference, a.id::text) as reference, lower(a.email) as email, a.given_name, a.family_name,
                  array(select l from unnest(a.languages) l order by l) as languages, a.employer,
                  coalesce(a.centre_id = $1, false) as of_centre,
                  array(select distinct t.code from assessments.qualifications q
                        join assessments.trades t on t.id = q.trade_id
                        where q.assessor_id = a.id and q.role = 'evaluator' and not q.valid << daterange($2, null)
                        order by 1) as evaluator_for,
                  array(select distinct t.code from assessments.qualifications q
                        join assessments.trades t on t.id = q.trade_id
                        where q.assessor_id = a.id and q.role = 'observer' and not q.valid << daterange($2, null)
                        order by 1) as observer_for, null as qualified_from, null as qualified_until
           from assessments.assessors a
           left join service.external_references x
               on x.kind = 'assessors' and x.centre_id = $1 and x.subject_id = a.id
           where a.retired_at is null and (a.centre_id = $1 or a.centre_id is null and x.reference is not null)
           order by a.family_name, a.given_name, a.id""",
        asked.centre_id,
        asked.day,
        prefetch=AT_ONCE,
    ):
        yield tuple(cell(value) for value in row)


async def rooms(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """The rooms in use, with their hours."""
    async for row in tx.cursor(
        """select coalesce(x.reference, r.id::text) as reference, s.name as site, r.name, r.kind, r.stations, r.accessible,
                  (select string_agg(h.weekday || ' ' || to_char(h.opens, 'HH24:MI') || '-' || to_char(h.closes, 'HH24:MI'),
                                     '; ' order by h.weekday, h.opens)
                   from scheduling.opening_hours h where h.room_id = r.id) as opening_hours
           from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           left join service.external_references x on x.kind = 'rooms' and x.centre_id = $1 and x.subject_id = r.id
           where r.centre_id = $1 and r.retired_at is null order by s.name, r.name""",
        asked.centre_id,
        prefetch=AT_ONCE,
    ):
        yield tuple(cell(value) for value in row)


async def sessions(tx: asyncpg.Connection, asked: Asked) -> AsyncIterator[Row]:
    """What is planned from the day on, by its beginning; who sits in the jury by mail address."""
    async for row in tx.cursor(
        """select coalesce(x.reference, s.id::text) as reference, i.name as site, r.name as room, u.code as unit,
                  s.language::text, lower(s.test_time) as starts_at, s.seats,
                  array(select lower(a.email) from scheduling.jury_seats j
                        join assessments.assessors a on a.id = j.assessor_id
                        where j.session_id = s.id and j.released_at is null and j.role = 'evaluator' order by 1) as evaluators,
                  array(select lower(a.email) from scheduling.jury_seats j
                        join assessments.assessors a on a.id = j.assessor_id
                        where j.session_id = s.id and j.released_at is null and j.role = 'observer' order by 1) as observers,
                  array(select lower(a.email) from scheduling.jury_seats j
                        join assessments.assessors a on a.id = j.assessor_id
                        where j.session_id = s.id and j.released_at is null and j.role = 'manager' order by 1) as manager,
                  s.opened_at is not null as open
           from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
           join scheduling.sites i on i.id = r.site_id join assessments.units u on u.id = s.unit_id
           left join service.external_references x
               on x.kind = 'sessions' and x.centre_id = $1 and x.subject_id = s.id
           where s.centre_id = $1 and s.cancelled_at is null and lower(s.test_time) >= $2
           order by lower(s.test_time), r.name""",
        asked.centre_id,
        asked.since,
        prefetch=AT_ONCE,
    ):
        before, starts_at, after = row[:5], row["starts_at"], row[6:]
        yield (*(cell(value) for value in before), *wall(starts_at), *(cell(value) for value in after))


def wall(moment: datetime) -> Row:
    """Day and hour by the clock in Brussels."""
    local = moment.astimezone(BRUSSELS)
    return local.date(), local.time()
