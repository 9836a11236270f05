"""Brings a database to today's schema: numbered files once and in order, named views always anew.

Forward only: a change that old code cannot live with comes in two releases, expand then contract (see README.md).
"""

import hashlib
from importlib.resources import files
from pathlib import Path

import asyncpg

FOLDER = Path(str(files("migrations")))
LOCK = 0x50_72_65_75_76_65  # "Preuve": one migration at a time, whoever starts it


class EditedMigration(Exception):
    """A file that has already run no longer has the bytes that ran."""


class UnknownMigration(Exception):
    """The database has run a file that this release does not have: it is newer than the program."""


async def apply(connection: "asyncpg.Connection[asyncpg.Record]", folder: Path = FOLDER) -> list[str]:
    """Run what is new, in one transaction under an advisory lock; return the names of the files that ran.

    Several processes may call it at once: one works, the others wait and find nothing to do.
    Refuses an edited old file and a database newer than this folder; nothing is changed then.
    """
    numbered = {path.name: path.read_text() for path in sorted(folder.glob("[0-9]*.sql"))}
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        ran = await _ran_before(connection)
        _refuse_strangers(numbered, ran)
        new = [name for name in numbered if name not in ran]
        for name in new:
            await connection.execute(numbered[name])
            await _record(connection, name, numbered[name])
        await _renew_views(connection, sorted(folder.glob("views/*.sql")), changed=bool(new))
    return new


async def all_ran(connection: "asyncpg.Connection[asyncpg.Record]", folder: Path = FOLDER) -> bool:
    """Whether the database has run every file of this release, and perhaps those of a later one."""
    try:
        ran = {row["name"] for row in await connection.fetch("select name from migrations.ran")}
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return False
    return ran.issuperset(path.name for path in folder.glob("[0-9]*.sql"))


async def _ran_before(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    await connection.execute("create schema if not exists migrations")
    await connection.execute(
        """create table if not exists migrations.ran (
               name text primary key, checksum text not null, ran_at timestamptz not null default now())"""
    )
    rows = await connection.fetch("select name, checksum from migrations.ran order by name")
    return {row["name"]: row["checksum"] for row in rows}


def _refuse_strangers(numbered: dict[str, str], ran: dict[str, str]) -> None:
    for name, checksum in ran.items():
        if name == "views":
            continue
        if name not in numbered:
            raise UnknownMigration(f"the database has run {name}, which this release does not have")
        if _checksum(numbered[name]) != checksum:
            raise EditedMigration(f"{name} was edited after it ran; write a new file instead")


async def _renew_views(connection: "asyncpg.Connection[asyncpg.Record]", paths: list[Path], *, changed: bool) -> None:
    """Views hold no data, so they are dropped and made again whenever a file of theirs or a table changed."""
    text = "".join(path.read_text() for path in paths)
    before = await connection.fetchval("select checksum from migrations.ran where name = 'views'")
    if not changed and before == _checksum(text):
        return
    await connection.execute(
        """do $$ declare v record; begin
               for v in select schemaname, viewname from pg_views
                        where schemaname in ('service', 'scheduling', 'assessments', 'certificates') loop
                   execute format('drop view if exists %I.%I cascade', v.schemaname, v.viewname);
               end loop; end $$"""
    )
    for path in paths:
        await connection.execute(path.read_text())
    if await connection.fetchval("select to_regprocedure('service.arm_guards()') is not null"):
        await connection.execute("select service.arm_guards()")
    if await connection.fetchval("select to_regprocedure('service.open_views()') is not null"):
        await connection.execute("select service.open_views()")
    await _record(connection, "views", text)


async def _record(connection: "asyncpg.Connection[asyncpg.Record]", name: str, text: str) -> None:
    await connection.execute(
        """insert into migrations.ran (name, checksum) values ($1, $2)
           on conflict (name) do update set checksum = excluded.checksum, ran_at = now()""",
        name,
        _checksum(text),
    )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
