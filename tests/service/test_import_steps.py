"""Long lists from files: a step at a time, interrupted, called off, and never half a line."""

import asyncio
import threading
from itertools import pairwise

import pytest

from service import import_lines, imports
from service.importing import files, steps
from tests.builders.lists import PEOPLE, as_csv, as_xlsx, carried_on, verdicts
from tests.builders.office import NOOR, SAM, Office


async def test_who_is_killed_between_two_steps_loses_nothing_and_does_nothing_twice(office: Office) -> None:
    people = [(f"K-{n}", f"p{n}@example.org", *NOOR[2:]) for n in range(300)]
    import_id = await office.ask("candidates", as_csv(PEOPLE, *people))
    async with office.running.db.transaction() as tx:
        await imports.order(tx, import_id, by=office.manager.id, now=office.running.now())
    assert await steps.carry_on(office.running, {})
    with pytest.raises(asyncio.CancelledError):  # in the middle of a step
        async with office.running.db.transaction() as tx:
            asked = await imports.take(tx)
            assert asked is not None
            assert not await steps.carry_on(office.running, {})  # nobody else has it meanwhile
            await steps.step(tx, asked, now=office.running.now())
            raise asyncio.CancelledError
    before = await office.count("select count(*) from assessments.candidates")
    assert 0 < before < 300
    assert before == await office.count("select count(*) from service.import_lines where written_at is not null")
    await carried_on(office.running)
    assert await office.count("select count(*) from assessments.candidates") == 300


async def test_called_off_in_between_nothing_more_is_written(office: Office) -> None:
    people = [(f"K-{n}", f"p{n}@example.org", *NOOR[2:]) for n in range(300)]
    import_id = await office.ask("candidates", as_csv(PEOPLE, *people))
    async with office.running.db.transaction() as tx:
        await imports.order(tx, import_id, by=office.manager.id, now=office.running.now())
    await steps.carry_on(office.running, {})
    async with office.running.db.transaction() as tx:
        await imports.cancel(tx, import_id, by=office.manager.id, now=office.running.now())
    assert await carried_on(office.running) == 0
    written = await office.count("select count(*) from assessments.candidates")
    assert written == await office.count("select count(*) from service.import_lines where written_at is not null")
    assert 0 < written < 300


async def test_a_fault_of_ours_stops_this_import_and_no_other(office: Office) -> None:
    async with office.running.db.transaction() as tx:
        import_id = await imports.ask(
            tx, "candidates", office.stage.centre, name="a", file=as_csv(PEOPLE, NOOR), by=office.manager,
            now=office.running.now(),
        )  # fmt: skip
        await tx.execute("update service.imports set file = null")  # nobody foresaw that
    assert await carried_on(office.running) == imports.ATTEMPTS
    async with office.running.db.read() as tx:
        assert (await imports.get(tx, import_id)).state == "failed"
    assert verdicts(await office.checked("candidates", as_csv(PEOPLE, SAM))) == ["new"]


async def test_a_long_file_says_how_far_it_is(office: Office) -> None:
    people = [(f"K-{n}", f"p{n}@example.org", *NOOR[2:]) for n in range(1_000)]
    async with office.running.db.transaction() as tx:
        import_id = await imports.ask(
            tx, "candidates", office.stage.centre, name="a", file=as_xlsx(PEOPLE, *people), by=office.manager,
            now=office.running.now(),
        )  # fmt: skip
    seen = []
    while await steps.carry_on(office.running, {}):
        async with office.running.db.read() as tx:
            seen.append((await import_lines.counts(tx, import_id)).waiting)
    steps_of = [before - after for before, after in pairwise(seen)]
    assert (seen[0], seen[-2:]) == (1_000, [0, 0])
    assert all(1 <= step <= 200 for step in steps_of[:-1]), "as many as half a second has time for"
    async with office.running.db.read() as tx:
        counts = await import_lines.counts(tx, import_id)
    assert (counts.new, counts.waiting) == (1_000, 0)


async def test_a_file_that_is_called_off_while_it_is_read_keeps_no_line(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading holds no lock: who calls it off is answered at once, and the lines that come too late are left."""
    begun, may_end, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    read = steps.files.read

    def slow(file: bytes) -> files.Sheet:
        loop.call_soon_threadsafe(begun.set)
        assert may_end.wait(30)
        return read(file)

    monkeypatch.setattr(steps.files, "read", slow)
    async with office.running.db.transaction() as tx:
        import_id = await imports.ask(
            tx, "candidates", office.stage.centre, name="a", file=as_xlsx(PEOPLE, NOOR), by=office.manager,
            now=office.running.now(),
        )  # fmt: skip
    reading = asyncio.create_task(steps.carry_on(office.running, {}))
    await begun.wait()
    async with office.running.db.transaction() as tx:
        await imports.cancel(tx, import_id, by=office.manager.id, now=office.running.now())
    may_end.set()
    await reading
    assert await office.count("select count(*) from service.import_lines") == 0
    async with office.running.db.read() as tx:
        assert (await imports.get(tx, import_id)).state == "cancelled"
