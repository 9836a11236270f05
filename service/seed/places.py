"""Centres, sites, rooms, pieces of equipment, hours, holidays: as data/places.toml says."""

from datetime import date, datetime, time
from uuid import UUID

import asyncpg
import holidays
from msgspec import Struct

from scheduling import centres, closures, equipment, opening_hours, rooms, sites, travel_times
from service.seed.replay import data

OPENS, CLOSES = time(7, 30), time(18, 30)
SATURDAY, SUNDAY, NOON = 6, 7, time(13)
WINTER = (12, 26), (12, 31)


class Room(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    kind: str
    stations: int
    accessible: bool = True
    saturday: bool = False
    sunday: bool = False


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    street: str
    postcode: str
    municipality: str
    rooms: tuple[Room, ...]


class Centre(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    email: str
    sector: dict[str, str]
    equipment: dict[str, int]
    sites: tuple[Site, ...]


class Way(Struct, frozen=True, forbid_unknown_fields=True):
    """How long it is between two sites, by their names."""

    sites: tuple[str, str]
    minutes: int


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    ways: tuple[Way, ...]
    centres: tuple[Centre, ...]
    pieces: dict[str, str]
    accredited: dict[str, tuple[str, ...]]


async def put(tx: asyncpg.Connection, *, years: tuple[int, ...], now: datetime) -> dict[str, UUID]:
    """Record every place; return the centres' ids by code. Public holidays are those of `years`."""
    written = data("places.toml", Places)
    found = {}
    for centre in written.centres:
        centre_id = found[centre.code] = await centres.found(
            tx, code=centre.code, name=centre.name, sector=centre.sector, email=centre.email
        )
        for site in centre.sites:
            await _put_site(tx, centre_id, site)
        for kind, count in centre.equipment.items():
            for number in range(1, count + 1):
                await equipment.add(tx, centre_id=centre_id, kind=kind, name=f"{written.pieces[kind]} {number}")
        for year in years:
            await closures.close_on_public_holidays(tx, centre_id=centre_id, year=year)
        await _close_between_the_years(tx, centre_id, years, now)
    return found


async def lay_the_ways(tx: asyncpg.Connection) -> None:
    """Say how long it is between the sites; from then on juries are asked about it."""
    rows = await tx.fetch("select name, id from scheduling.sites")
    by_name = {row["name"]: row["id"] for row in rows}
    for way in data("places.toml", Places).ways:
        one, other = (by_name[name] for name in way.sites)
        await travel_times.put(tx, one, other, minutes=way.minutes)


async def _put_site(tx: asyncpg.Connection, centre_id: UUID, site: Site) -> None:
    site_id = await sites.add(
        tx,
        centre_id=centre_id,
        name=site.name,
        street=site.street,
        postcode=site.postcode,
        municipality=site.municipality,
    )
    for room in site.rooms:
        room_id = await rooms.add(
            tx,
            centre_id=centre_id,
            site_id=site_id,
            name=room.name,
            kind=room.kind,
            stations=room.stations,
            accessible=room.accessible,
        )
        for weekday in range(1, SATURDAY):
            await opening_hours.set_day(tx, room_id=room_id, weekday=weekday, opens=OPENS, closes=CLOSES)
        if room.saturday:
            await opening_hours.set_day(tx, room_id=room_id, weekday=SATURDAY, opens=time(8), closes=time(17))
        if room.sunday:
            await opening_hours.set_day(tx, room_id=room_id, weekday=SUNDAY, opens=time(8), closes=NOON)


async def _close_between_the_years(
    tx: asyncpg.Connection, centre_id: UUID, years: tuple[int, ...], now: datetime
) -> None:
    for year in years:
        starts_at, ends_at = (
            closures.whole_day(date(year, *WINTER[0]))[0],
            closures.whole_day(date(year, *WINTER[1]))[1],
        )
        await closures.close(
            tx,
            centre_id=centre_id,
            starts_at=starts_at,
            ends_at=ends_at,
            reason="Fermeture entre Noël et Nouvel An",
            by=None,
            now=now,
        )


def is_closed(day: date) -> bool:
    """A weekend, a public holiday, or the days between the years: nothing is planned then in the coming weeks."""
    between_the_years = WINTER[0] <= (day.month, day.day) <= WINTER[1]
    return day.weekday() > 4 or between_the_years or day in holidays.country_holidays("BE", years=day.year)
