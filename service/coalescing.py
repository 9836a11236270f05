"""Coalescing: what is asked while a round trip is under way goes together in the next one, each with its own answer.

Nobody waits for company: who comes alone goes alone and at once, so a quiet service is as fast as without it. What is
asked belongs to nobody else: an asker who leaves does not take the others along, and one whose wish breaks the journey,
or would hold it up, is answered on a journey of its own.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import Context
from typing import Generic, TypeVar

from service.refusals import Overloaded, Unavailable

MOST = 32  # together: a longer journey keeps its first passenger waiting, and holds its locks longer
BUSY = 2  # together: who is alone in a process is better off at once than in company
LONE_FLIGHTS = 3  # at a time, of wishes that have to go alone

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")
Passenger = tuple[Wish, "asyncio.Future[Answer]"]


class GoAlone(Exception):
    """What `together` answers for a wish that would keep its company waiting: it is asked again, by itself."""


class Coalesced(Generic[Wish, Answer]):
    """`await each(wish)` is answered by `together`, which is given one wish or several and returns, in their order, an
    answer or a refusal for each. It must be one unit of work: when it raises, nothing has happened.

    `flights`: how many round trips may be under way at a time. `whose`: wishes of one owner go one after the other, in
    the order in which they came. `alone`: answers a wish for which `together` said GoAlone. `turn`: in busy times, as
    the last flight showed, it is waited for before it is known who goes together (service/turns.py); one flight at a time.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Wish]], Awaitable[Sequence[Answer | Exception]]],
        *,
        most: int = MOST,
        flights: int = 1,
        whose: Callable[[Wish], Hashable] | None = None,
        alone: Callable[[Wish], Awaitable[Answer]] | None = None,
        turn: AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        self._together = together
        self._turn = turn or nullcontext()
        self._was_busy = False
        self._most = most
        self._free = flights
        self._whose = whose
        self._alone = alone
        self._lone_lane = asyncio.Semaphore(LONE_FLIGHTS)
        self._waiting: deque[Passenger[Wish, Answer]] = deque()
        self._aboard: Counter[Hashable] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, wish: Wish) -> Answer:
        """The answer to this wish; raises what was refused."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, answer))
        self._depart()
        return await answer

    def _depart(self) -> None:
        if self._free:
            self._free -= 1
            self._start(self._fly())

    def _start(self, journey: Coroutine[None, None, None]) -> None:
        # In a context of its own: neither the actor nor the request of whoever came first.
        task = asyncio.create_task(journey, context=Context())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _fly(self) -> None:
        # A task begins after whatever is ready to run: who asks in the same turn of the loop is aboard, and nobody waited.
        try:
            while self._waiting:
                async with self._turn if self._was_busy else nullcontext():
                    if not (boarding := self._board()):
                        break
                    self._was_busy = len(boarding) >= BUSY
                    given = await self._given(boarding)
                self._hand_out(boarding, given)  # when the next process may set out already
        finally:
            self._free += 1

    def _board(self) -> "list[Passenger[Wish, Answer]]":
        """The next ones in line. Who has left meanwhile is left out; whose former wish is under way stays in line."""
        boarding: list[Passenger[Wish, Answer]] = []
        staying: list[Passenger[Wish, Answer]] = []
        while self._waiting and len(boarding) < self._most:
            passenger = self._waiting.popleft()
            if passenger[1].done():
                continue
            owner = self._owner(passenger)
            if self._aboard[owner]:
                staying.append(passenger)
                continue
            self._aboard[owner] += 1
            boarding.append(passenger)
        self._waiting.extendleft(reversed(staying))
        return boarding

    async def _given(self, boarding: "list[Passenger[Wish, Answer]]") -> Sequence[Answer | Exception]:
        try:
            return await self._together([wish for wish, _ in boarding])
        except (Unavailable, Overloaded) as away:  # the database's trouble, which asking alone would only prolong
            return [away] * len(boarding)
        except Exception as error:
            return [GoAlone() if len(boarding) > 1 or self._alone else error for _ in boarding]
        except BaseException:
            for passenger in boarding:
                self._arrive(passenger, Unavailable())
            raise

    def _hand_out(self, boarding: "list[Passenger[Wish, Answer]]", given: "Sequence[Answer | Exception]") -> None:
        for passenger, one in zip(boarding, given, strict=True):
            if isinstance(one, GoAlone):
                self._start(self._go_alone(passenger))
            else:
                self._arrive(passenger, one)

    async def _go_alone(self, passenger: "Passenger[Wish, Answer]") -> None:
        wish, _ = passenger
        outcome: Answer | Exception = Unavailable()
        try:
            async with self._lone_lane:
                outcome = await self._alone(wish) if self._alone else (await self._together([wish]))[0]
        except Exception as error:
            outcome = error
        finally:
            self._arrive(passenger, outcome)
            self._depart()  # the next wish of the same owner may have waited for this one alone

    def _arrive(self, passenger: "Passenger[Wish, Answer]", outcome: Answer | Exception) -> None:
        _, answer = passenger
        owner = self._owner(passenger)
        self._aboard[owner] -= 1
        if not self._aboard[owner]:
            del self._aboard[owner]
        if answer.done():
            return
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    def _owner(self, passenger: "Passenger[Wish, Answer]") -> Hashable:
        wish, answer = passenger
        return self._whose(wish) if self._whose else answer
