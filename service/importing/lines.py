"""One line of a list before the database: who or what it is about, what would change, and the change itself."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias
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


class Looked(Struct, frozen=True):
    """A line that was looked at: what its cells say, and what was found of it. None: a cell cannot be read, and the line
    says so."""

    line: Line
    values: Values
    found: Found | None


Tx: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Done = tuple[UUID, list[Finding]]  # which row it is, and what is to be said
Judge = Callable[[Tx, Sequence[Values], Scope], Awaitable[list[Found]]]
CarryOut = Callable[[Tx, Values, Found, Scope], Awaitable[Done]]
AddAll = Callable[[Tx, Sequence[Values], Scope], Awaitable[list[Done]]]


class List(Struct, frozen=True):
    """A kind of list. `judge`: all lines of a step by a few statements; `carry_out`: one line; `add_all`: lines that are
    new, as few statements. `fields_of`: at which column a refusal is said; `keys`: columns that name a line, each list of
    them in one file once; `waits`: some of its constraints wait for the commit; `exchanges`: the refusals of lines that may
    change places; `batch`: which lines are checked beside each other; `at_once`: how many in one step."""

    kind: Kind
    columns: tuple[Column, ...]
    judge: Judge
    carry_out: CarryOut
    keys: tuple[tuple[str, ...], ...]
    add_all: AddAll | None = None
    fields_of: dict[type[Exception], str] = {}
    waits: bool = False
    exchanges: tuple[type[Exception], ...] = ()
    batch: Callable[[dict[str, str]], int] = lambda cells: 0
    at_once: int = 200

    @property
    def named_by(self) -> set[str]:
        """The columns by which other lines may be found, or not any more, when they change."""
        return {name for names in self.keys for name in names}


async def looked_at(tx: asyncpg.Connection, a_list: List, lines: Sequence[Line], scope: Scope) -> list[Looked]:
    """Read the cells of lines and find what they are about, beside each other: none of them is carried out yet."""
    read = [fields.values(a_list.columns, line.cells) for line in lines]
    readable = [values for values, wrong in read if not wrong]
    found = iter(await a_list.judge(tx, readable, scope) if readable else ())
    return [
        Looked(refused(line, *wrong), values, None) if wrong else Looked(line, values, next(found))
        for line, (values, wrong) in zip(lines, read, strict=True)
    ]


def verdict_of(looked: Looked, *, keep: bool) -> Line | None:
    """What a look is enough for: refused, or unchanged. With `keep` a line that means something else than when it was
    shown is refused. None: it is to be carried out."""
    line, found = looked.line, looked.found
    if found is None:
        return line
    if found.is_blocked:
        return refused(line, *found.findings)
    if found.subject_id is not None and not found.changes:
        return _judged(line, "unchanged", found)
    if keep and (found.subject_id, found.changes) != (line.subject_id, line.changes):
        return refused(line, Finding("", "", "changed_meanwhile"))
    return None


async def tried(
    tx: asyncpg.Connection, a_list: List, looked: Looked, scope: Scope, *, keep: bool, settled: bool = True
) -> Line:
    """Carry a line out in a savepoint, constraints that wait for the commit included.

    With `keep` what was done stays, and the line has its moment. Without, the caller undoes it. Not `settled`: what waits
    for the commit is the caller's to ask for.
    """
    verdict, found = verdict_of(looked, keep=keep), looked.found
    if verdict is not None or found is None:
        return verdict or looked.line
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        done = await a_list.carry_out(tx, looked.values, found, scope)
        if a_list.waits and settled:
            await tx.execute("set constraints all immediate")
            await tx.execute("set constraints all deferred")
    except (Blocked, *REFUSED, asyncpg.IntegrityConstraintViolationError) as error:
        await savepoint.rollback()
        return refused(looked.line, _finding(error, a_list, looked.line), *found.findings)
    except BaseException:
        await savepoint.rollback()
        raise
    await savepoint.commit()
    return _done(looked.line, found, done, scope, keep=keep)


async def added(
    tx: asyncpg.Connection, a_list: List, looked: Sequence[Looked], scope: Scope, *, keep: bool
) -> list[Line]:
    """Carry out lines that bring something new, all at once (see `tried`); where one is refused, each half by itself, down
    to the line that is."""
    if len(looked) < 2 or a_list.add_all is None:
        return [await tried(tx, a_list, one, scope, keep=keep) for one in looked]
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        done = await a_list.add_all(tx, [one.values for one in looked], scope)
        if a_list.waits:
            await tx.execute("set constraints all immediate")
            await tx.execute("set constraints all deferred")
    except (Blocked, *REFUSED, asyncpg.IntegrityConstraintViolationError):
        await savepoint.rollback()
        middle = len(looked) // 2
        first = await added(tx, a_list, looked[:middle], scope, keep=keep)
        return first + await added(tx, a_list, looked[middle:], scope, keep=keep)
    except BaseException:
        await savepoint.rollback()
        raise
    await savepoint.commit()
    return [
        _done(one.line, one.found or Found(), each, scope, keep=keep) for one, each in zip(looked, done, strict=True)
    ]


def _done(line: Line, found: Found, done: Done, scope: Scope, *, keep: bool) -> Line:
    subject_id, said = done
    verdict = "new" if found.subject_id is None else "changed"
    found = structs.replace(found, findings=(*found.findings, *said))
    if keep:
        found = structs.replace(found, subject_id=subject_id)
        if scope.kind == "candidates":
            found = structs.replace(found, candidate_id=subject_id)
    return structs.replace(_judged(line, verdict, found), written_at=scope.now if keep else None)


def refused(line: Line, *findings: Finding) -> Line:
    return structs.replace(line, verdict="refused", findings=_quoting(line, findings))


def _judged(line: Line, verdict: Any, found: Found) -> Line:
    return structs.replace(
        line,
        verdict=verdict,
        subject_id=found.subject_id,
        candidate_id=found.candidate_id,
        changes=found.changes,
        findings=_quoting(line, found.findings),
    )


def _quoting(line: Line, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """In the file's own words, "oui" and not our "yes": people look for what they wrote. Of a cell that names several, the
    one that is meant."""
    said = []
    for finding in findings:
        cell = line.cells.get(finding.column, "")
        if finding.value and cell:
            same = (part for part in re.split(r"[\s,;]+", cell) if part.casefold() == finding.value.casefold())
            finding = structs.replace(finding, value=next(same, cell[:80]))
        said.append(finding)
    return tuple(said)


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


async def named_before(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[UUID | None]:
    """The row that each line's reference names, by the other system's name or by our own id."""
    given = [line["reference"] for line in values if "reference" in line]
    known = await external_references.find(tx, scope.kind, scope.centre_id, given)
    return [known.get(line.get("reference", "")) or _own_id(line) for line in values]


def _own_id(values: Values) -> UUID | None:
    """The reference as one of our ids, as our own lists write it."""
    try:
        return UUID(values.get("reference", ""))
    except ValueError:
        return None


async def name_all(tx: asyncpg.Connection, values: Sequence[Values], ids: Sequence[UUID], scope: Scope) -> None:
    """Keep what the other system calls new rows. Where it says nothing our id is kept: what a centre brought is its own."""
    named = [(line.get("reference") or str(each), each) for line, each in zip(values, ids, strict=True)]
    await external_references.record_all(tx, scope.kind, scope.centre_id, named, now=scope.now)


async def name(tx: asyncpg.Connection, values: Values, subject_id: UUID, scope: Scope, *, is_new: bool) -> None:
    """Keep what the other system calls a row, new or known; the latest name counts."""
    if is_new:
        await name_all(tx, [values], [subject_id], scope)
        return
    given = values.get("reference")
    known = await external_references.of(tx, scope.kind, scope.centre_id, subject_id)
    if given in (None, known, str(subject_id)) and (known or given is None):
        return
    await external_references.forget_name(tx, scope.kind, scope.centre_id, subject_id)
    await name_all(tx, [values], [subject_id], scope)
