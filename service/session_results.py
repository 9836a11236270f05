"""A session after its test: how far the jury is with everybody who attended, and whether all of it can be told."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import deliberations
from assessments.agreement import Agreement
from assessments.decisions import Profile
from assessments.marking import Outcome, Proposed
from service import agenda
from service.agenda import SessionLine
from service.refusals import NotFound


class Judged(Struct, frozen=True):
    """One candidate who attended. `agreement` and `proposal`: None until all grids are submitted; `is_tied`: a tie came on
    record that keeps this jury from judging them."""

    booking_id: UUID
    name: str
    proposal: Proposed | None
    differences: int
    agreement: Agreement | None
    is_tied: bool
    annulled_at: datetime | None
    jury_outcome: Outcome | None
    decision: Outcome | None
    released_at: datetime | None

    @property
    def is_decided(self) -> bool:
        return self.decision is not None or self.annulled_at is not None


class Rules(Struct, frozen=True):
    """`together`: nobody is told before the whole session is deliberated; `profile`: who may take the decisions."""

    together: bool
    profile: Profile


class Overview(Struct, frozen=True):
    line: SessionLine
    rules: Rules
    candidates: tuple[Judged, ...]

    @property
    def undecided(self) -> int:
        return sum(not one.is_decided for one in self.candidates)

    @property
    def untold(self) -> int:
        """Decisions that wait for their release."""
        return sum(one.decision is not None and one.released_at is None for one in self.candidates)


async def session_of(tx: asyncpg.Connection, booking_id: UUID) -> UUID:
    """The session of a booking that is known to be within reach."""
    return await tx.fetchval("select b.session_id from scheduling.bookings b where b.id = $1", booking_id)  # type: ignore[no-any-return]


async def rules(tx: asyncpg.Connection, session_id: UUID) -> Rules:
    """What the session's scheme asks of its decisions. Refuses NotFound, also where it has no jury that decides."""
    scheme = await tx.fetchrow(
        """select k.release_together as together, k.decision_profile as profile from scheduling.sessions s
           join assessments.units u on u.id = s.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes k on k.code = t.scheme
           where s.id = $1 and k.decision_profile <> 'none'""",
        session_id,
    )
    if scheme is None:
        raise NotFound
    return Rules(**scheme)


async def of_session(tx: asyncpg.Connection, session_id: UUID) -> Overview:
    """Everybody who attended, by name. Refuses NotFound, also where the scheme has no jury that decides."""
    asked = await rules(tx, session_id)
    rows = await tx.fetch(
        """select b.id as booking_id, c.given_name || ' ' || c.family_name as name,
                  assessments.jury_is_tied(b.id) and l.id is null as is_tied, n.granted_at as annulled_at,
                  l.outcome as jury_outcome, d.outcome as decision, d.released_at
           from scheduling.bookings b
           join assessments.candidates c on c.id = b.candidate_id
           left join assessments.deliberations l on l.booking_id = b.id
           left join assessments.decisions d on d.booking_id = b.id and d.superseded_at is null
           left join assessments.new_tests n on n.booking_id = b.id
           where b.session_id = $1 and b.attended_at is not null order by c.family_name, c.given_name, b.id""",
        session_id,
    )
    return Overview(
        line=await agenda.session(tx, session_id),
        rules=asked,
        candidates=tuple([await _judged(tx, row) for row in rows]),
    )


async def _judged(tx: asyncpg.Connection, row: asyncpg.Record) -> Judged:
    reading = await deliberations.reading(tx, row["booking_id"])
    return Judged(
        **row,
        proposal=reading.proposal.outcome if reading else None,
        differences=len(reading.proposal.disagreements) if reading else 0,
        agreement=reading.agreement if reading else None,
    )
