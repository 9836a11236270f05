"""`preuve migrate`: bring the database to today's schema."""

import argparse
import asyncio
import sys
import time
from contextlib import suppress

import asyncpg

import migrations
from service.settings import Settings, SettingsFault


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the migrations that have not run yet and name them."""
    ran = migrate(settings.owner)
    sys.stdout.write("".join(f"{name}\n" for name in ran) or "Nothing to do.\n")
    return 0


def migrate(database_url: str) -> list[str]:
    """Run what is new; return the names. Refuses (SettingsFault) a history that does not fit this release, and a
    login that may not do it."""
    try:
        return asyncio.run(_migrate(database_url))
    except (migrations.EditedMigration, migrations.UnknownMigration) as fault:
        raise SettingsFault(f"The database cannot be migrated: {fault}.") from None
    except asyncpg.InsufficientPrivilegeError as fault:
        raise SettingsFault(
            f"The database cannot be migrated: {fault.args[0]}. {fault.hint or ''}".strip(" ;")
        ) from None


async def awaited(database_url: str, *, seconds: float) -> None:
    """Wait until every migration of this release has run, `seconds` at most: a web process may be started beside
    `preuve migrate`, and so may those of a new release. Whoever goes on too early is told so by what they do next."""
    until = time.monotonic() + seconds
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(database_url, timeout=seconds)
        try:
            while time.monotonic() < until and not await migrations.all_ran(connection):
                await asyncio.sleep(0.05)
        finally:
            await connection.close()


async def _migrate(database_url: str) -> list[str]:
    connection = await asyncpg.connect(database_url)
    try:
        return await migrations.apply(connection)
    finally:
        await connection.close()
