"""The best repair of each session, worked out from one snapshot: a pure function, the same for the same snapshot.

What a repair costs is counted in changes that people feel: a candidate who is told of another room, waits another day,
goes to another centre, loses their place. The weights are ours (a proposal): the planner sees them in what is proposed
first, and may choose otherwise.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Kind = Literal["swap", "piece", "fewer", "room", "move", "rebook", "cancel", "leave"]
Trouble = Literal["assessor", "room", "equipment", "centre"]

FEWER = 0.5  # a seat that nobody has is given up
OTHER_SITE = 3.0  # times the change of room within the site
DAY, MOVE = 1.0, 5.0  # a day's delay, and being moved at all, for each candidate and for the jury once
REBOOKED, OTHER_CENTRE, FIRST_IN_LINE = 8.0, 20.0, 200.0  # for each candidate
CANCELLED = 25.0


class Seat(Struct, frozen=True):
    seat_id: UUID
    assessor_id: UUID
    role: Literal["evaluator", "observer", "manager"]


class Slot(Struct, frozen=True):
    """A time and a room that are free for the session; `days`: how much later, 0 for another room at the same time."""

    starts_at: datetime
    room_id: UUID
    site_id: UUID
    days: int


class Place(Struct, frozen=True):
    session_id: UUID
    starts_at: datetime
    same_centre: bool
    free: int


class Booked(Struct, frozen=True):
    id: UUID
    places: tuple[Place, ...]


class Hit(Struct, frozen=True):
    """A session that counts on what failed. `substitutes`: who could sit in, the best first; `spare`: free pieces."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime
    occupied_until: datetime
    room_id: UUID
    site_id: UUID
    seats: int
    state: Literal["draft", "open", "locked"]
    jury: tuple[Seat, ...]
    pieces: tuple[UUID, ...]
    spare: tuple[UUID, ...]
    slots: tuple[Slot, ...]
    bookings: tuple[Booked, ...]
    substitutes: tuple[UUID, ...] = ()


class Option(Struct, frozen=True):
    """One way to mend a session. `to`: the assessor, the piece or the room; `places`: where each booking goes."""

    kind: Kind
    cost: float
    to: UUID | None = None
    starts_at: datetime | None = None
    places: tuple[tuple[UUID, UUID | None], ...] = ()

    @property
    def name(self) -> str:
        """How a form says it."""
        parts = (self.kind, self.starts_at and self.starts_at.isoformat(), self.to and str(self.to))
        return "|".join(part for part in parts if part)


LEAVE = Option("leave", 10_000.0)


class Mended(Struct, frozen=True):
    """A session with its ways, the cheapest first, and the one that is chosen."""

    session_id: UUID
    options: tuple[Option, ...]
    chosen: Option


class _Taken:
    """What the choices made so far have used up: nobody and nothing is promised twice."""

    def __init__(self) -> None:
        self.spans: list[tuple[UUID, datetime, datetime]] = []
        self.places: dict[UUID, int] = {}

    def is_free(self, what: UUID, starts_at: datetime, ends_at: datetime) -> bool:
        return all(what != one or ends_at <= begin or starts_at >= end for one, begin, end in self.spans)


def best(
    hits: list[Hit],
    trouble: Trouble,
    *,
    wanted: dict[UUID, str] | None = None,
    impossible: frozenset[tuple[UUID, str]] = frozenset(),
) -> list[Mended]:
    """For each session, soonest first, the cheapest way that does not get in the way of the choices before it.

    `wanted` are choices by name, made by a person, which go before ours; `impossible` are (session, name) that a rule
    has refused.
    """
    taken, mended = _Taken(), []
    for hit in hits:
        options = [
            option
            for option in sorted(_options(hit, trouble, taken), key=lambda one: one.cost)
            if (hit.id, option.name) not in impossible
        ] or [LEAVE]
        name = (wanted or {}).get(hit.id)
        chosen = next((option for option in options if option.name == name), options[0])
        _take(taken, hit, chosen)
        mended.append(Mended(hit.id, tuple(options), chosen))
    return mended


