"""Coalescing: company is welcome and never waited for, and nobody pays for a neighbour."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar

import pytest

from service.coalescing import Coalesced
from service.refusals import NotFound, Unavailable


class Ferry:
    """Doubles numbers; crosses when it is told to. Refuses 13, and founders with 7 aboard."""

    def __init__(self) -> None:
        self.crossings: list[list[int]] = []
        self.quay = asyncio.Semaphore(0)

    async def __call__(self, wishes: Sequence[int]) -> list[int | Exception]:
        self.crossings.append(list(wishes))
        await self.quay.acquire()
        if 7 in wishes:
            raise ZeroDivisionError
        if 5 in wishes:
            raise Unavailable
        return [NotFound() if wish == 13 else 2 * wish for wish in wishes]

    def let_go(self, crossings: int = 1) -> None:
        for _ in range(crossings):
            self.quay.release()


async def asked(double: Coalesced[int, int], *wishes: int) -> "list[asyncio.Task[int]]":
    tasks = [asyncio.create_task(double(wish)) for wish in wishes]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_comes_alone_goes_alone_and_at_once() -> None:
    ferry = Ferry()
    (one,) = await asked(Coalesced(ferry), 1)
    assert ferry.crossings == [[1]]
    ferry.let_go()
    assert await one == 2


async def test_who_comes_in_the_same_turn_of_the_loop_shares_the_first() -> None:
    """They are there already: nobody waits for them."""
    ferry = Ferry()
    tasks = await asked(Coalesced(ferry), 1, 2, 3)
    assert ferry.crossings == [[1, 2, 3]]
    ferry.let_go()
    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_who_comes_while_a_crossing_is_under_way_shares_the_next() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    tasks = [*await asked(double, 1), *await asked(double, 2, 3, 4)]
    assert ferry.crossings == [[1]]
    ferry.let_go(2)
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert ferry.crossings == [[1], [2, 3, 4]]


async def test_in_busy_times_who_comes_while_the_turn_is_awaited_is_aboard() -> None:
    ferry, pier = Ferry(), asyncio.Lock()

    class Turn(AbstractAsyncContextManager[None]):
        async def __aenter__(self) -> None:
            await pier.acquire()

        async def __aexit__(self, *_: object) -> None:
            pier.release()

    await pier.acquire()
    double = Coalesced(ferry, turn=Turn())
    tasks = [*await asked(double, 1), *await asked(double, 2, 3, 4)]
    assert ferry.crossings == [[1]], "in quiet times nobody waits for a turn"
    ferry.let_go(2)
    await asyncio.gather(*tasks)
    assert ferry.crossings == [[1], [2, 3, 4]], "nor does who comes right after it"
    tasks = [*await asked(double, 6), *await asked(double, 8, 9)]
    assert len(ferry.crossings) == 2
    pier.release()
    ferry.let_go()
    assert await asyncio.gather(*tasks) == [12, 16, 18]
    assert ferry.crossings[2:] == [[6, 8, 9]]
    assert not pier.locked()


async def test_a_crossing_takes_so_many_and_no_more() -> None:
    ferry = Ferry()
    double = Coalesced(ferry, most=2)
    tasks = [*await asked(double, 1), *await asked(double, 2, 3, 4)]
    ferry.let_go(3)
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert ferry.crossings == [[1], [2, 3], [4]]


async def test_two_flights_go_side_by_side() -> None:
    ferry = Ferry()
    tasks = await asked(Coalesced(ferry, most=1, flights=2), 1, 2, 3)
    assert ferry.crossings == [[1], [2]]
    ferry.let_go(3)
    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_each_has_their_own_refusal() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    tasks = [*await asked(double, 1), *await asked(double, 2, 13, 4)]
    ferry.let_go(2)
    given = await asyncio.gather(*tasks, return_exceptions=True)
    assert [given[0], given[1], given[3]] == [2, 4, 8]
    assert isinstance(given[2], NotFound)


async def test_whoever_wrecks_a_crossing_is_the_only_one_to_drown() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    tasks = [*await asked(double, 1), *await asked(double, 2, 7, 4)]
    ferry.let_go(5)
    given = await asyncio.gather(*tasks, return_exceptions=True)
    assert [given[0], given[1], given[3]] == [2, 4, 8]
    assert isinstance(given[2], ZeroDivisionError)
    assert ferry.crossings == [[1], [2, 7, 4], [2], [7], [4]]


async def test_a_database_that_is_away_is_said_to_all_at_once_and_not_asked_again() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    tasks = [*await asked(double, 1), *await asked(double, 2, 5, 4)]
    ferry.let_go(2)
    given = await asyncio.gather(*tasks, return_exceptions=True)
    assert given[0] == 2
    assert [type(one) for one in given[1:]] == [Unavailable] * 3
    assert ferry.crossings == [[1], [2, 5, 4]]


async def test_who_leaves_before_the_crossing_stays_ashore_and_takes_nobody_along() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    first, second, third = [*await asked(double, 1), *await asked(double, 2, 3)]
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    ferry.let_go(2)
    assert await third == 6
    assert ferry.crossings == [[1], [3]]


async def test_after_a_wreck_the_ferry_goes_on() -> None:
    ferry = Ferry()
    double = Coalesced(ferry)
    (lost,) = await asked(double, 7)
    ferry.let_go(2)
    with pytest.raises(ZeroDivisionError):
        await lost
    assert await double(1) == 2


async def test_the_crossing_is_nobodys_errand() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")
    seen: list[str] = []

    async def look(wishes: Sequence[int]) -> list[int | Exception]:
        seen.append(whose.get())
        return [*wishes]

    whose.set("the first one's")
    await Coalesced(look)(1)
    assert seen == ["nobody's"]


async def test_the_wishes_of_one_owner_go_one_after_the_other() -> None:
    ferry = Ferry()
    double = Coalesced(ferry, flights=2, whose=lambda wish: wish % 10)
    tasks = [*await asked(double, 1, 11, 2), *await asked(double, 21, 3)]
    assert ferry.crossings == [[1, 2], [3]]
    ferry.let_go(4)
    assert await asyncio.gather(*tasks) == [2, 22, 4, 42, 6]
    assert ferry.crossings == [[1, 2], [3], [11], [21]]
