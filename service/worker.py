"""`preuve worker`: carries out what the outbox holds, sends the mails, and keeps the clockwork.

arq ends with Valkey, so it is started again and again; meanwhile the relay does the work itself. The process may be
killed at any moment: whatever was under way is undone, leased again after a few seconds, and done once.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import arq
from msgspec import Struct

from assessments import appeals, complaints, working_days
from scheduling import calendar_changes, closures, invitations, offers, priority_groups, seats
from service import (
    absence_letters,
    alert_reactions,
    audit_seals,
    booking_rules,
    bundles,
    calendar_readings,
    ceremonies,
    draws,
    idempotency,
    lapse_notices,
    logins,
    logs,
    mails,
    offer_reactions,
    outbox,
    queue,
    reactions,
    rectifications,
    reminders,
    retention,
    sign_in_links,
    texts,
    tokens,
)
from service.importing import steps
from service.outbox import Reactions
from service.refusals import Unavailable
from service.settings import Settings, SettingsFault
from service.wiring import Running, running

JOBS = 4  # at a time; the pool keeps connections for the relay and the mails
JOB_SECONDS = 20
DRAIN_SECONDS = 1.0  # for jobs under way when we are asked to end
QUEUE_AGAIN_SECONDS = 1.0


class Beat(Struct, frozen=True):
    """What is done `every` so many seconds; at once again when `act` says that there was something to do."""

    name: str
    every: float
    act: Callable[[Running, Reactions], Awaitable[object]]


async def relay(process: Running, by_topic: Reactions) -> int:
    return await outbox.relay(process, by_topic)


async def send_mails(process: Running, by_topic: Reactions) -> bool:
    return await mails.send_next(process)


async def send_texts(process: Running, by_topic: Reactions) -> bool:
    return await texts.send_next(process)


async def remind(process: Running, by_topic: Reactions) -> int:
    return await reminders.remind(process)


async def release_unanswered(process: Running, by_topic: Reactions) -> int:
    return await reminders.release_unanswered(process)


async def readdress(process: Running, by_topic: Reactions) -> int:
    async with process.db.transaction() as tx:
        return await rectifications.send_ripe(tx, now=process.now())


async def forget(process: Running, by_topic: Reactions) -> None:
    async with process.db.transaction() as tx:
        await sign_in_links.forget(tx, now=process.now())
        await rectifications.forget(tx, now=process.now())
        await logins.forget(tx, now=process.now())
        await tokens.forget(tx, now=process.now())
        await ceremonies.forget(tx, now=process.now())
        await idempotency.forget(tx, now=process.now())
        await outbox.forget(tx, now=process.now())
        await calendar_changes.forget(tx, now=process.now())
    await bundles.sweep(process)


async def keep_holidays(process: Running, by_topic: Reactions) -> None:
    async with process.db.transaction() as tx:
        await closures.close_on_the_holidays_to_come(tx, now=process.now())


async def watch(process: Running, by_topic: Reactions) -> None:
    async with process.db.read() as tx:
        census = await outbox.census(tx)
    if census.dead:
        logs.say("dead rows in the outbox", dead=census.dead, waiting=census.waiting)


async def seal(process: Running, by_topic: Reactions) -> bool:
    return await audit_seals.seal(process)


async def draw(process: Running, by_topic: Reactions) -> bool:
    return await draws.draw_next(process)


async def keep_no_longer(process: Running, by_topic: Reactions) -> bool:
    return await retention.nightly(process)


async def bundle(process: Running, by_topic: Reactions) -> bool:
    return await bundles.make_next(process)


async def lapse(process: Running, by_topic: Reactions) -> bool:
    async with process.db.transaction() as tx:
        return await invitations.lapse_next(tx, now=process.now())


async def tell_of_lapses(process: Running, by_topic: Reactions) -> int:
    return await lapse_notices.note_due(process)


async def find_late(process: Running, by_topic: Reactions) -> int:
    """Appeals and complaints whose deadline has passed; the centre hears of each once."""
    now = process.now()
    async with process.db.transaction() as tx:
        late = await appeals.find_late(tx, today=working_days.today(now), now=now)
        return late + await complaints.find_late(tx, today=working_days.today(now), now=now)


async def offer(process: Running, by_topic: Reactions) -> int:
    """Free what was held too long, and offer what is free: also what no news tells of, a jury that became complete."""
    now, made = process.now(), 0
    async with process.db.transaction() as tx:
        await priority_groups.put(tx, booking_rules.rules(process.settings).priority)
        freed = await seats.expire(tx, now=now)
    async with process.db.read() as tx:
        waited_for = await offers.open_sessions(tx, unit_id=None, now=now)
    for session_id in waited_for:
        async with process.db.transaction() as tx:
            made += await offer_reactions.offer_seats(tx, session_id, process)
    return freed + made


CLOCKWORK = (
    Beat("relay", 0.2, relay),
    Beat("mails", 0.5, send_mails),
    Beat("offer", 5, offer),
    Beat("imports", 1, steps.carry_on),
    Beat("texts", 1, send_texts),
    Beat("reminders", 60, remind),
    Beat("unanswered", 60, release_unanswered),
    Beat("invitations", 60, lapse),
    Beat("watch", 60, watch),
    Beat("draw", 1, draw),
    Beat("seal", 2, seal),
    Beat("addresses", 60, readdress),
    Beat("forget", 3600, forget),
    Beat("holidays", 3600, keep_holidays),
    Beat("alerts", 300, alert_reactions.sweep),
    Beat("lapses", 3600, tell_of_lapses),
    Beat("calendars", 30, calendar_readings.read_next),
    Beat("retention", 600, keep_no_longer),
    Beat("late", 600, find_late),
    Beat("absences", 600, absence_letters.sweep),
    Beat("bundles", 1, bundle),
)


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Work until SIGTERM or Ctrl-C."""
    logs.configure(settings.log)
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings, by_topic: Reactions = reactions.BY_TOPIC) -> None:
    """Carry jobs and keep the clockwork until this process is asked to end. Refuses an unreachable database."""
    asked_to_end = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, asked_to_end.set)
    try:
        async with running(settings, house=True) as process:
            tasks = {asyncio.create_task(_keep(beat, process, by_topic)) for beat in CLOCKWORK}
            tasks.add(asyncio.create_task(_carry(process, by_topic)))
            await asked_to_end.wait()
            await _end(tasks)
    except Unavailable:
        raise SettingsFault("DATABASE_URL: PostgreSQL cannot be reached.") from None


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Ask more than once: in Python 3.11 a cancellation that meets an answer on the line is lost (asyncio.wait_for)."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=DRAIN_SECONDS + 0.3)


