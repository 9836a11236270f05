"""What leaves the house hides small figures, and enough others that nobody works them out (invariant 16)."""

from fractions import Fraction
from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.suppression import SMALL, Outside, Shown, Table, suppress

FIGURES = st.one_of(st.integers(0, 6), st.integers(0, 60), st.none())


@st.composite
def tables(draw: st.DrawFn, *, most: int = 5, figures: st.SearchStrategy[int | None] = FIGURES) -> Table:
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    cells = tuple(tuple(draw(figures) for _ in range(width)) for _ in range(height))
    return Table(tuple(f"r{i}" for i in range(height)), tuple(f"c{j}" for j in range(width)), cells)


def as_grid(outside: Outside) -> list[list[Shown]]:
    """With the totals as last row and column."""
    body = [[*cells, total] for cells, total in zip(outside.cells, outside.row_totals, strict=True)]
    return [*body, [*outside.column_totals, outside.total]]


def true_grid(table: Table) -> list[list[int | None]]:
    def total(figures: list[int | None]) -> int | None:
        known = [figure for figure in figures if figure is not None]
        return sum(known) if known else None

    body = [[*row, total([*row])] for row in table.cells]
    return [*body, [total(list(column)) for column in zip(*body, strict=True)]]


@given(tables())
@settings(max_examples=200, deadline=None)
def test_what_is_shown_is_true_and_not_small(table: Table) -> None:
    for shown_row, true_row in zip(as_grid(suppress(table)), true_grid(table), strict=True):
        for shown, true in zip(shown_row, true_row, strict=True):
            assert shown == "hidden" or shown == true
            assert shown == "hidden" or shown is None or shown >= SMALL


@given(tables())
@settings(max_examples=200, deadline=None)
def test_no_hidden_figure_follows_from_the_totals(table: Table) -> None:
    """Exact elimination over the sums of all rows and columns: no hidden figure is the solution of what is shown."""
    grid = as_grid(suppress(table))
    unknown = [(i, j) for i, row in enumerate(grid) for j, cell in enumerate(row) if cell == "hidden"]
    for place in range(len(unknown)):
        assert not follows(sums(grid, unknown), place)


def sums(grid: list[list[Shown]], unknown: list[tuple[int, int]]) -> list[list[Fraction]]:
    """For each row and column the coefficients of its hidden figures; the total counts against the others."""
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    rows = [[Fraction((i == at) * (-1 if j == last_column else 1)) for i, j in unknown] for at in range(last_row + 1)]
    columns = [
        [Fraction((j == at) * (-1 if i == last_row else 1)) for i, j in unknown] for at in range(last_column + 1)
    ]
    return rows + columns


def follows(equations: list[list[Fraction]], place: int) -> bool:
    """Whether the equations fix that figure: after elimination with it last, one of them is about it alone."""
    order = [at for at in range(len(equations[0])) if at != place] + [place]
    rows = [[row[at] for at in order] for row in equations]
    rank = 0
    for column in range(len(order)):
        pivot = next((at for at in range(rank, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for at in range(rank + 1, len(rows)):
            factor = rows[at][column] / rows[rank][column]
            rows[at] = [a - factor * b for a, b in zip(rows[at], rows[rank], strict=True)]
        rank += 1
    return any(row[-1] and not any(row[:-1]) for row in rows)


@given(tables(most=2, figures=st.integers(0, 7)))
@example(Table(("a", "b"), ("x", "y"), ((0, 7), (7, 0))))
@example(Table(("a", "b"), ("x", "y"), ((7, 0), (0, 0))))
@settings(max_examples=20, deadline=None)
def test_nor_from_knowing_that_counts_are_not_negative(table: Table) -> None:
    """Every table of counts that fits what is shown, written out: each hidden figure takes two values at least."""
    shown = as_grid(suppress(table))
    height, width = len(table.rows), len(table.columns)
    fitting = []
    for figures in product(range(10), repeat=height * width):
        cells = tuple(tuple(figures[i * width : (i + 1) * width]) for i in range(height))
        grid = true_grid(Table(table.rows, table.columns, cells))
        pairs = zip(sum(shown, []), sum(grid, []), strict=True)  # noqa: RUF017
        if all(seen in ("hidden", figure) for seen, figure in pairs):
            fitting.append(grid)
    for i, row in enumerate(shown):
        for j, cell in enumerate(row):
            assert cell != "hidden" or len({grid[i][j] for grid in fitting}) > 1


def test_one_small_figure_takes_the_cheapest_company() -> None:
    """3 is hidden, and with it the three figures around it that are missed least: no total."""
    table = Table(("A", "B", "C"), ("x", "y", "z"), ((3, 50, 10), (20, 60, 40), (8, 70, 30)))
    outside = suppress(table)
    assert outside.cells == (("hidden", 50, "hidden"), (20, 60, 40), ("hidden", 70, "hidden"))
    assert (outside.row_totals, outside.column_totals, outside.total) == ((63, 120, 108), (31, 180, 80), 291)


def test_where_there_can_be_no_figure_none_is_hidden() -> None:
    """A trade of one centre only: its total would tell, so it goes too."""
    table = Table(("A", "B"), ("x", "y"), ((3, None), (20, 30)))
    outside = suppress(table)
    assert outside.cells[0] == ("hidden", None)
    assert outside.row_totals[0] == "hidden"


def test_nothing_small_nothing_hidden() -> None:
    table = Table(("A",), ("x", "y"), ((5, 12),))
    assert as_grid(suppress(table)) == [[5, 12, 17], [5, 12, 17]]
    assert as_grid(suppress(Table((), ("x",), ()))) == [[None, None]]
