"""The beat of the worker that carries imports on: one short step of the oldest one, and again as long as there is any."""

import asyncio
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import import_lines, imports, logs
from service.db import Database
from service.import_lines import Finding, Given
from service.importing import assessors, candidates, exchanges, fields, files, rooms, sessions
from service.importing.files import FORMULA, Sheet, Unreadable
from service.importing.lines import List, Scope
from service.imports import Import, Kind
from service.outbox import Reactions
from service.refusals import Overloaded, TryAgain, Unavailable
from service.wiring import Running

LISTS: dict[Kind, List] = {each.kind: each for each in (candidates.LIST, assessors.LIST, rooms.LIST, sessions.LIST)}
KEPT_AT_ONCE = 2_000


class Read(Struct, frozen=True):
    """Lines of a file, and the headings that its list does not know."""

    lines: list[Given]
    passed_over: list[str]


async def carry_on(running: Running, by_topic: Reactions) -> bool:
    """Take one step of the oldest import that has one; say whether there was any. A step that fails is tried again, and
    after imports.ATTEMPTS the import is given up: it never stops the others."""
    try:
        return await one_step(running.db, now=running.now())
    except (TryAgain, Overloaded, Unavailable):
        raise  # nothing is wrong with the file
    except Exception as error:
        logs.fault("an import failed", error)
        async with running.db.transaction() as tx:
            await imports.note_failure(tx, now=running.now())
    return True


async def one_step(db: Database, *, now: datetime) -> bool:
    """The next step of the oldest import that has one; whether there was any.

    A file is read between two transactions: XLSX of ten thousand lines takes seconds, in which nobody who calls it off is
    to wait, and PostgreSQL would end a transaction that does nothing."""
    async with db.transaction() as tx:
        asked = await imports.take(tx)
        if asked is None:
            return False
        await tx.execute("select service.acting($1, $2)", asked.asked_by, asked.asked_as)
        if asked.read_at is not None:
            await step(tx, asked, now=now)
            return True
        file = await imports.file_of(tx, asked.id)
    read = await asyncio.to_thread(_read, LISTS[asked.kind], file)
    async with db.transaction() as tx:
        if await imports.hold_unread(tx, asked.id):  # or another worker was faster, or it was called off
            await tx.execute("select service.acting($1, $2)", asked.asked_by, asked.asked_as)
            await _keep(tx, asked.id, read, now)
    return True


async def step(tx: asyncpg.Connection, asked: Import, *, now: datetime) -> None:
    """The next step of an import that is read, whose row this transaction has locked, and its mark."""
    scope = Scope(asked.kind, asked.centre_id, asked.asked_by, asked.asked_as == "administrator", now)
    if asked.checked_at is None:
        if not await _check(tx, asked.id, LISTS[asked.kind], scope):
            await imports.note_checked(tx, asked.id, now=now)
    elif not await _write(tx, asked.id, LISTS[asked.kind], scope):
        await imports.note_written(tx, asked.id, now=now)


def _read(a_list: List, file: bytes) -> Read | Unreadable:
    """What the file says; or why it says nothing."""
    try:
        return _given(a_list, files.read(file))
    except Unreadable as fault:
        return fault


async def _keep(tx: asyncpg.Connection, import_id: UUID, read: Read | Unreadable, now: datetime) -> None:
    if isinstance(read, Unreadable):
        await imports.note_unreadable(tx, import_id, read.code, passed_over=read.passed_over, now=now)
        return
    for start in range(0, len(read.lines), KEPT_AT_ONCE):
        await import_lines.keep(tx, import_id, read.lines[start : start + KEPT_AT_ONCE])
    await imports.note_read(tx, import_id, total=len(read.lines), passed_over=read.passed_over, now=now)


def _given(a_list: List, sheet: Sheet) -> Read:
    """The cells under their columns. Columns that the list does not know are passed over; lines that name the same thing
    are refused but for the first."""
    heading = fields.named(a_list.columns, sheet.heading)
    passed_over = ["=…" if each == FORMULA else each[:80] for each in heading.unknown]
    for code, wrong in (("columns", heading.missing), ("columns_twice", heading.twice)):
        if wrong:
            raise Unreadable(f"{code}:{', '.join(wrong)}", passed_over)
    if not sheet.lines:
        raise Unreadable("empty_file")
    seen: dict[tuple[str, ...], int] = {}
    given = []
    for number, row in sheet.lines:
        cells = {name: row[place] for place, name in heading.places.items() if place < len(row) and row[place]}
        found: list[Finding] = []
        if len(row) > len(sheet.heading):
            found.append(Finding("", row[len(sheet.heading)][:80], "too_many_cells"))
        for names in a_list.keys:
            key = (names[0], *(fields.folded(cells.get(name, "")) for name in names))
            if not cells.get(names[-1]):
                continue
            if first := seen.get(key):
                found.append(Finding(names[-1], cells[names[-1]][:80], "twice", about=str(first)))
            seen.setdefault(key, number)
        given.append(Given(number, cells, a_list.batch(cells), tuple(found)))
    return Read(given, passed_over)


async def _check(tx: asyncpg.Connection, import_id: UUID, a_list: List, scope: Scope) -> bool:
    """Try the next lines beside each other, and undo them; say whether there were any."""
    lines = await import_lines.unchecked(tx, import_id, most=a_list.at_once)
    if not lines:
        return False
    undone = tx.transaction()
    await undone.start()
    try:
        judged = await exchanges.tried_beside(tx, a_list, lines, scope, keep=False)
    finally:
        await undone.rollback()
    await import_lines.judge(tx, import_id, judged)
    return True


async def _write(tx: asyncpg.Connection, import_id: UUID, a_list: List, scope: Scope) -> bool:
    """Write the next lines, each whole or not at all, with their marks; say whether there were any."""
    most = a_list.at_once if a_list.add_all is not None else max(1, a_list.at_once // 5)
    lines = await import_lines.unwritten(tx, import_id, most=most)
    if not lines:
        return False
    await import_lines.judge(tx, import_id, await exchanges.tried_beside(tx, a_list, lines, scope, keep=True))
    return True
