"""Turns: of the processes on one machine, one at a time is in PostgreSQL with the orders of many; what the others are asked
meanwhile goes together when their turn comes. Two that went at once would do with half as many each, for nearly the same
work, and would wait there for each other where it is one session that everybody wants.

Nothing depends on it but speed. The kernel takes the turn of a process that dies; who waits for one that hangs goes without,
and does not ask again for some time; nobody waits where nobody else is under way.
"""

import asyncio
import fcntl
import os
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from types import TracebackType

PATIENCE = 0.25  # seconds: longer than any turn but one that meets a lock
APART = 5.0  # seconds, for which a process does without turns after it waited in vain
COURTESY = 0.001  # seconds, in which a turn is far from over
LOOK_EVERY = 0.02  # seconds, for who died without ringing


class Turn(AbstractAsyncContextManager[None]):
    """`async with turn:` one of the processes whose turns are kept in `folder`; one task of a process at a time.

    Who holds the line is next: so it goes round, and who has had their turn finds the line taken.
    """

    def __init__(self, folder: Path) -> None:
        self._line = Lock(folder, "turn.line")
        self._turn = Lock(folder, "turn")
        self._apart_until = 0.0

    async def __aenter__(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._apart_until:
            return
        try:
            if not (await self._line.got(now + PATIENCE, courtesy=COURTESY) and await self._turn.got(now + PATIENCE)):
                self._apart_until = now + PATIENCE + APART
        except OSError:  # a broken disk, or one where there are no such files
            self._apart_until = now + APART
        finally:
            self._line.let_go()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._turn.let_go()
        except OSError:  # what is closed is free
            self._turn.close()

    @property
    def is_mine(self) -> bool:
        """Whether this process has the turn, and does not go without."""
        return self._turn.is_held

    def close(self) -> None:
        self._line.close()
        self._turn.close()


class Lock:
    """A lock between processes that the kernel keeps, and a bell beside it, a pipe, that is rung when it is let go."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._file = self._bell = -1
        self.is_held = False

    async def got(self, until: float, *, courtesy: float = 0.0) -> bool:
        """Whether it was got by then, on the loop's clock. When it is free for the first time, whoever has waited for longer
        has `courtesy` seconds to take it."""
        self._open()
        loop = asyncio.get_running_loop()
        while not self._taken():
            if loop.time() >= until:
                return False
            await self._rung(loop)
            if courtesy:
                await asyncio.sleep(courtesy)
                courtesy = 0.0
        return True

    def let_go(self) -> None:
        """Of what is not held, nothing."""
        if not self.is_held:
            return
        self.is_held = False
        fcntl.flock(self._file, fcntl.LOCK_UN)
        with suppress(BlockingIOError):  # it has rung for long, and nobody waits
            os.write(self._bell, b"!")

    def close(self) -> None:
        for one in (self._file, self._bell):
            with suppress(OSError):
                os.close(one)
        self._file = self._bell = -1

    def _open(self) -> None:
        if self._bell >= 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        bell = self._folder / f"{self._name}.bell"
        with suppress(FileExistsError):
            os.mkfifo(bell, 0o600)
        self._file = os.open(self._folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._bell = os.open(bell, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def _taken(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.is_held = True
        return self.is_held

    async def _rung(self, loop: asyncio.AbstractEventLoop) -> None:
        """It was let go, or whoever held it may have died. Who takes the bell's word tries the lock next."""
        rung = loop.create_future()
        loop.add_reader(self._bell, _set, rung)
        again = loop.call_later(LOOK_EVERY, _set, rung)
        try:
            await rung
        finally:
            again.cancel()
            loop.remove_reader(self._bell)
        with suppress(BlockingIOError):
            os.read(self._bell, 1 << 16)


def _set(rung: "asyncio.Future[None]") -> None:
    if not rung.done():
        rung.set_result(None)
