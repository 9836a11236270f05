"""What the ledger's machine does at the door: somebody is turned away, and often it was a mistake."""

from datetime import datetime
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from scheduling import attendance_refusals, refusals, sessions, turnings_away
from service.i18n import BRUSSELS
from tests.builders.ledger import Seat
from tests.builders.ledger_planning import Planning

THEN = st.sampled_from(["for good", "a mistake", "they book another place", "somebody books theirs"])


class Mistakes(Planning):
    def __init__(self) -> None:
        super().__init__()
        self.turned: dict[UUID, Seat] = {}

    @precondition(lambda self: self.live)
    @rule(data=st.data(), then=THEN, number=st.integers(0, 5))
    def turn_away(self, data: st.DataObject, then: str, number: int) -> None:
        self.forget_lapsed()
        if not self.live:
            return
        key = data.draw(st.sampled_from([*self.live]))
        day = self.day_of(self.live[key])
        if self.now < day:
            assert self.attempt(lambda: self.turned_away(key, self.now)) is attendance_refusals.TurnedAwayTooEarly
        seat = self.turned[key] = self.live.pop(key)
        assert self.attempt(lambda: self.turned_away(key, max(self.now, day))) is None
        if then == "they book another place":
            self.book(seat.who, self.of(number))
        elif then == "somebody books theirs":
            self.book(number % len(self.candidates), seat.where)
        if then != "for good":
            self.take_back(key)

    async def turned_away(self, key: UUID, at: datetime) -> None:
        await turnings_away.turn_away(self.tx, key, "room", by=None, now=at)

    def day_of(self, seat: Seat) -> datetime:
        """When the day of their test begins, in Brussels. The machine's own clock stays before all of them: this one moment
        is ahead of it."""
        begins = self.run(sessions.get(self.tx, self.sessions[seat.where])).starts_at.astimezone(BRUSSELS)
        return begins.replace(hour=0, minute=0)

    @precondition(lambda self: self.turned)
    @rule(data=st.data())
    def it_was_a_mistake(self, data: st.DataObject) -> None:
        self.take_back(data.draw(st.sampled_from([*self.turned])))

    def take_back(self, key: UUID) -> None:
        seat = self.turned[key]
        expected = self.stands_against(seat)
        answer = self.attempt(lambda: turnings_away.take_back(self.tx, key, by=None, now=self.now))
        assert answer is expected, f"{answer} instead of {expected}"
        if expected is not None:
            return
        self.forget_lapsed()
        self.live[key] = self.turned.pop(key)
        self.serve(key, seat)
        told = self.tx.fetchval("select count(*) from scheduling.turnings_away where booking_id = $1", key)
        first = self.tx.fetchval("select count(*) from scheduling.priorities where booking_id = $1", key)
        assert (self.run(told), self.run(first)) == (0, 0)

    def stands_against(self, seat: Seat) -> type[Exception] | None:
        """A closed list does not: they were on it. Of a full session only after what is about them."""
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
