"""What the figures of quality go by: service/quality.toml, and over it the installation's quality.toml in its data folder."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from service.settings import Settings, SettingsFault


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The values of quality.toml."""

    smallest: int
    smallest_pairs: int
    quarters: int
    tolerance_minutes: int


def rules(settings: Settings) -> Rules:
    """The rules of this installation, read once. Refuses (SettingsFault) a file that cannot be used."""
    return _read(settings.data / "quality.toml")


@cache
def _read(own: Path) -> Rules:
    ours = tomllib.loads(files("service").joinpath("quality.toml").read_text())
    try:
        theirs = tomllib.loads(own.read_text()) if own.exists() else {}
        read = msgspec.convert({**ours, **theirs}, Rules)
    except (OSError, ValueError) as fault:
        raise SettingsFault(f"{own} cannot be used: {fault}") from None
    if wrong := [name for name, value in msgspec.structs.asdict(read).items() if value < 1]:
        raise SettingsFault(f"{own} cannot be used: {', '.join(wrong)} is too small.")
    return read
