"""Rooms: their kind, their stations."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from msgspec import Struct, to_builtins

from scheduling.refusals import NotFound


class Room(Struct, frozen=True):
    id: UUID
    centre_id: UUID
    site: str
    name: str
    kind: str
    stations: int
    accessible: bool


class New(Struct, frozen=True):
    """A room to be. `stations`: how many candidates can work in it at the same time."""

    site_id: UUID
    name: str
    kind: str
    stations: int
    accessible: bool = True


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
    return (await add_all(tx, centre_id, [New(site_id, name, kind, stations, accessible)]))[0]


async def add_all(tx: asyncpg.Connection, centre_id: UUID, new: Sequence[New]) -> list[UUID]:
    """Record rooms of a centre's sites, each name of a site once, by one statement; return their ids in the order given."""
    rows = await tx.fetch(
        """with given as materialized (
               select g.* from rows from (jsonb_to_recordset($2) as (
                   site_id uuid, name text, kind text, stations int, accessible boolean)) with ordinality
                   g (site_id, name, kind, stations, accessible, place)),
           added as (
               insert into scheduling.rooms (centre_id, site_id, name, kind, stations, accessible)
               select $1, site_id, name, kind, stations, accessible from given order by place
               on conflict (site_id, name) do update
                   set kind = excluded.kind, stations = excluded.stations, accessible = excluded.accessible
               returning id, site_id, name)
           select a.id from given g join added a using (site_id, name) order by g.place""",
        centre_id,
        [to_builtins(each) for each in new],
    )
    return [row["id"] for row in rows]


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
