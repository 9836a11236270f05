"""What every process of ours has in hand: web, worker, commands and tests enter `running`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import msgspec

from service import db, mail, sms
from service.clock import DatabaseClock
from service.queue import Queue
from service.settings import Settings, SettingsFault

Clock = Callable[[], datetime]
NOT_OURS = (
    f"DATABASE_URL: this login may not work as the role {db.APPLICATION}: `preuve migrate` makes it, "
    "and its owner grants it."
)


class Running(msgspec.Struct, frozen=True):
    """The open database, the queue and the mail's way out; `queue` may be out of reach, the rest works without it."""

    settings: Settings
    db: db.Database
    queue: Queue
    mail: mail.Post
    sms: sms.Port
    clock: Clock

    def as_house(self) -> "Running":
        """The same in the hands of the house itself: for work that is nobody's request."""
        return msgspec.structs.replace(self, db=self.db.as_house())

    def now(self) -> datetime:
        """This moment, in UTC."""
        return self.clock().astimezone(UTC)


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None, house: bool = False) -> AsyncIterator[Running]:
    """Open what a process needs, close it at the end. Both addresses must be known by now: see `preuve run`.

    `clock`: the database's, unless another is given. `house`: this process is nobody's request, the house itself acts in
    it. Refuses Unavailable when the database cannot be reached, SettingsFault when it is not ours; Valkey is not asked
    for before it is needed.
    """
    async with AsyncExitStack() as stack:
        try:
            database = await db.connect(settings.database_url, house=house)
        except db.NotOurs:
            raise SettingsFault(NOT_OURS) from None
        stack.push_async_callback(database.close)
        if clock is None:
            clock = await _by_the_database(database, stack)
        queue = Queue(settings.redis_url)
        stack.push_async_callback(queue.close)
        post = mail.post(settings.smtp_url, settings.data / "mail")
        yield Running(settings, database, queue, post, sms.port(settings.sms_url, settings.data / "sms"), clock)


async def _by_the_database(database: db.Database, stack: AsyncExitStack) -> Clock:
    clock = DatabaseClock()
    await clock.set(database)
    keeping = asyncio.create_task(clock.keep(database))
    stack.callback(keeping.cancel)
    return clock
