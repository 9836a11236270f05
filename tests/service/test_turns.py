"""Turns between processes: they go round, and a process that dies, hangs or leaves keeps nobody waiting."""

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from service import turns
from service.turns import Turn
from tests.faults.servers import HOUSE

HOLDS = """
import asyncio, sys
from pathlib import Path
from service.turns import Turn

async def main():
    async with Turn(Path(sys.argv[1])):
        print("mine", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def turn(tmp_path: Path) -> AsyncIterator[Callable[[], Turn]]:
    """`turn()`: as another process would have it; locks belong to open files."""
    made: list[Turn] = []

    def another() -> Turn:
        made.append(Turn(tmp_path / "turns"))
        return made[-1]

    yield another
    for one in made:
        one.close()


@pytest.fixture
async def another_process(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """It has the turn, and does not give it back."""
    program = [sys.executable, "-c", HOLDS, str(tmp_path / "turns")]
    process = await asyncio.create_subprocess_exec(*program, cwd=HOUSE, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"mine\n"
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_they_go_round_one_at_a_time(turn: Callable[[], Turn]) -> None:
    went: list[int] = []
    under_way = 0

    async def many(number: int) -> None:
        nonlocal under_way
        mine = turn()
        for _ in range(20):
            async with mine:
                under_way += 1
                assert under_way == 1
                went.append(number)
                await asyncio.sleep(0.001)
                under_way -= 1

    began = time.monotonic()
    await asyncio.gather(many(0), many(1), many(2))
    assert time.monotonic() - began < 60 * turns.LOOK_EVERY, "the bell is heard, and nobody only looks"
    middle = went[6:-6]
    assert max(middle.count(number) for number in range(3)) <= min(middle.count(number) for number in range(3)) + 2
    assert all(later != former for former, later in itertools.pairwise(middle)), "who had their turn is not next"


async def test_who_is_alone_does_not_wait(turn: Callable[[], Turn]) -> None:
    mine = turn()
    began = time.perf_counter()
    for _ in range(100):
        async with mine:
            pass
    assert time.perf_counter() - began < 100 * turns.LOOK_EVERY / 4


async def test_the_turn_of_a_process_that_is_killed_is_free(
    turn: Callable[[], Turn], another_process: asyncio.subprocess.Process
) -> None:
    mine = turn()
    waiting = asyncio.create_task(mine.__aenter__())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    another_process.send_signal(signal.SIGKILL)
    await asyncio.wait_for(waiting, turns.PATIENCE)
    assert mine.is_mine
    await mine.__aexit__(None, None, None)


async def test_a_process_that_hangs_is_waited_for_once(
    turn: Callable[[], Turn], another_process: asyncio.subprocess.Process
) -> None:
    another_process.send_signal(signal.SIGSTOP)
    mine = turn()
    took = []
    for _ in range(3):
        began = time.monotonic()
        async with mine:
            assert not mine.is_mine
            took.append(time.monotonic() - began)
    assert turns.PATIENCE <= took[0] < 2 * turns.PATIENCE + turns.LOOK_EVERY
    assert max(took[1:]) < turns.LOOK_EVERY


async def test_who_leaves_the_line_holds_nobody_up(turn: Callable[[], Turn]) -> None:
    first, second, third = turn(), turn(), turn()
    async with AsyncExitStack() as has_it:
        await has_it.enter_async_context(first)
        leaving = asyncio.create_task(second.__aenter__())
        await asyncio.sleep(0.01)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    async with asyncio.timeout(turns.LOOK_EVERY * 2), third:
        assert third.is_mine


async def test_without_a_place_for_turns_everybody_goes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    mine = Turn(tmp_path / "file")
    async with mine:
        assert not mine.is_mine


async def test_a_bell_that_breaks_keeps_nobody_from_going_on(turn: Callable[[], Turn]) -> None:
    """What was done in the turn is done, and its answers have to get out."""
    mine, theirs = turn(), turn()
    async with mine:
        os.close(mine._turn._bell)
    async with asyncio.timeout(5), theirs:
        assert theirs.is_mine
    async with asyncio.timeout(5), mine:
        assert mine.is_mine
