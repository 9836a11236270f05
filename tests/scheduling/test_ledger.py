"""Every verb of the slot ledger in any order, held against a small model: Hypothesis looks for the order that breaks it."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from assessments import accommodations
from scheduling import (
    bookings,
    equipment_reservations,
    excuses,
    holds,
    jury_seats,
    offers,
    refusals,
    rescheduling,
    seats,
    sessions,
    waiting,
)
from service import measures
from tests.builders.ledger import CLOCKWORKS, WORKERS, Seat, standing
from tests.builders.ledger_mistakes import Mistakes
from tests.builders.ledger_planning import WHERE

OFFERS = offers.OfferPolicy(hours=24, lead_hours=2)
POLICY = bookings.CancellationPolicy(late_hours=48)
WHO = st.integers(0, 4)


class Ledger(Mistakes):
    @rule(who=WHO, where=WHERE)
    def somebody_books(self, who: int, where: int) -> None:
        self.book(who, self.of(where))

    @rule(who=WHO, where=WHERE)
    def somebody_holds(self, who: int, where: int) -> None:
        self.hold(who, self.of(where))

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([*self.live]))
        seat = self.live[key]
        answer = self.attempt(lambda: holds.confirm(self.tx, key, by=None, now=self.now))
        if not seat.is_live(self.now):
            assert answer is refusals.HoldExpired
            return
        assert answer is None
        seat.until = None
        self.serve(key, seat)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def cancel_or_decline(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([*self.live]))
        answer = self.attempt(lambda: bookings.cancel(self.tx, key, policy=POLICY, by=None, now=self.now))
        if self.live[key].is_live(self.now):
            assert answer == ("declined" if self.live[key].until else self.early_or_late(self.live[key].where))
            self.ended.append(key)
            del self.live[key]
        else:
            self.forget_lapsed()

    def early_or_late(self, where: int) -> str:
        starts_at = self.here.morning + timedelta(days=self.days[where])
        return "cancelled_early" if starts_at - self.now >= timedelta(hours=48) else "cancelled_late"

    @precondition(lambda self: self.live)
    @rule(data=st.data(), where=WHERE)
    def reschedule(self, data: st.DataObject, where: int) -> None:
        where = 0 if self.of(where) == 3 else self.of(where)
        key = data.draw(st.sampled_from([*self.live]))
        seat = self.live[key]
        answer = self.attempt(
            lambda: rescheduling.reschedule(self.tx, key, self.sessions[where], policy=POLICY, by=None, now=self.now)
        )
        if seat.where == where:
            assert answer is refusals.SameSession
        elif seat.where == 3:
            assert answer is refusals.UnitDiffers
        elif seat.until is not None:
            assert answer is refusals.NotInThatState
        else:
            expected = self.expected(seat.who, where, but=key)
            self.took(answer, expected, Seat(seat.who, where, None))
            if expected is None:
                self.ended.append(key)
                del self.live[key]

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def excuse(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.ended))
        release = self.run(bookings.get(self.tx, key)).release
        policy = excuses.ExcusePolicy()

        async def excused() -> None:
            asked = await excuses.ask(self.tx, key, "malade", policy=policy, now=self.now)
            await excuses.accept(self.tx, asked, by=None, now=self.now)

        answer = self.attempt(excused)
        assert answer is (None if release == "cancelled_late" else refusals.NotInThatState)

    @rule(who=WHO, narrow=st.booleans())
    def wait(self, who: int, narrow: bool) -> None:
        wish = waiting.Wish(("fr",), date(2026, 9, 1), mornings=(2,) if narrow else waiting.EVERY_DAY)
        answer = self.attempt(lambda: waiting.join(self.tx, self.candidates[who], self.here.unit, wish, now=self.now))
        if isinstance(answer, UUID):
            self.waits[who] = answer
        self.now += timedelta(seconds=1)  # no two join at one moment: an example is played twice, with other ids

    @precondition(lambda self: self.waits)
    @rule(data=st.data())
    def leave_the_list(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from([*self.waits]))
        assert self.attempt(lambda: waiting.leave(self.tx, self.waits[who], now=self.now)) is None
        del self.waits[who]

    @rule()
    def clockwork(self) -> None:
        """What the worker does: afterwards nobody willing waits beside a free feasible seat, and the order was kept."""

        async def work() -> list[UUID]:
            await seats.expire(self.tx, now=self.now)
            made = []
            for session_id in await offers.open_sessions(self.tx, unit_id=None, now=self.now):
                line = await self.tx.fetch("select waiting_id from scheduling.willing($1, $2)", session_id, self.now)
                given = await offers.offer(self.tx, session_id, policy=OFFERS, now=self.now)
                to = [
                    await self.tx.fetchval("select waiting_id from scheduling.bookings where id = $1", g) for g in given
                ]
                assert to == [row["waiting_id"] for row in line[: len(to)]], "the first on the list are asked"
                made += given
            assert await offers.open_sessions(self.tx, unit_id=None, now=self.now) == []
            return made

        made = self.run(work())
        self.forget_lapsed()
        for key in made:
            offer = self.run(bookings.get(self.tx, key))
            who, where = self.candidates.index(offer.candidate_id), self.sessions.index(offer.session_id)
            assert self.expected(who, where) is None
            assert self.is_whole(where), "without a whole jury no place is offered"
            assert who in self.waits, "whoever left the list is not offered a place"
            self.live[key] = Seat(who, where, offer.held_until)
        self.audited(but=WORKERS)

    @rule(minutes=st.sampled_from([1, 10, 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), self.here.morning - timedelta(hours=3))

    @rule(where=WHERE)
    def change_seats(self, where: int) -> None:
        where = self.of(where)
        wanted = 3 - self.capacity[where]
        answer = self.attempt(
            lambda: self.tx.execute(
                "update scheduling.sessions set seats = $2 where id = $1", self.sessions[where], wanted
            )
        )
        counted = sum(seat.where == where for seat in self.live.values())
        if answer is refusals.SessionFull:
            assert counted > wanted
        else:
            assert isinstance(answer, str)
            self.capacity[where] = wanted

    @precondition(lambda self: len(self.closed) < len(self.sessions) - 2)
    @rule(where=WHERE)
    def lock(self, where: int) -> None:
        where = self.of(where)
        answer = self.attempt(lambda: sessions.lock(self.tx, self.sessions[where], by=None, now=self.now))
        if where in self.closed:
            assert answer is refusals.NotInThatState
        elif not self.is_whole(where):
            assert answer is refusals.JuryIncomplete
        else:
            assert answer is None
            self.closed.add(where)

    @precondition(lambda self: len(self.closed) < len(self.sessions) - 2)
    @rule(where=WHERE)
    def cancel_session(self, where: int) -> None:
        where = self.of(where)
        session_id = self.sessions[where]

        async def cancelled() -> None:
            await sessions.cancel(self.tx, session_id, reason="panne", by=None, now=self.now)
            await equipment_reservations.release_all(self.tx, session_id, now=self.now)
            await jury_seats.release_all(self.tx, session_id, by=None, now=self.now)
            await bookings.cancel_all(self.tx, session_id, by=None, now=self.now)

        answer = self.attempt(cancelled)
        assert (answer is None) == (where not in self.gone)
        if answer is None:
            self.cancelled(where)
            self.live = {key: seat for key, seat in self.live.items() if seat.where != where}

    @rule(who=WHO)
    def grant_more_time(self, who: int) -> None:
        async def granted() -> int:
            asked = await accommodations.request(
                self.tx, self.candidates[who], "extra_time", now=self.now, extra_percent=25
            )
            return await measures.grant(self.tx, asked, by=None, now=self.now)

        assert isinstance(self.attempt(granted), int)

    @invariant()
    def check_finds_nothing(self) -> None:
        if hasattr(self, "candidates"):
            self.audited(but=WORKERS | CLOCKWORKS)

    @invariant()
    def counters_are_counts_and_the_model_agrees(self) -> None:
        if not hasattr(self, "candidates"):
            return
        rows = self.run(
            self.tx.fetch(
                """select s.id, s.taken, s.seats, (select count(*) from scheduling.bookings b
                       where b.session_id = s.id and b.released_at is null) as counted from scheduling.sessions s"""
            )
        )
        assert all(row["taken"] == row["counted"] <= row["seats"] for row in rows)
        live = self.run(
            self.tx.fetch(
                """select b.id from scheduling.bookings b
                   where b.released_at is null and not scheduling.lapsed(b, $1)""",
                self.now,
            )
        )
        assert {row["id"] for row in live} == {key for key, seat in self.live.items() if seat.is_live(self.now)}


@pytest.mark.parametrize("examples", [40])
def test_every_verb_in_any_order(shared_url: str, examples: int) -> None:
    with standing(shared_url):
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=examples,
                stateful_step_count=25,
                deadline=None,
                phases=[
                    Phase.generate
                ],  # an order is played in a second: shrinking one takes five minutes, and looks like load
                suppress_health_check=list(HealthCheck),
                derandomize=True,
                print_blob=True,
            ),
        )
