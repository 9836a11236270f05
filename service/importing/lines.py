"""One line of a list before the database: who or what it is about, what would change, and the change itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

import assessments.refusals
import scheduling.refusals
from service import external_references, refusals
from service.db import BY_CONSTRAINT
from service.import_lines import Finding, Line
from service.importing import fields
from service.importing.fields import Column
from service.imports import Kind
from service.problems import slug_of

Values = dict[str, Any]
REFUSED = (assessments.refusals.Refusal, scheduling.refusals.Refusal, refusals.AccountKnown)


class Scope(Struct, frozen=True):
    """For which centre, and on whose word; `everywhere`: an administrator's reach."""

    kind: Kind
    centre_id: UUID
    by: UUID
    everywhere: bool
    now: datetime


class Found(Struct, frozen=True):
    """What a line is about; None: something new. `changes`: {column: (before, after)}, as cells say it."""

    subject_id: UUID | None = None
    changes: dict[str, tuple[str, str]] = {}
    findings: tuple[Finding, ...] = ()
    candidate_id: UUID | None = None

    @property
    def is_blocked(self) -> bool:
        return any(finding.blocking for finding in self.findings)


class Blocked(Exception):
    """A line cannot be written, and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


Judge = Callable[["asyncpg.Connection[asyncpg.Record]", Values, Scope], Awaitable[Found]]
CarryOut = Callable[["asyncpg.Connection[asyncpg.Record]", Values, Found, Scope], Awaitable[tuple[UUID, list[Finding]]]]


class List(Struct, frozen=True):
    """A kind of list. `fields_of`: at which column a refusal is said; `keys`: columns that name a line, each list of them
    in one file once; `waits`: some of its constraints wait for the commit; `exchanges`: the refusals of lines that may
    change places; `batch`: which lines are checked beside each other; `at_once`: how many in one step."""

    kind: Kind
    columns: tuple[Column, ...]
    judge: Judge
    carry_out: CarryOut
    keys: tuple[tuple[str, ...], ...]
    fields_of: dict[type[Exception], str] = {}
    waits: bool = False
    exchanges: tuple[type[Exception], ...] = ()
    batch: Callable[[dict[str, str]], int] = lambda cells: 0
    at_once: int = 200


async def tried(
    tx: asyncpg.Connection, a_list: List, line: Line, scope: Scope, *, keep: bool, settled: bool = True
) -> Line:
    """Judge a line and carry it out in a savepoint, constraints that wait for the commit included.

    With `keep` what was done stays, and the line has its moment; a line that means something else than when it was shown
    is refused. Without, the caller undoes it. Not `settled`: what waits for the commit is the caller's to ask for.
    """
    values, wrong = fields.values(a_list.columns, line.cells)
    if wrong:
        return refused(line, *wrong)
    found = await a_list.judge(tx, values, scope)
    if found.is_blocked:
        return refused(line, *found.findings)
    if found.subject_id is not None and not found.changes:
        return _judged(line, "unchanged", found)
    if keep and (found.subject_id, found.changes) != (line.subject_id, line.changes):
        return refused(line, Finding("", "", "changed_meanwhile"))
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        subject_id, said = await a_list.carry_out(tx, values, found, scope)
        if a_list.waits and settled:
            await tx.execute("set constraints all immediate")
            await tx.execute("set constraints all deferred")
    except (Blocked, *REFUSED, asyncpg.IntegrityConstraintViolationError) as error:
        await savepoint.rollback()
        return refused(line, _finding(error, a_list, line), *found.findings)
    except BaseException:
        await savepoint.rollback()
        raise
    await savepoint.commit()
    verdict = "new" if found.subject_id is None else "changed"
    found = structs.replace(found, findings=(*found.findings, *said))
    if keep:
        found = structs.replace(found, subject_id=subject_id)
        if scope.kind == "candidates":
            found = structs.replace(found, candidate_id=subject_id)
    return structs.replace(_judged(line, verdict, found), written_at=scope.now if keep else None)


def refused(line: Line, *findings: Finding) -> Line:
    return structs.replace(line, verdict="refused", findings=findings)


def _judged(line: Line, verdict: Any, found: Found) -> Line:
    return structs.replace(
        line,
        verdict=verdict,
        subject_id=found.subject_id,
        candidate_id=found.candidate_id,
        changes=found.changes,
        findings=found.findings,
    )


def _finding(error: Exception, a_list: List, line: Line) -> Finding:
    if isinstance(error, Blocked):
        return error.finding
    refusal = type(error)
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        named = BY_CONSTRAINT.get(error.constraint_name or "")
        if named is None:
            raise error
        refusal = named
    column = a_list.fields_of.get(refusal, "")
    return Finding(column, line.cells.get(column, "")[:80], slug_of(refusal))


def changes_of(values: Values, known: Values) -> dict[str, tuple[str, str]]:
    """What differs between what is given and what is known; columns that were not given are left alone."""
    return {
        name: (fields.shown(known[name]), fields.shown(value))
        for name, value in values.items()
        if name in known and value != known[name]
    }


async def named_before(tx: asyncpg.Connection, values: Values, scope: Scope) -> UUID | None:
    """The row that the line's reference names, by the other system's name or by our own id."""
    if "reference" not in values:
        return None
    return await external_references.find(tx, scope.kind, scope.centre_id, values["reference"])


def own_id(values: Values) -> UUID | None:
    """The reference as one of our ids, as our own lists write it."""
    try:
        return UUID(values.get("reference", ""))
    except ValueError:
        return None


async def name(tx: asyncpg.Connection, values: Values, subject_id: UUID, scope: Scope, *, is_new: bool) -> None:
    """Keep what the other system calls the row. Where it says nothing our id is kept: what a centre brought is its own."""
    given = values.get("reference")
    if not is_new:
        known = await external_references.of(tx, scope.kind, scope.centre_id, subject_id)
        if given in (None, known, str(subject_id)) and (known or given is None):
            return
    reference = given or str(subject_id)
    await external_references.record(
        tx, scope.kind, scope.centre_id, reference, subject_id, is_new=is_new, now=scope.now
    )
