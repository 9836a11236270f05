"""What stands around a standard while it is written: its unit, its scheme, what is in force, what is still missing."""

from datetime import datetime
from functools import cache
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import catalogue_files, pictures, schemes, standard_checks, standard_files, standards, trades, units
from assessments.refusals import NotFound
from assessments.schemes import Scheme
from assessments.standard_checks import Fault, Kinds
from assessments.standard_refusals import StandardIncomplete
from assessments.standards import Content, Standard
from assessments.trades import Trade
from assessments.units import Unit
from service import access
from service.accounts import Account


class Desk(Struct, frozen=True):
    """`before`: the version in force; `sessions`: how many were planned with this one."""

    unit: Unit
    trade: Trade
    scheme: Scheme
    standard: Standard
    before: Standard | None
    sessions: int
    faults: tuple[Fault, ...]
    untranslated: tuple[Fault, ...]

    @property
    def is_overtaken(self) -> bool:
        """Another version came into force since the draft was begun."""
        before = self.before.id if self.before else None
        return self.standard.is_draft and before is not None and before != self.standard.copied_from


@cache
def kinds() -> Kinds:
    """The kinds of room and of equipment that the shipped catalogue knows."""
    catalogue = catalogue_files.load()
    return Kinds(frozenset(one.code for one in catalogue.rooms), frozenset(one.code for one in catalogue.equipment))


async def of(tx: asyncpg.Connection, me: Account, standard_id: UUID) -> Desk:
    """Everything around a version. Refuses NotFound: a draft is there for those who write it."""
    standard = await standards.get(tx, standard_id)
    if standard.is_draft and not access.rule("standards", "edit").admits(me):
        raise NotFound
    unit = await _unit(tx, standard.unit_id)
    scheme = await schemes.get(tx, unit.scheme)
    of_unit = await standards.of_unit(tx, unit.id)
    return Desk(
        unit=unit,
        trade=await trades.get(tx, unit.trade_code),
        scheme=scheme,
        standard=standard,
        before=next((one for one in of_unit if one.published_at and not one.retired_at), None),
        sessions=await _sessions(tx, standard_id),
        faults=standard_checks.faults(standard.content, scheme, kinds()),
        untranslated=standard_checks.untranslated(standard.content),
    )


async def draft_of(tx: asyncpg.Connection, me: Account, standard_id: UUID) -> Desk:
    """The same, of a draft: what is published is not written any more. Refuses NotFound."""
    found = await of(tx, me, standard_id)
    if not found.standard.is_draft:
        raise NotFound
    return found


async def _unit(tx: asyncpg.Connection, unit_id: UUID) -> Unit:
    return next(one for one in await units.every(tx) if one.id == unit_id)


async def _sessions(tx: asyncpg.Connection, standard_id: UUID) -> int:
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select count(*) from scheduling.sessions s where s.standard_id = $1 and s.cancelled_at is null", standard_id
    )


async def publish(tx: asyncpg.Connection, me: Account, standard_id: UUID, *, revision: int, now: datetime) -> None:
    """Put a draft in force that has no fault. Refuses as standards.publish does, and StandardIncomplete."""
    await standards.publish(tx, standard_id, by=me.id, revision=revision, now=now)  # its lock comes first
    if (await of(tx, me, standard_id)).faults:
        raise StandardIncomplete


async def import_draft(
    tx: asyncpg.Connection,
    me: Account,
    unit_id: UUID,
    content: Content,
    shown: tuple[pictures.Picture, ...],
    *,
    now: datetime,
) -> UUID:
    """A new draft of what a file says, with its pictures; return its id."""
    for picture in shown:
        await pictures.keep(tx, picture, by=me.id, now=now)
    return await standards.draft(tx, unit_id, content, by=me.id, now=now)


async def exported(tx: asyncpg.Connection, unit: Unit, content: Content) -> bytes:
    """The file of a content, its pictures included."""
    hashes = {picture.sha256 for picture in content.grid.pictures}
    return standard_files.write(unit.code, content, {one: (await pictures.get(tx, one)).image for one in hashes})
