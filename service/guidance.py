"""Guidance: who has to talk with a specialist of the trade before another attempt, and the note that they did.

Failures count across centres (domain rule of the validation scheme), so the house reads them here; which files a centre
may see and note stands in each statement: those of candidates who come to it, or who sit there and say their address, for
trades that it is accredited for today.
"""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import enrolments, units
from assessments.enrolments import Advice
from service.i18n import Words
from service.refusals import NotFound

MOST = 200  # files on one page; whoever needs guidance longest comes first


class File(Struct, frozen=True):
    """A candidate's file for a unit; `failures` since the last guidance, in any centre; `guided_at`: the last one."""

    enrolment_id: UUID
    given_name: str
    family_name: str
    unit_code: str
    unit_label: dict[str, str]
    failures: int
    guided_at: datetime | None


class GuidedUnit(Struct, frozen=True):
    """A unit whose candidates the centre guides."""

    code: str
    label: dict[str, str]


def comes_first(failures: int, w: Words) -> str:
    """Why there is no place before a meeting. `failures`: how many the scheme allows before it."""
    return w.ngettext(
        "After %(num)d failure on this unit, a specialist of the trade helps you to prepare. Ask any accredited centre "
        "for a meeting; after it you can book again.",
        "After %(num)d failures on this unit, a specialist of the trade helps you to prepare. Ask any accredited centre "
        "for a meeting; after it you can book again.",
        failures,
    )


async def needed(tx: asyncpg.Connection, centre_id: UUID | None, *, now: datetime) -> list[File]:
    """Files of candidates who come to the centre and cannot book before they are guided, the longest since their last
    failure first. None asks for every centre."""
    rows = await tx.fetch(
        """select e.id as enrolment_id, c.given_name, c.family_name, u.code as unit_code, u.label::jsonb as unit_label,
                  f.failures, e.guided_at
           from assessments.enrolments e
           join assessments.candidates c on c.id = e.candidate_id and c.erased_at is null
           join assessments.units u on u.id = e.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes k on k.code = t.scheme and k.failures_before_guidance > 0
           join lateral (select max(d.released_at) as last_at from assessments.decisions d
                         where d.candidate_id = c.id and d.unit_id = u.id and d.outcome = 'fail') d on d.last_at is not null
           cross join lateral (select assessments.failures_since_guidance(c.id, u.id) as failures) f
           where e.withdrawn_at is null and f.failures >= k.failures_before_guidance
             and ($1::uuid is null or assessments.accredited($1, u.id, tstzrange($2, $2, '[]')) and exists (
                 select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                 where b.candidate_id = c.id and s.centre_id = $1))
           order by d.last_at, e.id limit $3""",
        centre_id,
        now,
        MOST,
    )
    return [msgspec.convert(dict(row), File) for row in rows]


async def guided_units(tx: asyncpg.Connection, centre_id: UUID, *, now: datetime) -> list[GuidedUnit]:
    """Units that the centre is accredited for today and whose scheme knows guidance, by code."""
    rows = await tx.fetch(
        """select u.code, u.label::jsonb as label from assessments.units u
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes k on k.code = t.scheme and k.failures_before_guidance > 0
           where assessments.accredited($1, u.id, tstzrange($2, $2, '[]')) order by u.code""",
        centre_id,
        now,
    )
    return [msgspec.convert(dict(row), GuidedUnit) for row in rows]


async def note(
    tx: asyncpg.Connection, centre_id: UUID | None, enrolment_id: UUID, advice: Advice, *, by: UUID, now: datetime
) -> None:
    """The meeting took place, with this advice: failures count anew, and whatever it is, the candidate may book.

    Refuses NotFound for a file that the centre cannot see, or a trade that it is not accredited for (None: every file);
    EnrolmentWithdrawn.
    """
    seen = await tx.fetchval(
        """select $1::uuid is null or assessments.accredited($1, e.unit_id, tstzrange($3, $3, '[]')) and exists (
                      select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                      where b.candidate_id = e.candidate_id and s.centre_id = $1)
           from assessments.enrolments e where e.id = $2""",
        centre_id,
        enrolment_id,
        now,
    )
    if not seen:
        raise NotFound
    await enrolments.guide(tx, enrolment_id, advice, by=by, now=now)


async def note_of_address(
    tx: asyncpg.Connection, centre_id: UUID, email: str, unit_code: str, advice: Advice, *, by: UUID, now: datetime
) -> None:
    """The same for whoever sits there and says their address, whatever centre they come from; it opens their file for the
    unit if there is none. Refuses NotFound: nobody with that address, or no unit that the centre guides."""
    if unit_code not in {unit.code for unit in await guided_units(tx, centre_id, now=now)}:
        raise NotFound
    candidate_id: UUID | None = await tx.fetchval(
        """select a.candidate_id from service.accounts a join assessments.candidates c on c.id = a.candidate_id
           where a.email = $1 and a.role = 'candidate' and a.disabled_at is null and c.erased_at is null""",
        email,
    )
    if candidate_id is None:
        raise NotFound
    unit = await units.get(tx, unit_code)
    enrolment_id = await enrolments.enrol(tx, candidate_id, unit.id, by=by, now=now)
    await enrolments.guide(tx, enrolment_id, advice, by=by, now=now)
