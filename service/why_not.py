"""Why not? The nearest reason why there is no place, what is short, and the nearest way out: for pages and programs."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from service.i18n import N_

Bottleneck = Literal["room", "equipment", "evaluator", "observer", "language", "accreditation", "planning", "none"]

# What is short, and what would have to change.
SAID: dict[Bottleneck, tuple[str, str]] = {
    "room": (N_("There is no more room"), N_("A bigger room, or another date, would make places.")),
    "equipment": (N_("There is not enough equipment"), N_("One more piece of equipment would make one more place.")),
    "evaluator": (N_("There are too few evaluators"), N_("One more evaluator on that day would make more places.")),
    "observer": (N_("There is no observer"), N_("Somebody from outside the centre has to watch the test.")),
    "language": (
        N_("Nobody who speaks this language can assess the test"),
        N_("In another language there may be a place now."),
    ),
    "accreditation": (
        N_("No centre may hold this test at the moment"),
        N_("The accreditation of the centre has to be renewed first."),
    ),
    "planning": (N_("No date is planned at the moment"), N_("Everything needed is there: a centre has to set a date.")),
    "none": (N_("All places are taken"), N_("Places come free when somebody cancels.")),
}


class WhyNot(Struct, frozen=True):
    """`bottleneck`: what sets the limit; `limits`: seats that each resource would allow, in the session asked about;
    `waiting`: how many wait for the unit, `before_me` of them before the reader (None: the reader does not wait);
    `next_at`: the soonest other place that takes bookings and is free, if there is one."""

    bottleneck: Bottleneck
    limits: dict[str, int]
    waiting: int
    before_me: int | None
    next_session_id: UUID | None
    next_at: datetime | None

    @property
    def said(self) -> tuple[str, str]:
        """What is short and what would have to change, as English sentences to translate."""
        return SAID[self.bottleneck]


async def of_session(
    tx: asyncpg.Connection, session_id: UUID, candidate_id: UUID | None, *, now: datetime
) -> WhyNot | None:
    """Why a session has no more seats; None where there is no such session."""
    row = await tx.fetchrow(
        """select s.unit_id, s.seats, scheduling.seat_limits(s.id) as limits from scheduling.sessions s where s.id = $1""",
        session_id,
    )
    if row is None:
        return None
    limits: dict[str, int] = row["limits"]
    tightest = min(limits, key=lambda name: limits[name])
    bottleneck = tightest if limits[tightest] <= row["seats"] else "none"
    return await _with_line(
        tx, row["unit_id"], bottleneck, limits, candidate_id, language=None, but=session_id, now=now
    )


async def of_unit(
    tx: asyncpg.Connection, unit_id: UUID, language: str | None, candidate_id: UUID | None, *, now: datetime
) -> WhyNot:
    """Why no session of a unit, in a language or in any, takes bookings: what is missing, the furthest back first."""
    row = await tx.fetchrow(
        """with wanted as (
               select u.id, t.id as trade_id, k.needs_accreditation, k.observers_min, st.room_kind, st.equipment_kind
               from assessments.units u join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               join lateral (select x.* from assessments.standards x where x.unit_id = u.id and x.published_at is not null
                               and x.retired_at is null order by x.version desc limit 1) st on true
               where u.id = $1)
           select exists (select from scheduling.sessions s where s.unit_id = $1 and s.opened_at is not null
                            and s.locked_at is null and s.cancelled_at is null and lower(s.test_time) > $3
                            and ($2::text is null or s.language = $2)) as is_open,
                  not w.needs_accreditation or exists (select from assessments.accreditations a
                      where a.trade_id = w.trade_id and a.valid @> service.day($3)) as accredited,
                  exists (select from scheduling.rooms r where r.kind = w.room_kind and r.retired_at is null) as has_room,
                  w.equipment_kind is null or scheduling.has_equipment(w.equipment_kind) as has_equipment,
                  assessments.has_assessor(w.trade_id, 'evaluator', null, $3) as has_evaluator,
                  w.observers_min = 0 or assessments.has_assessor(w.trade_id, 'observer', null, $3) as has_observer,
                  assessments.has_assessor(w.trade_id, 'evaluator', $2, $3)
                  and (w.observers_min = 0 or assessments.has_assessor(w.trade_id, 'observer', $2, $3)) as speaks
           from wanted w""",
        unit_id,
        language,
        now,
    )
    bottleneck: Bottleneck = "planning"
    if row is not None:
        found: tuple[tuple[bool, Bottleneck], ...] = (
            (row["is_open"], "none"),
            (not row["accredited"], "accreditation"),
            (not row["has_room"], "room"),
            (not row["has_equipment"], "equipment"),
            (not row["has_evaluator"], "evaluator"),
            (not row["has_observer"], "observer"),
            (not row["speaks"], "language"),
        )
        bottleneck = next((name for is_it, name in found if is_it), "planning")
    return await _with_line(tx, unit_id, bottleneck, {}, candidate_id, language=language, but=None, now=now)


async def _with_line(
    tx: asyncpg.Connection,
    unit_id: UUID,
    bottleneck: str,
    limits: dict[str, int],
    candidate_id: UUID | None,
    *,
    language: str | None,
    but: UUID | None,
    now: datetime,
) -> WhyNot:
    row = await tx.fetchrow(
        """select scheduling.line_length($1) as waiting,
                  (select l.place - 1 from scheduling.waiting_line l where l.unit_id = $1 and l.candidate_id = $2) as before_me,
                  n.id as next_session_id, n.starts_at as next_at
           from (select 1) one left join lateral (
               select s.id, lower(s.test_time) as starts_at from scheduling.sessions s
               where s.unit_id = $1 and s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
                 and lower(s.test_time) > $3 and s.taken < s.seats and s.id is distinct from $4
                 and ($5::text is null or s.language = $5)
               order by lower(s.test_time), s.id limit 1) n on true""",
        unit_id,
        candidate_id,
        now,
        but,
        language,
    )
    assert row is not None
    return msgspec.convert({**row, "bottleneck": bottleneck, "limits": limits}, WhyNot)
