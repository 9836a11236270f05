"""How results, appeals and complaints are handled: service/outcomes.toml, and over it the installation's outcomes.toml."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from msgspec import Meta, Struct

from assessments.working_days import Deadlines
from service.settings import Settings, SettingsFault

Days = Annotated[int, Meta(ge=1, le=200)]


class Rules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The values of outcomes.toml, and the deadlines that are made of them."""

    ruling_days: Days
    taking_up_days: Days
    complaint_days: Days
    letter_in_mail: bool

    @property
    def deadlines(self) -> Deadlines:
        return Deadlines(ruling=self.ruling_days, taking_up=self.taking_up_days, complaint=self.complaint_days)


def rules(settings: Settings) -> Rules:
    """The rules of this installation, read once. Refuses (SettingsFault) a file that cannot be used."""
    return _read(settings.data / "outcomes.toml")


@cache
def _read(own: Path) -> Rules:
    ours: dict[str, Any] = tomllib.loads(files("service").joinpath("outcomes.toml").read_text())
    try:
        theirs: dict[str, Any] = tomllib.loads(own.read_text()) if own.exists() else {}
        return msgspec.convert({**ours, **theirs}, Rules)
    except (OSError, ValueError) as fault:
        raise SettingsFault(f"{own} cannot be used: {fault}") from None


Outcomes = NamedDependency[Rules]


def _rules(state: State) -> Rules:
    return rules(state.running.settings)


DEPENDENCIES = {"outcomes": Provide(_rules, sync_to_thread=False)}
