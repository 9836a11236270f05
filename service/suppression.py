"""Small cells: a table of counts as it may leave the house, so that no single person can be made out (domain.md, 16).

Every figure below 5 is hidden, those of the totals too; then as many others as it takes that no hidden one can be worked
out from what is still shown. "Worked out" includes knowing that counts are never negative: where the shown figures of a
row use up its total, two hidden zeros would be no secret.

A table with its totals is a graph: rows and columns are the nodes, figures the edges, and around every node the figures
cancel out (the total being the negative of its row). The hidden figures that fit what is shown are therefore the ways to
push counts around closed loops of hidden edges. A figure is safe when it lies on such a loop that can be pushed by one:
then it may as well be one more or one less. Each unsafe figure gets the loop that costs least of what could be shown.
"""

import heapq
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

SMALL = 5
TOTAL = -1  # the row or the column of the totals

Shown = int | None | Literal["hidden"]
Place = tuple[int, int]  # row and column
Node = tuple[Literal["row", "column"], int]


class Table(Struct, frozen=True):
    """Counts by rows and columns. None: there can be none, as where a centre does not offer a trade."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]


class Outside(Struct, frozen=True):
    """A table as others may see it, with its totals; "hidden" says nothing about the size of the figure."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Shown, ...], ...]
    row_totals: tuple[Shown, ...]
    column_totals: tuple[Shown, ...]
    total: Shown


def suppress(table: Table) -> Outside:
    """Hide what is below 5 and what would give it away; everything that is shown is true."""
    counts = _with_totals(table)
    hidden = {place for place, count in counts.items() if count < SMALL}
    for place in sorted(hidden):
        if not any(_loop(counts, hidden, place, sign, only=hidden) for sign in (1, -1)):
            loops = [loop for sign in (1, -1) if (loop := _loop(counts, hidden, place, sign)) is not None]
            hidden |= set(min(loops)[1])
    return _outside(table, counts, hidden)


def _with_totals(table: Table) -> dict[Place, int]:
    """Every figure by its place, totals included; where there can be none, there is no figure."""
    cells = {(i, j): count for i, row in enumerate(table.cells) for j, count in enumerate(row) if count is not None}
    counts = dict(cells)
    for (i, j), count in cells.items():
        for place in ((i, TOTAL), (TOTAL, j), (TOTAL, TOTAL)):
            counts[place] = counts.get(place, 0) + count
    return counts


Loop = tuple[int, list[Place]]


def _loop(
    counts: dict[Place, int], hidden: set[Place], place: Place, sign: int, *, only: set[Place] | None = None
) -> Loop | None:
    """The cheapest closed loop that changes this figure by `sign`: its cost and its other figures; None without one.

    Dijkstra from the figure's column back to its row, on the graph without the figure itself. `only`: over these alone.
    """
    if counts[place] + sign < 0:
        return None
    start, goal = _ends(place, sign)
    waiting: list[tuple[int, Node, list[Place]]] = [(0, start, [])]
    seen: set[Node] = set()
    while waiting:
        cost, node, path = heapq.heappop(waiting)
        if node == goal:
            return cost, path
        if node in seen:
            continue
        seen.add(node)
        for other, after in _steps(counts, node):
            if other != place and after not in seen and (only is None or other in only):
                heapq.heappush(waiting, (cost + _price(counts, hidden, other), after, [*path, other]))
    return None


def _ends(place: Place, sign: int) -> tuple[Node, Node]:
    """Where the loop goes on after the change, and where it comes back to. A total counts the other way round."""
    row: Node = ("row", place[0])
    column: Node = ("column", place[1])
    return (column, row) if sign * _side(place) > 0 else (row, column)


def _side(place: Place) -> int:
    return -1 if (place[0] == TOTAL) != (place[1] == TOTAL) else 1


def _steps(counts: dict[Place, int], node: Node) -> Iterator[tuple[Place, Node]]:
    """The figures that can take part next, and the node each leads to: into a row they grow, into a column they shrink
    (totals the other way round), and nothing shrinks below zero."""
    kind, index = node
    for place, count in counts.items():
        if place[0 if kind == "row" else 1] != index:
            continue
        grows = (kind == "row") == (_side(place) > 0)
        if grows or count > 0:
            yield place, ("column", place[1]) if kind == "row" else ("row", place[0])


def _price(counts: dict[Place, int], hidden: set[Place], place: Place) -> int:
    """What readers lose: nothing more where it is hidden already, a total only when no cell will do."""
    if place in hidden:
        return 0
    return 1 + counts[place] + (sum(counts.values()) if TOTAL in place else 0)


def _outside(table: Table, counts: dict[Place, int], hidden: set[Place]) -> Outside:
    def shown(i: int, j: int) -> Shown:
        return "hidden" if (i, j) in hidden else counts.get((i, j))

    columns = range(len(table.columns))
    return Outside(
        rows=table.rows,
        columns=table.columns,
        cells=tuple(tuple(shown(i, j) for j in columns) for i in range(len(table.rows))),
        row_totals=tuple(shown(i, TOTAL) for i in range(len(table.rows))),
        column_totals=tuple(shown(TOTAL, j) for j in columns),
        total=shown(TOTAL, TOTAL),
    )
