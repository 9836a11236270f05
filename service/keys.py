"""`preuve keys`: the keys that seal national numbers. They live in a file of the data folder, never in the database.

The file is read each time it is needed: a rotation holds for every process at once. It is replaced whole, and only its
owner may read it. Who restores a backup of the database needs the file of that time, or a later one.
"""

import argparse
import asyncio
import fcntl
import os
import secrets as chance
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
from msgspec import Struct

from assessments import national_numbers
from assessments.national_numbers import Keyring
from service.settings import Settings, SettingsFault

KEY_BYTES = 32
KEPT_RETIRED = timedelta(days=1)  # a request that began under the former key may still be writing


class Key(Struct, frozen=True):
    """A key that seals. `retired_at`: since when another one does."""

    id: str
    secret: bytes
    made_at: datetime
    retired_at: datetime | None = None


class Ring(Struct, frozen=True):
    """What the file holds: the keys, the current one last, and the one that finds numbers again, which never changes."""

    keys: tuple[Key, ...]
    lookup: bytes


def path(settings: Settings) -> Path:
    """Where the file is."""
    return settings.data / "keys.json"


def keyring(settings: Settings) -> Keyring:
    """The keys as they are now; made at first use. Refuses (SettingsFault) a file that cannot be used."""
    ring = _ring(settings)
    return Keyring(ring.keys[-1].id, {key.id: key.secret for key in ring.keys}, ring.lookup)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer what can be done."""
    parser.add_argument(
        "act",
        choices=("list", "rotate", "forget"),
        help="list: which keys there are; rotate: seal everything under a new one; forget: drop those no longer used",
    )


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """List, rotate or forget keys; no key is ever printed."""
    acts = {"list": _list, "rotate": _rotate, "forget": _forget}
    asyncio.run(acts[arguments.act](settings, datetime.now(UTC)))
    return 0


async def rotate(connection: asyncpg.Connection, settings: Settings, *, now: datetime) -> int:
    """Make a new current key and seal every number under it, in batches that each commit; return how many.

    Interrupted, it may be run again: what was not reached is still readable under its former key.
    """
    with _held(settings):
        ring = _ring(settings)
        former = [msgspec.structs.replace(key, retired_at=key.retired_at or now) for key in ring.keys]
        _write(settings, Ring((*former, _new_key(now)), ring.lookup))
    keys, sealed = keyring(settings), 0
    while True:
        async with connection.transaction():
            batch = await national_numbers.rotate(connection, keyring=keys)
        if not batch:
            return sealed
        sealed += batch


async def forget(connection: asyncpg.Connection, settings: Settings, *, now: datetime) -> list[str]:
    """Drop the keys that were retired a day ago and seal nothing any more; return their ids."""
    with _held(settings):
        ring, used = _ring(settings), await national_numbers.keys_in_use(connection)
        kept = [
            key for key in ring.keys if key.retired_at is None or key.retired_at > now - KEPT_RETIRED or key.id in used
        ]
        _write(settings, Ring(tuple(kept), ring.lookup))
    return [key.id for key in ring.keys if key not in kept]


async def _list(settings: Settings, now: datetime) -> None:
    ring = _ring(settings)
    async with _connected(settings) as connection:
        used = await national_numbers.keys_in_use(connection)
    for key in ring.keys:
        state = f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "current"
        sys.stdout.write(f"{key.id}  made {key.made_at:%Y-%m-%d}  {state:<18}  {used.pop(key.id, 0):>8} numbers\n")
    for lost, numbers in used.items():
        sys.stdout.write(f"{lost}  MISSING from {path(settings)}: {numbers} numbers cannot be read\n")


async def _rotate(settings: Settings, now: datetime) -> None:
    async with _connected(settings) as connection:
        sys.stdout.write(f"{await rotate(connection, settings, now=now)} numbers are sealed under the new key.\n")


async def _forget(settings: Settings, now: datetime) -> None:
    async with _connected(settings) as connection:
        gone = await forget(connection, settings, now=now)
    sys.stdout.write("".join(f"{each} is forgotten.\n" for each in gone) or "Nothing to forget.\n")


class _connected:
    """A connection for the length of a command."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.owner

    async def __aenter__(self) -> "asyncpg.Connection[asyncpg.Record]":
        self.connection = await asyncpg.connect(self.url)
        return self.connection

    async def __aexit__(self, *fault: object) -> None:
        await self.connection.close()


def _ring(settings: Settings) -> Ring:
    file = path(settings)
    if not file.exists():
        _make(settings)
    try:
        ring = msgspec.json.decode(file.read_bytes(), type=Ring)
    except (msgspec.DecodeError, OSError):
        raise SettingsFault(f"{file} cannot be read; it holds the keys of the national numbers.") from None
    if not ring.keys or any(len(key) != KEY_BYTES for key in (ring.lookup, *(each.secret for each in ring.keys))):
        raise SettingsFault(f"{file} is damaged; it holds the keys of the national numbers.")
    return ring


def _make(settings: Settings) -> None:
    """Of two processes that come first at once, one wins for both."""
    ring = Ring((_new_key(datetime.now(UTC)),), chance.token_bytes(KEY_BYTES))
    with _beside(settings, ring) as new, suppress(FileExistsError):
        os.link(new, path(settings))


def _write(settings: Settings, ring: Ring) -> None:
    with _beside(settings, ring) as new:
        os.replace(new, path(settings))


@contextmanager
def _beside(settings: Settings, ring: Ring) -> Iterator[str]:
    """The ring in a file of its own, readable by its owner, on disk before it takes its place."""
    settings.data.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=settings.data, prefix=".keys-")
    with os.fdopen(descriptor, "wb") as new:
        new.write(msgspec.json.encode(ring))
        new.flush()
        os.fsync(new.fileno())
    try:
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _held(settings: Settings) -> Iterator[None]:
    """Two commands do not change the file at the same time."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _new_key(now: datetime) -> Key:
    return Key(chance.token_hex(4), chance.token_bytes(KEY_BYTES), now)
