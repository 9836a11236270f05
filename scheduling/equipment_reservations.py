"""Which pieces of equipment a session holds, from set-up to tear-down."""

from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling.refusals import EquipmentShort


async def reserve(tx: asyncpg.Connection, session_id: UUID, equipment_id: UUID) -> UUID:
    """Give a session one piece. Refuses EquipmentBusy, EquipmentUnsuitable."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.equipment_reservations (session_id, equipment_id, during)
           select s.id, $2, s.occupied from scheduling.sessions s where s.id = $1 returning id""",
        session_id,
        equipment_id,
    )


async def reserve_what_is_needed(tx: asyncpg.Connection, session_id: UUID) -> int:
    """Give a session free pieces of its standard's kind, one a seat; return how many were added.

    Refuses EquipmentShort when the centre has too few free ones, EquipmentBusy when a rival took one meanwhile.
    """
    counts = await tx.fetchrow(
        """with wanted as (
               select s.id, s.centre_id, s.occupied, st.equipment_kind as kind,
                      s.seats - (
                          select count(*) from scheduling.equipment_reservations q
                          join scheduling.equipment e on e.id = q.equipment_id
                          where q.session_id = s.id and q.released_at is null and e.kind = st.equipment_kind) as missing
               from scheduling.sessions s join assessments.standards st on st.id = s.standard_id
               where s.id = $1 and st.equipment_kind is not null),
           free as (
               select w.id, e.id as equipment_id, w.occupied, row_number() over (order by e.name) as nth, w.missing
               from wanted w join scheduling.equipment e
                    on e.centre_id = w.centre_id and e.kind = w.kind and e.retired_at is null
               where not exists (select from scheduling.equipment_reservations q
                                 where q.equipment_id = e.id and q.released_at is null and q.during && w.occupied)),
           taken as (
               insert into scheduling.equipment_reservations (session_id, equipment_id, during)
               select id, equipment_id, occupied from free where nth <= missing returning 1)
           select coalesce((select greatest(missing, 0) from wanted), 0)::int as needed,
                  (select count(*) from taken)::int as added""",
        session_id,
    )
    if counts is None or counts["added"] < counts["needed"]:
        raise EquipmentShort
    return int(counts["added"])


async def release(tx: asyncpg.Connection, session_id: UUID, equipment_id: UUID, *, now: datetime) -> None:
    """Give back one piece. At commit SeatsExceedCapacity, unless another took its place."""
    await tx.execute(
        """update scheduling.equipment_reservations set released_at = $3
           where session_id = $1 and equipment_id = $2 and released_at is null""",
        session_id,
        equipment_id,
        now,
    )


async def release_all(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> None:
    """Give back every piece of a session."""
    await tx.execute(
        """update scheduling.equipment_reservations set released_at = $2
           where session_id = $1 and released_at is null""",
        session_id,
        now,
    )
