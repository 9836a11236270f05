"""Rooms: their kind, their stations."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling.refusals import NotFound


class Room(Struct, frozen=True):
    id: UUID
    centre_id: UUID
    site: str
    name: str
    kind: str
    stations: int
    accessible: bool


async def add(
    tx: asyncpg.Connection,
    *,
    centre_id: UUID,
    site_id: UUID,
    name: str,
    kind: str,
    stations: int,
    accessible: bool = True,
) -> UUID:
    """Record a room of a site. `stations`: how many candidates can work in it at the same time."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into scheduling.rooms (centre_id, site_id, name, kind, stations, accessible)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (site_id, name) do update set kind = $4, stations = $5, accessible = $6
           returning id""",
        centre_id,
        site_id,
        name,
        kind,
        stations,
        accessible,
    )


async def change(
    tx: asyncpg.Connection, room_id: UUID, *, name: str, kind: str, stations: int, accessible: bool
) -> None:
    """Say anew what a room is. Refuses SeatsExceedCapacity and RoomUnsuitable where coming sessions count on what it was."""
    await tx.execute(
        "update scheduling.rooms set name = $2, kind = $3, stations = $4, accessible = $5 where id = $1",
        room_id,
        name,
        kind,
        stations,
        accessible,
    )


async def get(tx: asyncpg.Connection, room_id: UUID) -> Room:
    row = await tx.fetchrow(
        """select r.id, r.centre_id, s.name as site, r.name, r.kind, r.stations, r.accessible
           from scheduling.rooms r join scheduling.sites s on s.id = r.site_id where r.id = $1""",
        room_id,
    )
    if row is None:
        raise NotFound
    return Room(**row)


async def of_centre(tx: asyncpg.Connection, centre_id: UUID) -> list[Room]:
    """The rooms in use of a centre, by site and name."""
    rows = await tx.fetch(
        """select r.id, r.centre_id, s.name as site, r.name, r.kind, r.stations, r.accessible
           from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           where r.centre_id = $1 and r.retired_at is null order by s.name, r.name""",
        centre_id,
    )
    return [Room(**row) for row in rows]
