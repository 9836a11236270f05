"""The ground that the replay stands on: catalogue, places, people, and an account for each who tries the service."""

from datetime import date, datetime
from uuid import UUID

import asyncpg

from assessments import catalogue, catalogue_files, schemes, standards, trades, units
from scheduling import rooms
from service.seed import accreditations, people, places
from service.seed.replay import Centre, Ground

YEARS_AHEAD = 2


async def import_catalogue(tx: asyncpg.Connection, *, now: datetime) -> int:
    """Bring in the catalogue that is shipped with the package; return the number of its units."""
    written = catalogue_files.load()
    await catalogue.import_catalogue(tx, written, now=now)
    return len(written.units)


async def lay(tx: asyncpg.Connection, *, first_day: date, today: date, now: datetime) -> Ground:
    """Record places, accreditations, assessors and accounts for everything from `first_day` on."""
    years = (first_day.year, first_day.year + 1, *range(today.year, today.year + YEARS_AHEAD))
    centre_ids = await places.put(tx, years=tuple(sorted(set(years))), now=now)
    await accreditations.put(tx, centre_ids, today=today)
    keyed = await people.put(tx, centre_ids, now=now)
    accounts = await people.open_accounts(tx, centre_ids, keyed, now=now)
    every_unit = await units.every(tx)
    return Ground(
        centres={
            code: Centre(
                centre_id, code, tuple(await rooms.of_centre(tx, centre_id)), keyed[f"manager.{code}"], accounts[code]
            )
            for code, centre_id in centre_ids.items()
        },
        schemes={unit.scheme: await schemes.get(tx, unit.scheme) for unit in every_unit},
        units={unit.code: unit for unit in every_unit},
        standards={unit.code: await _in_force(tx, unit.id) for unit in every_unit},
        home=await _homes(tx, every_unit),
        assessors=keyed,
    )


async def _in_force(tx: asyncpg.Connection, unit_id: UUID) -> standards.Standard:
    standard = await standards.latest(tx, unit_id)
    assert standard is not None
    return standard


async def _homes(tx: asyncpg.Connection, every_unit: list[units.Unit]) -> dict[str, str]:
    centre_of = {trade.code: trade.centre_code for trade in await trades.every(tx)}
    return {unit.code: centre_of[unit.trade_code] for unit in every_unit}