async def _keep(beat: Beat, process: Running, by_topic: Reactions) -> None:
    while True:
        busy: object = False
        try:
            busy = await beat.act(process, by_topic)
        except Exception as error:
            logs.fault("a beat of the clockwork failed", error, beat=beat.name)
        await asyncio.sleep(0 if busy else beat.every)


async def _carry(process: Running, by_topic: Reactions) -> None:
    """Take jobs from Valkey as long as it answers, and again as soon as it does."""

    async def react(ctx: dict[Any, Any], outbox_id: int) -> None:
        await outbox.react(process, by_topic, outbox_id)

    while True:
        worker = arq.Worker(
            [arq.func(react, name=outbox.JOB)],
            queue_name=queue.NAME,
            redis_pool=process.queue.redis,
            handle_signals=False,
            max_jobs=JOBS,
            job_timeout=JOB_SECONDS,
            keep_result=0,
            poll_delay=0.1,
            job_serializer=queue.pack,
            job_deserializer=queue.unpack,
        )
        try:
            await worker.main()
        except Exception as away:  # Valkey as a rule; whatever it is, nobody else would carry on
            logs.fault("the queue is away", away)
        finally:
            await _finish(worker)
        await asyncio.sleep(QUEUE_AGAIN_SECONDS)


async def _finish(worker: arq.Worker) -> None:
    """Let the jobs under way end; those that take too long are undone and done again later."""
    tasks = [*worker.tasks.values()]
    if tasks:
        await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
    for task in tasks:
        task.cancel()
    with suppress(Exception):
        await asyncio.gather(*tasks, return_exceptions=True)
