"""The rules of the slot ledger that a planner plays: sessions move, are split and merged, and their juries change."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from scheduling import jury_seats, refusals, regrouping, seats, sessions
from scheduling.drafts import Seat as JurySeat
from tests.builders.ledger import ROLES, Seat, Stand

WHERE = st.integers(0, 5)
DAY = st.sampled_from([0, 1, 2, 3, 6])  # a weekend lies between
OTHERS = 3  # the session of the other centre, which is not ours to plan
MOST = 6
TAKEN = (refusals.RoomBusy, refusals.EquipmentBusy, refusals.AssessorBusy)


class Planning(Stand):
    @rule(where=WHERE, day=DAY)
    def move(self, where: int, day: int) -> None:
        where = self.of(where)
        if where == OTHERS:
            return
        self.sweep()
        answer = self.attempt(
            lambda: sessions.move(
                self.tx,
                self.sessions[where],
                starts_at=self.morning(day),
                room_id=self.here.room,
                by=None,
                now=self.now,
            )
        )
        if where in self.gone:
            assert answer is refusals.NotInThatState
        elif self.is_taken(day, but=where):
            assert answer in TAKEN
        elif any(self.is_busy(seat.who, day) for seat in self.live.values() if seat.where == where):
            assert answer is refusals.CandidateBusy
        else:
            assert answer is None, answer
            self.days[where] = day

    @precondition(lambda self: self.live and len(self.sessions) < MOST)
    @rule(data=st.data(), day=DAY)
    def split(self, data: st.DataObject, day: int) -> None:
        """One of a session's people gets another session, before the same jury on another day."""
        key = data.draw(st.sampled_from([*self.live]))
        seat, one = self.live[key], self.here
        if seat.where == OTHERS:
            return
        self.sweep()
        jury = tuple(
            JurySeat(who, role) for role, who in zip(ROLES, (one.evaluator, one.observer, one.manager), strict=True)
        )  # type: ignore[arg-type]
        half = regrouping.Half(one.room, self.morning(day), 2, jury)
        answer = self.attempt(
            lambda: regrouping.split(self.tx, self.sessions[seat.where], half, [key], by=None, now=self.now)
        )
        if seat.where in self.closed or key not in self.live:
            assert answer is refusals.NotInThatState
        elif self.is_taken(day):
            assert answer in TAKEN
        elif self.is_busy(seat.who, day):
            assert answer is refusals.CandidateBusy
        else:
            assert isinstance(answer, UUID), answer
            self.sessions.append(answer)
            self.days.append(day)
            self.capacity.append(2)
            self.juries.append(self.whole_jury())
            self.follow([key], len(self.sessions) - 1)

    @precondition(lambda self: len(self.closed) < len(self.sessions) - 1)
    @rule(data=st.data(), into=WHERE)
    def merge(self, data: st.DataObject, into: int) -> None:
        where, into = data.draw(st.sampled_from(self.with_people())), self.of(into)
        self.sweep()
        people = [key for key, seat in self.live.items() if seat.where == where]
        answer = self.attempt(
            lambda: regrouping.merge(
                self.tx, self.sessions[where], self.sessions[into], reason="trop peu", by=None, now=self.now
            )
        )
        if where == into or OTHERS in (where, into):
            assert answer is refusals.SessionsDiffer
        elif into in self.closed:
            assert answer is refusals.SessionNotOpen
        elif refused := self.cannot_follow(people, into):
            assert answer in refused, answer
        elif where in self.gone:
            assert answer is refusals.NotInThatState
        else:
            assert answer == len(people), answer
            self.cancelled(where)
            self.follow(people, into)

    def with_people(self) -> list[int]:
        """Mostly there is somebody to follow."""
        return sorted({seat.where for seat in self.live.values()} - {OTHERS}) or [*range(len(self.sessions))]

    def cannot_follow(self, people: list[UUID], into: int) -> set[type[Exception]]:
        """What would be said to one of them, each asked for themselves; whoever is asked first hears of it first."""
        found: set[type[Exception]] = set()
        for who in (self.live[key].who for key in people):
            if self.is_busy(who, self.days[into]):
                found.add(refusals.CandidateBusy)
            if who == 0 and self.kin in self.juries[into].get("observer", ()):
                found.add(refusals.AssessorKnowsCandidate)
        if self.seated(into) + len(people) > self.capacity[into]:
            found.add(refusals.SessionFull)
        return found

    @rule(where=WHERE, role=st.sampled_from(ROLES))
    def leave_the_jury(self, where: int, role: str) -> None:
        """Before the list is closed; from then on somebody else sits in, by one step (see below)."""
        where = self.of(where)
        if where == OTHERS or where in self.closed or not self.juries[where].get(role):
            return
        who = min(self.juries[where][role])
        answer = self.attempt(lambda: self.release(where, who))
        if role == "evaluator":
            assert answer is refusals.SeatsExceedCapacity
        else:
            assert answer is None, answer
            self.juries[where][role].remove(who)

    @rule(where=WHERE, who=st.sampled_from(["observer", "kin", "manager"]))
    def join_the_jury(self, where: int, who: str) -> None:
        where, role = self.of(where), "manager" if who == "manager" else "observer"
        if where == OTHERS:
            return
        self.sweep()
        person: UUID = self.kin if who == "kin" else getattr(self.here, who)
        answer = self.attempt(lambda: self.give(where, person, role))
        sitting = self.juries[where].setdefault(role, set())
        if where in self.gone:
            assert answer is refusals.SessionOver
        elif who == "kin" and any(seat.who == 0 for seat in self.live.values() if seat.where == where):
            assert answer is refusals.AssessorKnowsCandidate
        elif person in sitting:
            assert answer in (refusals.AssessorAlreadySeated, refusals.ManagerAlreadySeated, refusals.AssessorBusy)
        else:
            assert isinstance(answer, UUID), answer
            sitting.add(person)

    @rule(where=WHERE)
    def another_evaluator_sits_in(self, where: int) -> None:
        """Also after the list was closed: in one step, so that the seats have their evaluator at every moment."""
        where = self.of(where)
        if where == OTHERS or where in self.gone:
            return
        (ill,) = self.juries[where]["evaluator"]
        (other,) = {*self.evaluators} - {ill}

        async def exchanged() -> None:
            await self.release(where, ill)
            await self.give(where, other, "evaluator")

        answer = self.attempt(exchanged)
        assert answer is None, answer
        self.juries[where]["evaluator"] = {other}

    async def release(self, where: int, who: UUID) -> None:
        (seat,) = [one for one in await jury_seats.of_session(self.tx, self.sessions[where]) if one.assessor_id == who]
        await jury_seats.release(self.tx, seat.id, by=None, now=self.now)

    async def give(self, where: int, who: UUID, role: Any) -> UUID:
        return await jury_seats.give(self.tx, self.sessions[where], who, role, by=None, now=self.now)

    def follow(self, people: Collection[UUID], into: int) -> None:
        """Each has the new place as they had the old one: held until the same moment, or for good."""
        rows = self.run(
            self.tx.fetch(
                "select booking_id, instead_of from scheduling.rebookings where instead_of = any ($1)", [*people]
            )
        )
        assert {row["instead_of"] for row in rows} == {*people}
        for row in rows:
            old = self.live.pop(row["instead_of"])
            self.live[row["booking_id"]] = Seat(old.who, into, old.until)

    def morning(self, day: int) -> Any:
        return self.here.morning + timedelta(days=day)

    def sweep(self) -> None:
        """What a worker does every few seconds; until then a place that was held too long may still be in a planner's way."""
        self.run(seats.expire(self.tx, now=self.now))
        self.forget_lapsed()

    def is_taken(self, day: int, but: int | None = None) -> bool:
        others = {*range(len(self.sessions))} - self.gone - {OTHERS, but}
        return any(self.days[other] == day for other in others)

    def is_busy(self, who: int, day: int) -> bool:
        """Whether they are tested elsewhere at that time."""
        return self.days[OTHERS] == day and any(seat.who == who and seat.where == OTHERS for seat in self.live.values())
