"""What an editor does to a draft, as pure functions from a content to a content. Things are named by their codes."""

from typing import Literal

from msgspec.structs import replace

from assessments.grids import MOST_CRITERIA, MOST_INDICATORS, Criterion, Grid, Indicator, Picture
from assessments.refusals import NotFound
from assessments.standards import Content

Direction = Literal["up", "down"]


def criterion(content: Content, code: str) -> Criterion:
    """Refuses NotFound."""
    return content.grid.criteria[_at(content.grid, code)]


def with_new_criterion(content: Content, *, scores_only: bool, weighted: bool) -> tuple[Content, str]:
    """One more criterion at the end, with one indicator still to be written; and its code.

    With twelve criteria nothing is added, and the code is that of the last.
    """
    criteria = content.grid.criteria
    if len(criteria) == MOST_CRITERIA:
        return content, criteria[-1].code
    taken = {one.code for one in criteria}
    code = next(str(number) for number in range(1, 100) if str(number) not in taken)
    added = Criterion(code, {}, 0 if scores_only else 1, (Indicator(f"{code}.1", {}),), weight=1 if weighted else 0)
    return _with(content, (*criteria, added)), code


def with_new_indicator(one: Criterion) -> Criterion:
    """One more indicator at the end, still to be written; with twelve of them nothing is added."""
    if len(one.indicators) == MOST_INDICATORS:
        return one
    taken = {indicator.code for indicator in one.indicators}
    code = next(f"{one.code}.{number}" for number in range(1, 100) if f"{one.code}.{number}" not in taken)
    return replace(one, indicators=(*one.indicators, Indicator(code, {})))


def with_criterion(content: Content, code: str, new: Criterion) -> Content:
    """`new` in the place of the criterion of this code. Refuses NotFound."""
    at, criteria = _at(content.grid, code), content.grid.criteria
    return _with(content, (*criteria[:at], new, *criteria[at + 1 :]))


def without_criterion(content: Content, code: str) -> Content:
    """Refuses NotFound."""
    at, criteria = _at(content.grid, code), content.grid.criteria
    return _with(content, criteria[:at] + criteria[at + 1 :])


def moved(content: Content, code: str, direction: Direction) -> Content:
    """The criterion one place up or down; at the end it stays where it is. Refuses NotFound."""
    at, criteria = _at(content.grid, code), [*content.grid.criteria]
    other = at + (1 if direction == "down" else -1)
    if 0 <= other < len(criteria):
        criteria[at], criteria[other] = criteria[other], criteria[at]
    return _with(content, tuple(criteria))


def with_picture(content: Content, code: str, picture: Picture | None) -> Content:
    """The picture of a criterion or an indicator; None takes it away. Refuses NotFound."""
    for one in content.grid.criteria:
        if one.code == code:
            return with_criterion(content, code, replace(one, picture=picture))
        if code in {indicator.code for indicator in one.indicators}:
            changed = tuple(replace(i, picture=picture) if i.code == code else i for i in one.indicators)
            return with_criterion(content, one.code, replace(one, indicators=changed))
    raise NotFound


def _at(grid: Grid, code: str) -> int:
    for position, one in enumerate(grid.criteria):
        if one.code == code:
            return position
    raise NotFound


def _with(content: Content, criteria: tuple[Criterion, ...]) -> Content:
    return replace(content, grid=replace(content.grid, criteria=criteria))
