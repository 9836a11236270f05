"""What the ledger's machine does at the door: somebody is turned away, and perhaps it was a mistake."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from scheduling import refusals, turnings_away
from tests.builders.ledger import Seat
from tests.builders.ledger_planning import Planning


class Mistakes(Planning):
    def __init__(self) -> None:
        super().__init__()
        self.turned: dict[UUID, Seat] = {}

    @precondition(lambda self: self.live)
    @rule(data=st.data(), cause=st.sampled_from(["equipment", "late"]))
    def turn_away(self, data: st.DataObject, cause: turnings_away.Cause) -> None:
        self.forget_lapsed()
        if not self.live:
            return
        key = data.draw(st.sampled_from([*self.live]))
        answer = self.attempt(lambda: turnings_away.turn_away(self.tx, key, cause, by=None, now=self.now))
        assert answer is None
        self.turned[key] = self.live.pop(key)

    @precondition(lambda self: self.turned)
    @rule(data=st.data(), meanwhile=st.sampled_from(["nothing", "theirs", "anybody"]), number=st.integers(0, 5))
    def it_was_a_mistake(self, data: st.DataObject, meanwhile: str, number: int) -> None:
        """They may have booked another place by then, or somebody else theirs."""
        key = data.draw(st.sampled_from([*self.turned]))
        seat = self.turned[key]
        if meanwhile == "theirs":
            self.book(seat.who, self.of(number))
        elif meanwhile == "anybody":
            self.book(number % len(self.candidates), seat.where)
        answer = self.attempt(lambda: turnings_away.take_back(self.tx, key, by=None, now=self.now))
        expected = self.stands_against(seat)
        assert answer is expected, f"{answer} instead of {expected}"
        if expected is None:
            self.forget_lapsed()
            self.live[key] = self.turned.pop(key)
            self.serve(key, seat)
            gone = self.run(
                self.tx.fetchval(
                    """select not exists (select from scheduling.priorities p where p.booking_id = $1)
                          and not exists (select from scheduling.turnings_away t where t.booking_id = $1)""",
                    key,
                )
            )
            assert gone

    def stands_against(self, seat: Seat) -> type[Exception] | None:
        """A closed list does not: they were on it."""
        if not seat.is_live(self.now):
            return refusals.NotInThatState
        if seat.where in self.gone:
            return refusals.SessionOver
        full = self.seated(seat.where) >= self.capacity[seat.where]
        closed, self.closed = self.closed, set()
        self.capacity[seat.where] += full
        try:
            return self.expected(seat.who, seat.where) or (refusals.SessionFull if full else None)
        finally:
            self.capacity[seat.where] -= full
            self.closed = closed
