"""The forms of a draft: from what was typed to a part of its content, and what is wrong with it, field by field."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from assessments.grids import LANGUAGES, MOST_INDICATORS, ConformityItem, Criterion, Indicator, Label
from assessments.standards import Content
from service.fields import in_languages
from service.i18n import N_, Words

Data = Mapping[str, Any]
LONGEST = 800
CHECKS = 30
WRONG_CODE = N_("Write a code such as 3, 3.2 or K4, which nothing else here has")
TOO_LONG = N_("Write at most %(most)d characters")
WRONG_NUMBER = N_("Write a whole number from %(least)d to %(most)d")
FRAME_NUMBERS = {
    "duration_minutes": (15, 720),
    "setup_minutes": (0, 480),
    "teardown_minutes": (0, 480),
    "candidates_per_evaluator": (1, 50),
}
FRAME = {
    "revision", *FRAME_NUMBERS, "pass_percent", "room_kind", "equipment_kind", "languages",
    *in_languages("task", "conditions"),
}  # fmt: skip
CHECK_LIST = {"revision"}.union(
    *(
        {f"k{number}.{name}" for name in ("code", "place", "remove")} | in_languages(f"k{number}.label")
        for number in range(CHECKS)
    )
)
CRITERION = {"revision", "act", "code", "threshold", "weight", *in_languages("label", "guidance")}.union(
    *(
        {f"i{number}.{name}" for name in ("was", "code", "place", "eliminatory", "remove")}
        | in_languages(f"i{number}.label", f"i{number}.guidance")
        for number in range(MOST_INDICATORS)
    )
)


class Typed(Struct, frozen=True):
    """A form as it came: what it makes, None where it makes nothing, and the sentences about its fields."""

    content: Content | None
    errors: dict[str, str]


class Row(NamedTuple):
    """An indicator or a line of the check-list in a form: its fields begin with `name`; `place` is where it is to stand."""

    name: str
    place: int
    one: Indicator


class Reading:
    """Reads fields, and remembers what was wrong with them."""

    def __init__(self, data: Data, words: Words) -> None:
        self.data, self.words, self.errors = data, words, dict[str, str]()

    def text(self, name: str) -> str:
        return str(self.data.get(name, "")).replace("\r\n", "\n").strip()

    def label(self, name: str) -> Label:
        """The languages that were filled in."""
        said = {}
        for language in LANGUAGES:
            if text := self.text(f"{name}.{language}"):
                said[language] = text
                if len(text) > LONGEST:
                    self.errors[f"{name}.{language}"] = self.words.gettext(TOO_LONG, most=LONGEST)
        return said

    def number(self, name: str, least: int, most: int) -> int:
        text = self.text(name)
        if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
            return int(text)
        self.errors[name] = self.words.gettext(WRONG_NUMBER, least=least, most=most)
        return least

    def code(self, name: str, taken: set[str]) -> str:
        """A code that nothing else has; it is taken from then on."""
        code = self.text(name)
        try:
            ConformityItem(code, {})
            msgspec.convert({"code": code, "label": {}}, ConformityItem)
        except msgspec.ValidationError:
            code = ""
        if not code or code in taken:
            self.errors[name] = self.words.gettext(WRONG_CODE)
        taken.add(code)
        return code


def criterion(data: Data, before: Criterion, content: Content, words: Words) -> tuple[Criterion | None, dict[str, str]]:
    """The criterion that a form describes; its pictures stay those of `before`."""
    reading = Reading(data, words)
    taken = _codes(content) - {before.code} - {one.code for one in before.indicators}
    code = reading.code("code", taken)
    rows = [row for row in _rows(reading, taken) if row is not None]
    shown = {one.code: one.picture for one in before.indicators}
    indicators = tuple(
        msgspec.structs.replace(row.one, picture=shown.get(reading.text(f"{row.name}.was")))
        for row in sorted(rows, key=lambda row: row.place)
    )
    made = Criterion(
        code,
        reading.label("label"),
        reading.number("threshold", 0, 12),
        indicators,
        weight=reading.number("weight", 0, 100) if "weight" in data else before.weight,
        guidance=reading.label("guidance"),
        picture=before.picture,
    )
    return (None if reading.errors else made), reading.errors


def _rows(reading: Reading, taken: set[str]) -> Iterable[Row | None]:
    for number in range(MOST_INDICATORS):
        name = f"i{number}"
        if f"{name}.code" not in reading.data or reading.text(f"{name}.remove"):
            continue
        one = Indicator(
            reading.code(f"{name}.code", taken),
            reading.label(f"{name}.label"),
            bool(reading.text(f"{name}.eliminatory")),
            reading.label(f"{name}.guidance"),
        )
        yield Row(name, reading.number(f"{name}.place", 1, 99), one)


def frame(data: Data, content: Content, words: Words) -> Typed:
    """Duration, room, languages, task, conditions."""
    reading = Reading(data, words)
    given = data.get("languages", [])
    languages = tuple(one for one in LANGUAGES if one in ([given] if isinstance(given, str) else given))
    if not languages:
        reading.errors["languages"] = words.gettext(N_("Choose at least one language"))
    made = {name: reading.number(name, *limits) for name, limits in FRAME_NUMBERS.items()} | {
        "room_kind": reading.text("room_kind"),
        "equipment_kind": reading.text("equipment_kind") or None,
        "languages": languages,
        "task": reading.label("task"),
        "conditions": reading.label("conditions"),
    }
    has_percent = "pass_percent" in data  # the form asks for it where the scheme weighs its criteria
    percent = reading.number("pass_percent", 0, 100) if has_percent else content.grid.pass_percent
    if reading.errors:
        return Typed(None, reading.errors)
    try:
        grid = msgspec.structs.replace(content.grid, languages=languages, pass_percent=percent)
        return Typed(msgspec.convert(made | {"grid": msgspec.to_builtins(grid)}, Content), {})
    except msgspec.ValidationError:
        return Typed(None, {"room_kind": words.gettext(N_("Choose from the list"))})


def checks(data: Data, content: Content, words: Words) -> Typed:
    """The observer's check-list; a line without a code is not there."""
    reading, taken = Reading(data, words), {code for one in content.grid.criteria for code in _of(one)}
    lines = []
    for number in range(CHECKS):
        name = f"k{number}"
        label = reading.label(f"{name}.label")
        if reading.text(f"{name}.remove") or not (reading.text(f"{name}.code") or label):
            continue
        place = reading.number(f"{name}.place", 1, 99)
        lines.append((place, ConformityItem(reading.code(f"{name}.code", taken), label)))
    if reading.errors:
        return Typed(None, reading.errors)
    conformity = tuple(item for _, item in sorted(lines, key=lambda line: line[0]))
    grid = msgspec.structs.replace(content.grid, conformity=conformity)
    return Typed(msgspec.structs.replace(content, grid=grid), {})


def _codes(content: Content) -> set[str]:
    lines = {item.code for item in content.grid.conformity}
    return lines | {code for one in content.grid.criteria for code in _of(one)}


def _of(one: Criterion) -> tuple[str, ...]:
    return (one.code, *(indicator.code for indicator in one.indicators))


def revision(data: Data) -> int:
    """Which revision the form was made of; 0, which no draft has, where it does not say."""
    text = str(data.get("revision", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
