"""The evaluation grid of a unit's test: what the evaluator rates and what the observer checks.

The same Structs are read from the catalogue's files, stored as JSON in `assessments.standards.grid` and marked. A draft
may be incomplete, with labels that are still to be translated; `faults` says what keeps a grid from being marked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

LANGUAGES = ("fr", "nl", "en", "de")
MOST_CRITERIA = MOST_INDICATORS = 12

Text = Annotated[str, Meta(min_length=1, max_length=800)]
Label = dict[str, Text]
Language = Annotated[str, Meta(pattern=r"^(fr|nl|en|de)$(?!\n)")]
Languages = Annotated[tuple[Language, ...], Meta(min_length=1, max_length=4)]
ItemCode = Annotated[str, Meta(pattern=r"^[A-Z]?[0-9]{1,2}(\.[0-9]{1,2})?$(?!\n)", max_length=6)]


class Picture(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture of assessments.pictures, and what it shows in words."""

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", max_length=64)]
    alt: Label = {}


class Indicator(Struct, frozen=True, forbid_unknown_fields=True):
    """One fact the evaluator sees or does not see. Eliminatory: not met, the proposal is a fail.

    `guidance`: how to look at it, for the jury.
    """

    code: ItemCode
    label: Label
    eliminatory: bool = False
    guidance: Label = {}
    picture: Picture | None = None


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """A criterion is met when at least `threshold` of its indicators are. In a screening it is a scored domain.

    `weight`: where the scheme weighs its criteria, what it counts for beside the others; otherwise 0.
    """

    code: ItemCode
    label: Label
    threshold: Annotated[int, Meta(ge=0, le=12)]
    indicators: Annotated[tuple[Indicator, ...], Meta(max_length=MOST_INDICATORS)]
    weight: Annotated[int, Meta(ge=0, le=100)] = 0
    guidance: Label = {}
    picture: Picture | None = None


class ConformityItem(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the observer's check-list: was the test held as its standard says?"""

    code: ItemCode
    label: Label


class Grid(Struct, frozen=True, forbid_unknown_fields=True):
    """`pass_percent`: where the scheme weighs its criteria, the share of all weights that a pass needs; 0: each criterion."""

    version: Annotated[int, Meta(ge=1, le=999)]
    languages: Languages
    criteria: Annotated[tuple[Criterion, ...], Meta(max_length=MOST_CRITERIA)]
    conformity: Annotated[tuple[ConformityItem, ...], Meta(max_length=30)] = ()
    pass_percent: Annotated[int, Meta(ge=0, le=100)] = 0

    @property
    def things(self) -> tuple[Criterion | Indicator, ...]:
        """Criteria and indicators, in the order in which they are read."""
        things: list[Criterion | Indicator] = []
        for criterion in self.criteria:
            things += [criterion, *criterion.indicators]
        return tuple(things)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All that it shows, in the same order."""
        return tuple(thing.picture for thing in self.things if thing.picture is not None)


def faults(grid: Grid, *, scores_only: bool) -> Iterator[tuple[str, str]]:
    """Yield (path, remedy) for whatever could never be marked sensibly.

    `scores_only` is the screening's case: it gives scores, so nothing is eliminatory and no threshold decides.
    """
    if not grid.criteria:
        yield "criteria", "there is no criterion: write at least one"
    yield from twice("criteria", (criterion.code for criterion in grid.criteria))
    yield from twice("indicators", (one.code for criterion in grid.criteria for one in criterion.indicators))
    yield from twice("conformity", (item.code for item in grid.conformity))
    for index, criterion in enumerate(grid.criteria):
        if not criterion.indicators:
            yield f"criteria[{index}].indicators", f"criterion {criterion.code} has no indicator: write at least one"
            continue
        remedy = _threshold_remedy(criterion, scores_only)
        if remedy:
            yield f"criteria[{index}].threshold", f"criterion {criterion.code}: {remedy}"


def twice(path: str, codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (path, remedy) for each code given more than once."""
    for code, count in Counter(codes).items():
        if count > 1:
            yield path, f"the code “{code}” is used {count} times: give each its own"


def _threshold_remedy(criterion: Criterion, scores_only: bool) -> str | None:
    eliminatory = sum(one.eliminatory for one in criterion.indicators)
    if scores_only:
        if criterion.threshold or eliminatory:
            return "a screening gives scores: write threshold = 0 and no eliminatory indicator"
    elif criterion.threshold == 0:
        return "threshold 0 is met by doing nothing: write at least 1"
    elif criterion.threshold > len(criterion.indicators):
        return f"threshold {criterion.threshold} of {len(criterion.indicators)} indicators can never be met"
    elif criterion.threshold < eliminatory:
        return f"{eliminatory} indicators are eliminatory, so the threshold cannot be below {eliminatory}"
    return None
