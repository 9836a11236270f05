"""What is shown of a place beside its session: the unit that is tested, the room, and where it is.

Thousands of sessions share a few of them, and they are the same for weeks. So a list is read from the sessions alone, with
the version of their surroundings, and who keeps these reads them anew only when the version is another one.
"""

from uuid import UUID

import asyncpg
from msgspec import Struct


class Unit(Struct, frozen=True):
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    scheme: str


class Room(Struct, frozen=True):
    centre_code: str
    centre_name: str
    room_name: str
    street: str
    postcode: str
    municipality: str
    accessible: bool


class Surroundings(Struct, frozen=True):
    """All of them, at least as new as their version."""

    version: UUID
    units: dict[UUID, Unit]
    rooms: dict[UUID, Room]


class Known:
    """What one process knows of them: `await known.at(tx, version)`."""

    def __init__(self) -> None:
        self._last: Surroundings | None = None

    async def at(self, tx: asyncpg.Connection, version: UUID) -> Surroundings:
        """The surroundings of that version, or newer ones."""
        if self._last is None or self._last.version != version:
            self._last = await read(tx)
        return self._last


async def read(tx: asyncpg.Connection) -> Surroundings:
    """What they are now. The version is asked first: what is newer than it says is merely read again."""
    version = await tx.fetchval("select version from scheduling.surroundings_version")
    units = await tx.fetch("select id, code, label, trade_label, scheme from scheduling.unit_shown")
    rooms = await tx.fetch(
        """select id, centre_code, centre_name, room_name, street, postcode, municipality, accessible
           from scheduling.room_shown"""
    )
    return Surroundings(
        version,
        {identity: Unit(*said) for identity, *said in units},
        {identity: Room(*said) for identity, *said in rooms},
    )
