"""What the acts of the replay have in hand: the ground it happens on, and a sitting with its seats."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from assessments.schemes import Scheme
from assessments.standards import Standard
from assessments.units import Unit
from scheduling.rooms import Room
from service.seed.crowd import Crowd, Person
from service.seed.diary import Diary

Part = Literal["pass", "fail", "scores", "no_show", "late", "early", "cancelled", "turned_away", "refused", "booked"]
ATTENDED: tuple[Part, ...] = ("pass", "fail", "scores")
COMES: tuple[Part, ...] = (*ATTENDED, "turned_away")
DATA = Path(__file__).with_name("data")
T = TypeVar("T")


def data(name: str, kind: type[T]) -> T:
    """Read one of the seed's files."""
    return msgspec.toml.decode((DATA / name).read_bytes(), type=kind)


class Centre(Struct, frozen=True):
    """`manager`: the assessor of the manager's seat; `account`: in whose name the centre acts."""

    id: UUID
    code: str
    rooms: tuple[Room, ...]
    manager: UUID
    account: UUID


class Ground(Struct, frozen=True):
    """Places, catalogue and people that everything happens on. `home`: a unit's centre, by the unit's code."""

    centres: dict[str, Centre]
    schemes: dict[str, Scheme]
    units: dict[str, Unit]
    standards: dict[str, Standard]
    home: dict[str, str]
    assessors: dict[str, UUID]


class Role(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of an odd case: the same `who` in two sessions is the same person."""

    who: str
    part: Part
    story: str = ""
    days_before: int | None = None


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session of year_2023.toml; `starts` is Brussels wall-clock time."""

    unit: str
    starts: datetime
    seats: int
    language: Literal["fr", "nl", "en"] = "fr"
    centre: str = ""
    passes: int = msgspec.field(default=0, name="pass")
    fail: int = 0
    scores: int = 0
    no_show: int = 0
    late: int = 0
    early: int = 0
    cancelled: str = ""
    cast: tuple[Role, ...] = ()

    def parts(self) -> list[Role]:
        """Everyone who books, in the order of their seats."""
        nameless: tuple[tuple[Part, int], ...] = (
            ("early", self.early), ("pass", self.passes), ("fail", self.fail), ("scores", self.scores),
            ("no_show", self.no_show), ("late", self.late),
        )  # fmt: skip
        return [*self.cast, *(Role("", part) for part, count in nameless for _ in range(count))]


@dataclass
class Seat:
    role: Role
    person: Person | None = None
    booking: UUID | None = None
    recordings: dict[str, UUID] = field(default_factory=dict)


@dataclass
class Sitting:
    """A session on its way. `jury`: assessor ids, evaluators first chosen; `ready`: stop before the deliberation."""

    unit: Unit
    standard: Standard
    scheme: Scheme
    centre: Centre
    language: str
    starts_at: datetime
    places: int
    seats: list[Seat]
    jury: dict[str, list[UUID]] = field(default_factory=dict)
    session: UUID | None = None
    stops_before_the_jury: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.standard.content.duration_minutes)

    def seated(self, *parts: Part) -> list[Seat]:
        return [seat for seat in self.seats if seat.role.part in parts]

    def evaluator_of(self, seat: Seat) -> UUID:
        """Two evaluators share the candidates between them."""
        evaluators = self.jury["evaluator"]
        return evaluators[self.seats.index(seat) % len(evaluators)]

    def evaluators_of(self, seat: Seat) -> list[UUID]:
        """All of them, where the scheme wants more than one to see each candidate."""
        return self.jury["evaluator"] if self.scheme.evaluators_min > 1 else [self.evaluator_of(seat)]


@dataclass
class Replay:
    diary: Diary
    ground: Ground
    crowd: Crowd
    chance: Random

    def sitting(self, unit: str, starts_at: datetime, places: int, language: str, centre: str = "") -> Sitting:
        known = self.ground.units[unit]
        return Sitting(
            unit=known,
            standard=self.ground.standards[unit],
            scheme=self.ground.schemes[known.scheme],
            centre=self.ground.centres[centre or self.ground.home[unit]],
            language=language,
            starts_at=starts_at,
            places=places,
            seats=[],
        )
