"""Where the communes lie, for distances as the crow flies (scheduling/communes.toml). A commune is named by a postcode."""

import math
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

EARTH_KM = 6371.0
OF_BRUSSELS = 19  # the first ones of the file


class Commune(Struct, frozen=True, forbid_unknown_fields=True):
    """`north` and `east` in degrees; the first postcode stands for the commune."""

    fr: str
    nl: str
    north: float
    east: float
    postcodes: tuple[str, ...]

    def name(self, language: str) -> str:
        """In Dutch its Dutch name, in every other language the French one."""
        return self.nl if language == "nl" else self.fr


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    communes: tuple[Commune, ...]


@cache
def every() -> tuple[Commune, ...]:
    """The communes, those of Brussels first."""
    text = files("scheduling").joinpath("communes.toml").read_text()
    return msgspec.toml.decode(text, type=_File).communes


def at(postcode: str) -> Commune | None:
    """The commune of a postcode; None for one that is not among them."""
    return _by_postcode().get(postcode)


@cache
def kilometres(here: str, there: str) -> float | None:
    """Between the middles of the communes of two postcodes; None where one of them is unknown."""
    one, other = at(here), at(there)
    if one is None or other is None:
        return None
    north = math.radians(other.north - one.north)
    east = math.radians(other.east - one.east) * math.cos(math.radians((one.north + other.north) / 2))
    return EARTH_KM * math.hypot(north, east)


@cache
def around(postcode: str, within: int | None) -> tuple[str, ...]:
    """Every known postcode at most so many kilometres away, the nearest first; nothing for an unknown one."""
    far = {there: kilometres(postcode, there) for there in _by_postcode()}
    near = [(km, there) for there, km in far.items() if km is not None and (within is None or km <= within)]
    return tuple(there for _, there in sorted(near))


@cache
def _by_postcode() -> dict[str, Commune]:
    return {postcode: commune for commune in every() for postcode in commune.postcodes}
