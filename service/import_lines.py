"""The lines of an import: as they were given, and what would come, or came, of each."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

Verdict = Literal["new", "changed", "unchanged", "refused"]
VERDICTS: tuple[Verdict, ...] = ("new", "changed", "unchanged", "refused")


class Finding(Struct, frozen=True):
    """What is wrong at a column ("": with the whole line), by its code in service/importing/findings.py or the slug of a
    refusal. A blocking one keeps the line out; any other is said and does not. `about`: what it is about."""

    column: str
    value: str
    code: str
    blocking: bool = True
    about: str = ""


class Line(Struct, frozen=True):
    number: int
    cells: dict[str, str]
    verdict: Verdict | None
    subject_id: UUID | None
    candidate_id: UUID | None
    changes: dict[str, tuple[str, str]]
    findings: tuple[Finding, ...]
    written_at: datetime | None
    together: int | None = None


class Counts(Struct, frozen=True):
    """`waiting`: not checked yet. `written` of those that may be, and `warned`: with something to say, not blocking."""

    new: int
    changed: int
    unchanged: int
    refused: int
    waiting: int
    written: int
    warned: int

    @property
    def to_write(self) -> int:
        return self.new + self.changed


class Given(Struct, frozen=True):
    """A line of a file. `batch`: those of one number are checked beside each other."""

    number: int
    cells: dict[str, str]
    batch: int = 0
    findings: tuple[Finding, ...] = ()


async def keep(tx: asyncpg.Connection, import_id: UUID, lines: list[Given]) -> None:
    """Keep what a file says; a line with findings already is refused without a look at the database."""
    await tx.executemany(
        """insert into service.import_lines (import_id, number, cells, batch, verdict, findings)
           values ($1, $2, $3, $4, $5, $6)""",
        [
            (
                import_id,
                line.number,
                line.cells,
                line.batch,
                "refused" if line.findings else None,
                msgspec.to_builtins(line.findings),
            )
            for line in lines
        ],
    )


async def drop(tx: asyncpg.Connection, import_id: UUID) -> None:
    """All of them: the file is read anew."""
    await tx.execute("delete from service.import_lines where import_id = $1", import_id)


async def unchecked(tx: asyncpg.Connection, import_id: UUID, *, most: int) -> list[Line]:
    """The next lines of one batch to check, in the order of the file."""
    rows = await tx.fetch(
        """select number, cells, verdict, subject_id, candidate_id, changes, findings, written_at
           from service.import_lines l
           where import_id = $1 and verdict is null
             and batch = (select min(batch) from service.import_lines where import_id = $1 and verdict is null)
           order by number limit $2""",
        import_id,
        most,
    )
    return [_line(row) for row in rows]


async def unwritten(tx: asyncpg.Connection, import_id: UUID, *, most: int) -> list[Line]:
    """The next lines to write, in the order of the file, with those that go together with them."""
    rows = await tx.fetch(
        """with next as (
               select number, together from service.import_lines
               where import_id = $1 and verdict in ('new', 'changed') and written_at is null order by number limit $2)
           select number, cells, verdict, subject_id, candidate_id, changes, findings, written_at, together
           from service.import_lines l
           where import_id = $1 and verdict in ('new', 'changed') and written_at is null
             and (number in (select number from next) or together in (select together from next))
           order by number""",
        import_id,
        most,
    )
    return [_line(row) for row in rows]


async def judge(tx: asyncpg.Connection, import_id: UUID, lines: list[Line]) -> None:
    """Keep what was found about lines: their verdict, and the moment they were written, if they were."""
    await tx.executemany(
        """update service.import_lines
           set verdict = $3, subject_id = $4, candidate_id = $5, changes = $6, findings = $7, written_at = $8,
               together = $9
           where import_id = $1 and number = $2""",
        [
            (
                import_id,
                line.number,
                line.verdict,
                line.subject_id,
                line.candidate_id,
                msgspec.to_builtins(line.changes),
                msgspec.to_builtins(line.findings),
                line.written_at,
                line.together,
            )
            for line in lines
        ],
    )


async def counts(tx: asyncpg.Connection, import_id: UUID) -> Counts:
    row = await tx.fetchrow(
        """select count(*) filter (where verdict = 'new') as new, count(*) filter (where verdict = 'changed') as changed,
                  count(*) filter (where verdict = 'unchanged') as unchanged,
                  count(*) filter (where verdict = 'refused') as refused, count(*) filter (where verdict is null) as waiting,
                  count(*) filter (where written_at is not null) as written,
                  count(*) filter (where verdict <> 'refused' and findings <> '[]') as warned
           from service.import_lines where import_id = $1""",
        import_id,
    )
    assert row is not None
    return Counts(**row)


async def page(
    tx: asyncpg.Connection, import_id: UUID, *, verdict: str | None = None, after: int = 0, most: int = 50
) -> list[Line]:
    """Lines in the order of the file, from behind line `after` on; of one verdict, or all."""
    rows = await tx.fetch(
        """select number, cells, verdict, subject_id, candidate_id, changes, findings, written_at
           from service.import_lines
           where import_id = $1 and number > $3 and ($2::text is null or verdict = $2) order by number limit $4""",
        import_id,
        verdict,
        after,
        most,
    )
    return [_line(row) for row in rows]


async def with_findings(tx: asyncpg.Connection, import_id: UUID) -> list[Line]:
    """Every line about which there is something to say."""
    rows = await tx.fetch(
        """select number, cells, verdict, subject_id, candidate_id, changes, findings, written_at
           from service.import_lines where import_id = $1 and findings <> '[]' order by number""",
        import_id,
    )
    return [_line(row) for row in rows]


async def erase(tx: asyncpg.Connection, candidate_id: UUID, addresses: list[str]) -> None:
    """Delete what files say about a candidate, found by themselves or by their address."""
    await tx.execute(
        """delete from service.import_lines l using service.imports i
           where i.id = l.import_id and i.kind = 'candidates'
             and (l.candidate_id = $1 or lower(l.cells ->> 'email') = any ($2::text[]))""",
        candidate_id,
        [address.lower() for address in addresses],
    )


async def erase_assessor(tx: asyncpg.Connection, assessor_id: UUID, addresses: list[str]) -> None:
    """Delete what files say about an assessor, found by themselves or by their address."""
    await tx.execute(
        """delete from service.import_lines l using service.imports i
           where i.id = l.import_id
             and ((i.kind = 'assessors' and l.subject_id = $1) or (i.kind in ('assessors', 'sessions') and exists (
                 select from jsonb_each_text(l.cells) c, unnest($2::text[]) a (address)
                 where position(lower(a.address) in lower(c.value)) > 0)))""",
        assessor_id,
        addresses,
    )


def _line(row: "asyncpg.Record") -> Line:
    fields: dict[str, Any] = dict(row)
    return msgspec.convert(fields, Line)
