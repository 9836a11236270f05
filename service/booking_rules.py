"""How booking is run: service/booking.toml, and over it the installation's booking.toml in its data folder."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from msgspec import Struct

from scheduling.bookings import CancellationPolicy
from scheduling.excuses import ExcusePolicy
from scheduling.holds import HoldPolicy
from scheduling.offers import OfferPolicy
from scheduling.waiting import Group
from service.settings import Settings, SettingsFault


class Rules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The values of booking.toml, and the policies that are made of them."""

    late_hours: int
    hold_minutes: int
    holds_per_person: int
    excuse_days: int
    offer_hours: int
    offer_lead_hours: int
    priority: tuple[Group, ...]
    late_hours_by_scheme: dict[str, int]

    def cancellation(self, scheme: str) -> CancellationPolicy:
        """When a cancellation is late, in this scheme."""
        return CancellationPolicy(late_hours=self.late_hours_by_scheme.get(scheme, self.late_hours))

    @property
    def hold(self) -> HoldPolicy:
        return HoldPolicy(minutes=self.hold_minutes, per_person=self.holds_per_person)

    @property
    def offer(self) -> OfferPolicy:
        return OfferPolicy(hours=self.offer_hours, lead_hours=self.offer_lead_hours)

    @property
    def excuse(self) -> ExcusePolicy:
        return ExcusePolicy(days=self.excuse_days)


def rules(settings: Settings) -> Rules:
    """The rules of this installation, read once. Refuses (SettingsFault) a file that cannot be used."""
    return _read(settings.data / "booking.toml")


@cache
def _read(own: Path) -> Rules:
    ours: dict[str, Any] = tomllib.loads(files("service").joinpath("booking.toml").read_text())
    try:
        theirs: dict[str, Any] = tomllib.loads(own.read_text()) if own.exists() else {}
        read = msgspec.convert({**ours, **theirs}, Rules)
    except (OSError, ValueError) as fault:
        raise SettingsFault(f"{own} cannot be used: {fault}") from None
    if wrong := [name for name, value in _numbers(read).items() if value < (0 if "late_hours" in name else 1)]:
        raise SettingsFault(f"{own} cannot be used: {', '.join(wrong)} is too small.")
    return read


def _numbers(read: Rules) -> dict[str, int]:
    own = {name: value for name, value in msgspec.structs.asdict(read).items() if isinstance(value, int)}
    return {**own, **{f"late_hours of {scheme}": hours for scheme, hours in read.late_hours_by_scheme.items()}}


Booking = NamedDependency[Rules]


def _rules(state: State) -> Rules:
    return rules(state.running.settings)


DEPENDENCIES = {"rules": Provide(_rules, sync_to_thread=False)}
