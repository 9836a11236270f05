"""Exchanges: lines that stand in each other's way one by one, and not together, as when two sessions change rooms."""

import asyncio
from collections.abc import Container, Iterable, Sequence
from itertools import combinations, takewhile
from uuid import UUID

import asyncpg
from msgspec import structs

from service.import_lines import Line
from service.importing.lines import List, Looked, Scope, added, looked_at, tried, verdict_of
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
    """As many as a step has time for; lines that may change places are looked at beside each other. What a look is enough
    for, and what is only new, needs no turn."""
    clock = asyncio.get_running_loop().time
    until = clock() + STEP_SECONDS
    looked = await looked_at(tx, a_list, lines, scope)
    judged = await _without_a_turn(tx, a_list, looked, scope, keep=keep)
    touched: set[UUID | None] = set()
    others_may_be_meant = False
    for place, one in enumerate(looked):
        if place in judged:
            continue
        if clock() > until and judged and not a_list.exchanges:
            break
        if _is_new(one, keep=keep) and not others_may_be_meant:
            run = _new_from(looked, place, judged, keep=keep)
            found = await added(tx, a_list, [looked[each] for each in run], scope, keep=keep)
            judged |= dict(zip(run, found, strict=True))
            continue
        if one.found is not None and (others_may_be_meant or one.found.subject_id in touched):
            one = (await looked_at(tx, a_list, [lines[place]], scope))[0]
        judged[place] = await tried(tx, a_list, one, scope, keep=keep)
        if one.found is not None and one.found.subject_id is not None and judged[place].verdict == "changed":
            touched.add(one.found.subject_id)
            others_may_be_meant |= not a_list.named_by.isdisjoint(one.found.changes)
    return [judged[place] for place in sorted(judged)]


async def _without_a_turn(
    tx: asyncpg.Connection, a_list: List, looked: Sequence[Looked], scope: Scope, *, keep: bool
) -> dict[int, Line]:
    """By place: those that a look is enough for; and those that are new, where no line of this step changes by what others
    are found, nor stands in another's way."""
    if any(one.found and not a_list.named_by.isdisjoint(one.found.changes) for one in looked):
        return {}
    judged = {place: verdict for place, one in enumerate(looked) if (verdict := verdict_of(one, keep=keep)) is not None}
    if a_list.add_all is not None and not a_list.exchanges:
        new = [place for place, one in enumerate(looked) if place not in judged and _is_new(one, keep=keep)]
        found = await added(tx, a_list, [looked[place] for place in new], scope, keep=keep)
        judged |= dict(zip(new, found, strict=True))
    return judged


def _new_from(looked: Sequence[Looked], first: int, judged: Container[int], *, keep: bool) -> list[int]:
    """The places of new lines that follow each other, from `first` on."""
    left = (place for place in range(first, len(looked)) if place not in judged)
    return [*takewhile(lambda place: _is_new(looked[place], keep=keep), left)]


def _is_new(one: Looked, *, keep: bool) -> bool:
    """Whether nothing keeps the line out so far, and it brings something."""
    return one.found is not None and one.found.subject_id is None and verdict_of(one, keep=keep) is None


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
        again = []
        for place in left:
            looked = await looked_at(tx, a_list, [lines[place]], scope)
            again.append((place, await tried(tx, a_list, looked[0], scope, keep=keep)))
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
        looked = await looked_at(tx, a_list, lines, scope)
        found = [await tried(tx, a_list, one, scope, keep=keep, settled=False) for one in looked]
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
