"""Which pieces of equipment a session holds, from set-up to tear-down."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from scheduling.refusals import EquipmentShort


async def reserve(tx: asyncpg.Connection, session_id: UUID, equipment_id: UUID) -> UUID:
    """Give a session one piece. Refuses EquipmentBusy, EquipmentUnsuitable, EquipmentOutOfOrder."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.equipment_reservations (session_id, equipment_id, during)
           select s.id, $2, s.occupied from scheduling.sessions s where s.id = $1 returning id""",
        session_id,
        equipment_id,
    )


async def reserve_what_is_needed(tx: asyncpg.Connection, session_id: UUID, *, broken: UUID | None = None) -> int:
    """Give a session free pieces of its standard's kind that are in order, one a seat; return how many were added. `broken`
    is none of them, whether that is entered already or not.

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
                    on e.centre_id = w.centre_id and e.kind = w.kind and scheduling.is_usable(e.id, w.occupied, w.id)
               where e.id is distinct from $2
                 and not exists (select from scheduling.equipment_reservations q
                                 where q.equipment_id = e.id and q.session_id = w.id and q.released_at is null)),
           taken as (
               insert into scheduling.equipment_reservations (session_id, equipment_id, during)
               select id, equipment_id, occupied from free where nth <= missing returning 1)
           select coalesce((select greatest(missing, 0) from wanted), 0)::int as needed,
                  (select count(*) from taken)::int as added""",
        session_id,
        broken,
    )
    if counts is None or counts["added"] < counts["needed"]:
        raise EquipmentShort
    return int(counts["added"])


async def reserve_for_all(tx: asyncpg.Connection, session_ids: Sequence[UUID]) -> None:
    """Give new sessions, one after another, what each needs (see `reserve_what_is_needed`), or none of them anything."""
    needs = await tx.fetch(
        """select s.id, s.centre_id, st.equipment_kind, lower(s.occupied) as begins, upper(s.occupied) as ends, s.seats
           from unnest($1::uuid[]) with ordinality given (id, place)
           join scheduling.sessions s on s.id = given.id
           join assessments.standards st on st.id = s.standard_id
           where st.equipment_kind is not null order by given.place""",
        session_ids,
    )
    if not needs:
        return
    taken = _shared_out(needs, await _pieces(tx, needs))
    await tx.execute(
        """insert into scheduling.equipment_reservations (session_id, equipment_id, during)
           select s.id, given.equipment_id, s.occupied
           from unnest($1::uuid[], $2::uuid[]) given (session_id, equipment_id)
           join scheduling.sessions s on s.id = given.session_id""",
        [session_id for session_id, _ in taken],
        [equipment_id for _, equipment_id in taken],
    )


async def _pieces(tx: asyncpg.Connection, needs: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """What the centres have of these kinds, by name, and when each is held, or out of order, while any of the sessions
    lasts."""
    return await tx.fetch(
        """select e.id, e.centre_id, e.kind,
                  array(select row(lower(q.during), upper(q.during)) from scheduling.equipment_reservations q
                        where q.equipment_id = e.id and q.released_at is null
                          and q.during && tstzrange($3, $4)
                        union all
                        select row(lower(o.during), coalesce(upper(o.during), $4)) from scheduling.outages o
                        where o.equipment_id = e.id and o.back_at is null and o.during && tstzrange($3, $4)) as held
           from scheduling.equipment e
           where e.centre_id = any ($1::uuid[]) and e.kind = any ($2::text[]) and e.retired_at is null order by e.name""",
        list({need["centre_id"] for need in needs}),
        list({need["equipment_kind"] for need in needs}),
        min(need["begins"] for need in needs),
        max(need["ends"] for need in needs),
    )


def _shared_out(needs: Sequence[asyncpg.Record], pieces: Sequence[asyncpg.Record]) -> list[tuple[UUID, UUID]]:
    """Session and piece: to each session in turn the first ones that are free. Refuses EquipmentShort."""
    held = {piece["id"]: [*piece["held"]] for piece in pieces}
    taken = []
    for need in needs:
        free = [
            piece["id"]
            for piece in pieces
            if (piece["centre_id"], piece["kind"]) == (need["centre_id"], need["equipment_kind"])
            and all(ends <= need["begins"] or need["ends"] <= begins for begins, ends in held[piece["id"]])
        ][: need["seats"]]
        if len(free) < need["seats"]:
            raise EquipmentShort
        for equipment_id in free:
            held[equipment_id].append((need["begins"], need["ends"]))
            taken.append((need["id"], equipment_id))
    return taken


async def release(tx: asyncpg.Connection, session_id: UUID, equipment_id: UUID, *, now: datetime) -> None:
    """Give back one piece. At commit SeatsExceedCapacity, unless another took its place."""
    await tx.execute(
        """update scheduling.equipment_reservations set released_at = $3
           where session_id = $1 and equipment_id = $2 and released_at is null""",
        session_id,
        equipment_id,
        now,
    )


async def release_what_is_over(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> None:
    """Give back the pieces of its standard's kind that no seat needs any more, the last by name first."""
    await tx.execute(
        """update scheduling.equipment_reservations r set released_at = $2
           from (select q.id, s.seats, row_number() over (order by length(e.name), e.name) as nth
                 from scheduling.equipment_reservations q join scheduling.equipment e on e.id = q.equipment_id
                 join scheduling.sessions s on s.id = q.session_id
                 join assessments.standards st on st.id = s.standard_id and st.equipment_kind = e.kind
                 where q.session_id = $1 and q.released_at is null) held
           where r.id = held.id and held.nth > held.seats""",
        session_id,
        now,
    )


async def release_for_a_move(
    tx: asyncpg.Connection, session_id: UUID, *, starts_at: datetime, broken: UUID | None, now: datetime
) -> bool:
    """Give back the pieces that a session cannot have once it begins at `starts_at`, and say whether there are any: held by
    another session, out of order, or `broken`. `reserve_what_is_needed` takes others, once it has moved."""
    status = await tx.execute(
        """update scheduling.equipment_reservations q set released_at = $4
           from (select s.id, scheduling.widened(
                            tstzrange($2::timestamptz, $2 + (upper(s.test_time) - lower(s.test_time))),
                            s.setup_minutes, s.extra_minutes + s.teardown_minutes) as occupied
                 from scheduling.sessions s where s.id = $1) moved
           where q.session_id = moved.id and q.released_at is null
             and (q.equipment_id = $3 or not scheduling.is_usable(q.equipment_id, moved.occupied, moved.id))""",
        session_id,
        starts_at,
        broken,
        now,
    )
    return not status.endswith(" 0")


async def release_all(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> None:
    """Give back every piece of a session."""
    await tx.execute(
        """update scheduling.equipment_reservations set released_at = $2
           where session_id = $1 and released_at is null""",
        session_id,
        now,
    )
