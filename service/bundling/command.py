"""`preuve bundle`: make the complete file of a session or a year for whoever accredits, or verify one."""

import argparse
import asyncio
import sys
from pathlib import Path
from uuid import UUID

from scheduling import centres
from service import checkpoints, embedded
from service.bundling import making, packing, verifying
from service.bundling.making import Subject
from service.db import Database
from service.i18n import LANGUAGES
from service.refusals import NotFound
from service.settings import Settings, SettingsFault
from service.wiring import running


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Make (by default), verify, key."""
    parser.add_argument("act", nargs="?", choices=("make", "verify", "key"), default="make", help="by default: make")
    parser.add_argument("file", nargs="?", type=Path, help="verify: the bundle to look at")
    about = parser.add_mutually_exclusive_group()
    about.add_argument("--session", type=UUID, help="the id of a session, as it stands in its address")
    about.add_argument("--year", type=int, help="every session held in that year")
    parser.add_argument("--centre", help="of a year: only this centre's sessions, by its code")
    parser.add_argument("--names", action="store_true", help="with names and certificates, instead of pseudonyms")
    parser.add_argument("--language", choices=tuple(LANGUAGES), default="fr", help="of the explanations")
    parser.add_argument("--out", type=Path, help="where to write it")
    parser.add_argument("--key", help="verify: the public key, as `preuve audit key` shows it; else the data folder's")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Status 2 and one line when a bundle is not as it was signed."""
    if arguments.act == "key":
        sys.stdout.write(packing.public_key(checkpoints.signer(settings.data)).decode())
        return 0
    if arguments.act == "verify":
        return _verify(arguments, settings)
    if arguments.out is None or (arguments.session is None) == (arguments.year is None):
        raise SettingsFault("say --session or --year, and --out.")
    with embedded.servers(settings, who="preuve bundle", start=True) as settings:
        asyncio.run(_make(arguments, settings))
    return 0


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.file is None:
        raise SettingsFault("verify: say which file.")
    try:
        verifiers = (
            (checkpoints.verifier(arguments.key),) if arguments.key else checkpoints.signer(settings.data).verifiers
        )
    except ValueError:
        raise SettingsFault("--key: this is not a key as `preuve audit key` shows it.") from None
    try:
        verdict = verifying.verify(arguments.file, verifiers)
    except verifying.Fault as fault:
        sys.stdout.write(f"{fault}.\n")
        return 2
    sys.stdout.write(
        f"{verdict.files:,} files are as they were signed; {verdict.entries:,} entries of the audit trail stand in the signed "
        f"log, {verdict.waiting:,} waited for their seal.\n"
    )
    return 0


async def _make(arguments: argparse.Namespace, settings: Settings) -> None:
    """Beside its place first: a bundle that is there is whole."""
    beside = arguments.out.with_name(arguments.out.name + ".part")
    try:
        async with running(settings, house=True) as process:
            subject = Subject(
                session_id=arguments.session,
                year=arguments.year,
                centre_id=await _centre(process.db, arguments.centre),
                with_names=arguments.names,
                language=arguments.language,
            )
            held = await making.make(process.db, settings, subject, beside, told=_told)
        beside.replace(arguments.out)
        sys.stdout.write(f"{arguments.out}: {held:,} session{'s' * (held != 1)}.\n")
    except NotFound:
        raise SettingsFault("There is no such session or centre.") from None
    except OSError as fault:
        raise SettingsFault(f"--out: {arguments.out}: {fault.strerror}.") from None
    finally:
        beside.unlink(missing_ok=True)


async def _centre(db: Database, code: str | None) -> UUID | None:
    if code is None:
        return None
    async with db.read() as tx:
        found = {one.code: one.id for one in await centres.every(tx)}
    if code not in found:
        raise NotFound
    return found[code]


async def _told(share: float) -> None:
    sys.stderr.write(f"\r{share:.0%}" + ("\n" if share == 1 else ""))
    sys.stderr.flush()
