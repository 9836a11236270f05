"""What keeps a draft from being published, and what is still to be translated. Pure: no clock, no database."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from assessments.grids import LANGUAGES, Criterion, Grid, Indicator, Label
from assessments.schemes import Scheme
from assessments.standards import Content

JURY_LANGUAGES = ("fr", "nl")  # juries sit in these, and every official paper is in them
Rule = Literal[
    "no_criterion", "no_indicator", "code_twice", "threshold_zero", "threshold_unreachable",
    "threshold_below_eliminatory", "scores_only", "weight_missing", "weight_unwanted", "percent_unwanted",
    "text_missing",
    "language_not_in_scheme", "room_unknown", "equipment_unknown",
]  # fmt: skip


class Fault(Struct, frozen=True):
    """One thing to put right: the rule, where (as a path into the content), and the criterion's or indicator's code.

    `languages`: of the texts that are missing.
    """

    rule: Rule
    path: str
    code: str = ""
    languages: tuple[str, ...] = ()


class Kinds(Struct, frozen=True):
    """The kinds of room and of equipment that there are."""

    rooms: frozenset[str]
    equipment: frozenset[str]


def faults(content: Content, scheme: Scheme, kinds: Kinds) -> tuple[Fault, ...]:
    """All that has to be put right before the version can be in force; empty when nothing has."""
    return (
        *_frame_faults(content, scheme, kinds),
        *_grid_faults(content.grid, scheme),
        *_texts_missing(content, needed(content)),
    )


def untranslated(content: Content) -> tuple[Fault, ...]:
    """Every text that is missing in one of the four languages, whether it is needed or not."""
    return tuple(_texts_missing(content, LANGUAGES))


def needed(content: Content) -> tuple[str, ...]:
    """The languages in which everything has to be said: French, Dutch, and those of the test."""
    return tuple(one for one in LANGUAGES if one in JURY_LANGUAGES or one in content.languages)


def _frame_faults(content: Content, scheme: Scheme, kinds: Kinds) -> Iterator[Fault]:
    outside = tuple(one for one in content.languages if one not in scheme.languages)
    if outside:
        yield Fault("language_not_in_scheme", "languages", languages=outside)
    if content.room_kind not in kinds.rooms:
        yield Fault("room_unknown", "room_kind", content.room_kind)
    if content.equipment_kind is not None and content.equipment_kind not in kinds.equipment:
        yield Fault("equipment_unknown", "equipment_kind", content.equipment_kind)


def _grid_faults(grid: Grid, scheme: Scheme) -> Iterator[Fault]:
    if not grid.criteria:
        yield Fault("no_criterion", "grid.criteria")
    codes = [code for criterion in grid.criteria for code in (criterion.code, *(i.code for i in criterion.indicators))]
    codes += [item.code for item in grid.conformity]
    for code in (code for code, count in Counter(codes).items() if count > 1):
        yield Fault("code_twice", "grid", code)
    if grid.pass_percent and not scheme.weighted:
        yield Fault("percent_unwanted", "grid.pass_percent")
    for number, criterion in enumerate(grid.criteria):
        path = f"grid.criteria[{number}]"
        if not criterion.indicators:
            yield Fault("no_indicator", f"{path}.indicators", criterion.code)
            continue
        eliminatory = sum(one.eliminatory for one in criterion.indicators)
        if scheme.scores_only:
            if criterion.threshold or eliminatory:
                yield Fault("scores_only", f"{path}.threshold", criterion.code)
        elif criterion.threshold == 0:
            yield Fault("threshold_zero", f"{path}.threshold", criterion.code)
        elif criterion.threshold > len(criterion.indicators):
            yield Fault("threshold_unreachable", f"{path}.threshold", criterion.code)
        elif criterion.threshold < eliminatory:
            yield Fault("threshold_below_eliminatory", f"{path}.threshold", criterion.code)
        if scheme.weighted != bool(criterion.weight):
            yield Fault("weight_missing" if scheme.weighted else "weight_unwanted", f"{path}.weight", criterion.code)


def _texts_missing(content: Content, languages: tuple[str, ...]) -> Iterator[Fault]:
    for path, code, text, must in texts(content):
        absent = tuple(one for one in languages if not text.get(one))
        if absent and (must or text):
            yield Fault("text_missing", path, code, absent)


def texts(content: Content) -> Iterator[tuple[str, str, Label, bool]]:
    """Every text: its path, the code it belongs to, what it says, and whether it must say something at all."""
    yield "task", "", content.task, True
    yield "conditions", "", content.conditions, True
    for number, criterion in enumerate(content.grid.criteria):
        path = f"grid.criteria[{number}]"
        things: list[tuple[str, Criterion | Indicator]] = [(path, criterion)]
        things += [(f"{path}.indicators[{nth}]", one) for nth, one in enumerate(criterion.indicators)]
        for place, thing in things:
            yield f"{place}.label", thing.code, thing.label, True
            yield f"{place}.guidance", thing.code, thing.guidance, False
            if thing.picture is not None:
                yield f"{place}.picture.alt", thing.code, thing.picture.alt, True
    for number, item in enumerate(content.grid.conformity):
        yield f"grid.conformity[{number}].label", item.code, item.label, True
