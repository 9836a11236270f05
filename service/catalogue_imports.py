"""One edited file of the catalogue, imported by itself: a trade with its units, or the grid of one unit.

It is read among the shipped files, so that every rule that binds them binds it; what it does not speak of stays as it
is in the database, where an earlier import may have changed it.
"""

import re
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec
from msgspec import Struct

from assessments import catalogue, catalogue_files, standards, units
from assessments.catalogue_files import Catalogue, Trade
from assessments.grids import Grid

SHIPPED = Path(catalogue_files.__file__).with_name("catalogue_data")
NAME = re.compile(r"(?P<trade>[a-z]{4})(?P<unit>-[0-9a-z]{1,2}\.grid)?\.toml")


class UnknownFile(Exception):
    """The name says neither which trade nor which unit it is about."""


class Edited(Struct, frozen=True):
    """What a file says: a trade, or the grid of a unit; with the shipped catalogue around it."""

    around: Catalogue
    trade: Trade
    grid_of: str | None


def read(name: str, body: bytes) -> Edited:
    """Read an edited file that bears the name of the shipped one it replaces; blocking. Refuses UnknownFile, CatalogueFault."""
    found = NAME.fullmatch(name.lower())
    home = next((file.parent.name for file in SHIPPED.glob(f"*/{found['trade']}.toml")), None) if found else None
    if found is None or home is None:
        raise UnknownFile(name)
    with tempfile.TemporaryDirectory(prefix="preuve-catalogue-") as folder:
        copy = shutil.copytree(SHIPPED, Path(folder) / "catalogue")
        (copy / home / name.lower()).write_bytes(body)
        try:
            around = catalogue_files.load(copy)
        except catalogue_files.CatalogueFault as fault:
            raise catalogue_files.CatalogueFault(fault.file.relative_to(copy), fault.path, fault.remedy) from None
    trade = next(trade for trade in around.trades if trade.code == found["trade"].upper())
    return Edited(around, trade, name.upper().partition(".")[0] if found["unit"] else None)


async def record(tx: asyncpg.Connection, edited: Edited, *, now: datetime) -> catalogue.Import:
    """Publish what differs from what is in force; say what that was."""
    grids = {unit.code: await _grid(tx, edited, unit.code) for unit in edited.trade.units}
    alone = msgspec.structs.replace(edited.around, schemes=(), trades=(edited.trade,), grids=grids)
    if edited.grid_of is None:
        return msgspec.structs.replace(await catalogue.import_catalogue(tx, alone, now=now), absent=())
    return catalogue.Import((), (), await _renew_grid(tx, edited.grid_of, grids[edited.grid_of], now), ())


async def _grid(tx: asyncpg.Connection, edited: Edited, code: str) -> Grid:
    """The edited one; for the other units the one in the database, if there is one."""
    if code != edited.grid_of:
        for unit in await units.every(tx):
            latest = await standards.latest(tx, unit.id) if unit.code == code else None
            if latest is not None:
                return latest.content.grid
    return edited.around.grids[code]


async def _renew_grid(tx: asyncpg.Connection, code: str, grid: Grid, now: datetime) -> tuple[str, ...]:
    unit = await units.get(tx, code)
    latest = await standards.in_force(tx, unit.id, now)
    content = msgspec.structs.replace(latest.content, grid=grid)
    if content == latest.content:
        return ()
    standard_id = await standards.draft(tx, unit.id, content)
    await standards.publish(tx, standard_id, now=now)
    return (f"{code} v{(await standards.get(tx, standard_id)).version}",)
