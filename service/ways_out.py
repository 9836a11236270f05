"""Ways out: what somebody who was refused a place can do next, nearest first. What happened, and the advice, is in
service/wordings; here is where a press leads."""

from contextlib import suppress

from msgspec import Struct

from scheduling import refusals
from service.i18n import N_


class Way(Struct, frozen=True):
    """`label` says where it leads; `address` names what it needs, and is passed over where nobody knows it: {next} place,
    {session}, {booking} in the way, {unit}, {new}: a unit for which they do not wait, perhaps
    with a language, {mine}: nothing, where they do."""

    label: str
    address: str


NEXT = Way(N_("The next free place: %(moment)s"), "/sessions/{next}")
LINE = Way(N_("My waiting list"), "/waiting{mine}")
WAIT = Way(N_("Join the waiting list"), "/waiting/new?unit={new}")
DATES = Way(N_("Other dates for this test"), "/sessions?what={unit}")
TESTS = Way(N_("Find a test"), "/sessions")
MOVE = Way(N_("Choose another date"), "/bookings/{booking}/rescheduling")
MINE = Way(N_("See the place you have"), "/bookings/{booking}")
JOURNEY = Way(N_("Go to my journey"), "/journey")
THERE = Way(N_("Look whether it is still free"), "/sessions/{session}")
DRAWS = Way(N_("See which places will be drawn"), "/openings")

ELSEWHERE = (NEXT, LINE, WAIT, DATES, TESTS)
# The last way of each needs nothing: there is always one.
WAYS: dict[type[Exception], tuple[Way, ...]] = {
    refusals.SessionFull: ELSEWHERE,
    refusals.SessionNotOpen: ELSEWHERE,
    refusals.SessionOver: ELSEWHERE,
    refusals.CandidateBusy: (NEXT, MINE, DATES, TESTS),
    refusals.CandidateTooYoung: ELSEWHERE,
    refusals.AssessorKnowsCandidate: ELSEWHERE,
    refusals.RoomNotAccessible: ELSEWHERE,
    refusals.RetakeTooSoon: ELSEWHERE,
    refusals.UnitAlreadyBooked: (MOVE, MINE, JOURNEY),
    refusals.SameSession: (MOVE, MINE, JOURNEY),
    refusals.UnitDiffers: (THERE, JOURNEY),
    refusals.TooManyHolds: (MINE, JOURNEY),
    refusals.TooManyBookings: (MINE, JOURNEY),
    refusals.HoldExpired: (THERE, TESTS),
    refusals.TitreAlreadyHeld: (JOURNEY,),
    refusals.GuidanceRequired: (JOURNEY,),
    refusals.NotInThatState: (MINE, JOURNEY),
    refusals.CandidateErased: (TESTS,),
    refusals.OpeningAnnounced: (DRAWS,),
    refusals.OpeningOver: (DATES, TESTS),
    refusals.AlreadyWaiting: (Way(LINE.label, "/waiting"),),
    refusals.WaitingForNothing: (WAIT, TESTS),
    refusals.ExcuseAlreadyAsked: (MINE, JOURNEY),
    refusals.ExcuseTooLate: (MINE, JOURNEY),
    refusals.ExcuseUnmotivated: (MINE, JOURNEY),
}


MOST = 3


def known(refusal: type[Exception], facts: dict[str, object]) -> list[Way]:
    """The ways of which everything is known, nearest first, with their addresses filled in."""
    values = {name: value for name, value in facts.items() if value is not None}
    found = []
    for way in WAYS.get(refusal, ()):
        with suppress(KeyError):
            found.append(Way(way.label, way.address.format(**values)))
    return found[:MOST]
