"""Exchanges: lines that stand in each other's way one by one, and not together, as when two sessions change rooms."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import combinations

import asyncpg
from msgspec import structs

from service.import_lines import Line
from service.importing.lines import List, Scope, tried
from service.problems import slug_of

STEP_SECONDS = 0.5  # whoever calls an import off, or orders it, waits for the step under way
MOST_PAIRED = 12  # of more that are in the way, only all together are tried


async def tried_beside(
    tx: asyncpg.Connection, a_list: List, lines: Sequence[Line], scope: Scope, *, keep: bool
) -> list[Line]:
    """Try the lines that a step has time for (see lines.tried); those that were in the way of others once more, when the
    others have moved: by themselves, all at once, in pairs. What goes only so is marked, to be written together."""
    judged = await _in_their_order(tx, a_list, lines, scope, keep=keep)
    stuck = [place for place, line in enumerate(judged) if _is_in_the_way(a_list, line)]
    freed = await _one_by_one(tx, a_list, lines, judged, stuck, scope, keep=keep)
    rest = [place for place in stuck if place not in freed]
    sets: list[Sequence[int]] = [rest] if len(rest) > 1 else []
    sets += [*combinations(rest, 2)] if 2 < len(rest) <= MOST_PAIRED else []
    for places in sets:
        if freed.isdisjoint(places) and (
            found := await _as_one(tx, a_list, [lines[each] for each in places], scope, keep=keep)
        ):
            freed |= _placed(judged, places, found)
    if freed:
        first = min(line.number for line in lines)
        judged = [structs.replace(line, together=first) if line.verdict == "changed" else line for line in judged]
    return judged


async def _in_their_order(
    tx: asyncpg.Connection, a_list: List, lines: Sequence[Line], scope: Scope, *, keep: bool
) -> list[Line]:
    """As many as a step has time for; lines that may change places are looked at beside each other."""
    clock = asyncio.get_running_loop().time
    until = clock() + STEP_SECONDS
    judged: list[Line] = []
    for line in lines:
        judged.append(await tried(tx, a_list, line, scope, keep=keep))
        if clock() > until and not a_list.exchanges:
            break
    return judged


async def _one_by_one(
    tx: asyncpg.Connection,
    a_list: List,
    lines: Sequence[Line],
    judged: list[Line],
    stuck: Sequence[int],
    scope: Scope,
    *,
    keep: bool,
) -> set[int]:
    """What was in the way has moved on, perhaps: as long as one of them finds its place, the others may."""
    freed: set[int] = set()
    while True:
        left = [place for place in stuck if place not in freed]
        again = [(place, await tried(tx, a_list, lines[place], scope, keep=keep)) for place in left]
        found = [(place, line) for place, line in again if line.verdict != "refused"]
        if not found:
            return freed
        freed |= _placed(judged, [place for place, _ in found], [line for _, line in found])


async def _as_one(
    tx: asyncpg.Connection, a_list: List, lines: Sequence[Line], scope: Scope, *, keep: bool
) -> list[Line]:
    """All of them or none; rooms are looked at when each is where it wants to be."""
    savepoint = tx.transaction()
    await savepoint.start()
    try:
        await tx.execute("set constraints all deferred")
        found = [await tried(tx, a_list, line, scope, keep=keep, settled=False) for line in lines]
        if any(line.verdict == "refused" for line in found):
            await savepoint.rollback()
            return []
        await tx.execute("set constraints all immediate")
        await tx.execute("set constraints all deferred")
    except asyncpg.IntegrityConstraintViolationError:
        await savepoint.rollback()
        return []
    except BaseException:
        await savepoint.rollback()
        raise
    await savepoint.commit()
    return found


def _placed(judged: list[Line], places: Iterable[int], found: Sequence[Line]) -> set[int]:
    for place, line in zip(places, found, strict=True):
        judged[place] = line
    return {*places}


def _is_in_the_way(a_list: List, line: Line) -> bool:
    slugs = {slug_of(refusal) for refusal in a_list.exchanges}
    return line.verdict == "refused" and any(finding.code in slugs for finding in line.findings)