def _options(hit: Hit, trouble: Trouble, taken: _Taken) -> list[Option]:
    """All but to leave a test on a broken piece of equipment: that is what is left where nothing else is possible."""
    people = len(hit.bookings) + 1
    found = [] if trouble == "equipment" else [LEAVE]
    if trouble == "assessor":
        fit = [who for who in hit.substitutes if taken.is_free(who, hit.occupied_from, hit.occupied_until)]
        found += [Option("swap", rank / 100, who) for rank, who in enumerate(fit[:8])]
    if trouble == "equipment":
        spare = [piece for piece in hit.spare if taken.is_free(piece, hit.occupied_from, hit.occupied_until)]
        found += [Option("piece", 0.0, piece) for piece in spare[:1]]
        if len(hit.bookings) < hit.seats and hit.seats > 1:
            found.append(Option("fewer", FEWER))
    found += [_moved(hit, slot, people) for slot in _slots(hit, trouble, taken)]
    places = _places(hit, taken)
    if any(session_id for _, session_id in places):
        found.append(Option("rebook", _rebooking_cost(hit, places), places=places))
    nobody = tuple((booked.id, None) for booked in hit.bookings)
    found.append(Option("cancel", CANCELLED + FIRST_IN_LINE * len(hit.bookings), places=nobody))
    return found


def _slots(hit: Hit, trouble: Trouble, taken: _Taken) -> list[Slot]:
    """The first free ones: another room on the day, where the room is what failed; else the next possible days."""
    free = [
        slot
        for slot in hit.slots
        if (slot.days or trouble == "room")
        and taken.is_free(slot.room_id, *_shifted(hit, slot))
        and all(taken.is_free(seat.assessor_id, *_shifted(hit, slot)) for seat in hit.jury if seat.role != "manager")
    ]
    here, later = [slot for slot in free if not slot.days], [slot for slot in free if slot.days]
    return here[:5] + later[:5]


def _moved(hit: Hit, slot: Slot, people: int) -> Option:
    farther = OTHER_SITE if slot.site_id != hit.site_id else 1.0
    if not slot.days:
        return Option("room", farther * people, slot.room_id, slot.starts_at)
    change = 0.0 if slot.room_id == hit.room_id else farther
    return Option("move", (MOVE + DAY * slot.days + change) * people, slot.room_id, slot.starts_at)


def _places(hit: Hit, taken: _Taken) -> tuple[tuple[UUID, UUID | None], ...]:
    """Each booking's nearest place that is left, in the order of booking."""
    used = dict(taken.places)
    found: list[tuple[UUID, UUID | None]] = []
    for booked in hit.bookings:
        place = next((one for one in booked.places if used.get(one.session_id, 0) < one.free), None)
        if place is not None:
            used[place.session_id] = used.get(place.session_id, 0) + 1
        found.append((booked.id, place.session_id if place else None))
    return tuple(found)


def _rebooking_cost(hit: Hit, places: tuple[tuple[UUID, UUID | None], ...]) -> float:
    cost = CANCELLED
    for booked, (_, session_id) in zip(hit.bookings, places, strict=True):
        place = next((one for one in booked.places if one.session_id == session_id), None)
        if place is None:
            cost += FIRST_IN_LINE
        else:
            days = abs((place.starts_at - hit.starts_at).total_seconds()) / 86_400
            cost += REBOOKED + DAY * days + (0.0 if place.same_centre else OTHER_CENTRE)
    return cost


def _take(taken: _Taken, hit: Hit, chosen: Option) -> None:
    if chosen.kind in ("swap", "piece") and chosen.to is not None:
        taken.spans.append((chosen.to, hit.occupied_from, hit.occupied_until))
    if chosen.kind in ("room", "move") and chosen.to is not None and chosen.starts_at is not None:
        shift = chosen.starts_at - hit.starts_at
        begin, end = hit.occupied_from + shift, hit.occupied_until + shift
        taken.spans += [(chosen.to, begin, end), *((seat.assessor_id, begin, end) for seat in hit.jury)]
    for _, session_id in chosen.places:
        if session_id is not None:
            taken.places[session_id] = taken.places.get(session_id, 0) + 1


def _shifted(hit: Hit, slot: Slot) -> tuple[datetime, datetime]:
    shift = slot.starts_at - hit.starts_at
    return hit.occupied_from + shift, hit.occupied_until + shift
