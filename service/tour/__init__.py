"""`preuve tour --out DIR`: the whole journey on a throwaway database, told step by step; what a stranger holds stays in DIR."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from service import embedded, seed
from service.embedded import sharing
from service.migrating import migrate
from service.settings import Settings, SettingsFault, read
from service.tour.journey import play
from service.tour.souvenirs import Souvenirs
from service.tour.visitors import Surprise, visiting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for what the tour leaves")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Play the journey; status 0 only if every step held. Nothing but DIR is touched."""
    began = time.monotonic()
    logging.disable()  # the story is told here, request by request it would be lost
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsFault(f"--out: {arguments.out} cannot be written ({error.strerror}).") from None
    with tempfile.TemporaryDirectory(prefix="preuve-tour-") as folder:
        Path(folder).chmod(0o711)  # as root, the servers run as somebody else
        held = _in(Path(folder), settings, Souvenirs(arguments.out))
    ending = "Every step held" if held else "The tour stopped"
    sys.stdout.write(f"{ending}, after {time.monotonic() - began:.0f} s. What it left: {arguments.out}\n")
    return 0 if held else 1


def _in(folder: Path, settings: Settings, souvenirs: Souvenirs) -> bool:
    """A world of its own in `folder`: servers, database, catalogue, the year 2023 and the coming weeks."""
    postgres = embedded.start_postgres(folder, binaries=sharing.chosen_binaries(settings), durable=False)
    valkey = embedded.start_valkey(folder)
    try:
        own = read(
            {
                "DATABASE_URL": postgres.url,
                "REDIS_URL": valkey.url,
                "PREUVE_DATA": str(folder),
                "PREUVE_BASE_URL": "http://localhost:8000",
            }
        )
        migrate(own.database_url)
        seed.first_time(own)
        return asyncio.run(_play(own, souvenirs))
    finally:
        valkey.stop()
        postgres.stop()


async def _play(settings: Settings, souvenirs: Souvenirs) -> bool:
    async with visiting(settings) as town:
        try:
            await play(town, souvenirs)
        except Surprise as surprise:
            sys.stdout.write(f"  ✗ {surprise}\n")
            return False
        finally:
            souvenirs.write_manifest()
    return True
