"""The catalogue as its specialists write it: TOML files, read whole and refused with a remedy when something is wrong.

catalogue_data/schemes.toml  rooms.toml  equipment.toml  conformity.toml
catalogue_data/<centre>/<trade>.toml            a trade and its units
catalogue_data/<centre>/<unit>.grid.toml        the evaluation grid of one unit
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Never, TypeVar

import msgspec
from msgspec import Meta, Struct

from assessments.grids import LANGUAGES, ConformityItem, Grid, Label, Languages, Text, faults, twice

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=40)]
TradeCode = Annotated[str, Meta(pattern=r"^[A-Z]{4}$(?!\n)")]
UnitCode = Annotated[str, Meta(pattern=r"^[A-Z]{4}-[0-9A-Z]{1,2}$(?!\n)")]
Cents = Annotated[int, Meta(ge=0, le=1_000_000)]
Few = Annotated[int, Meta(ge=0, le=9)]
Days = Annotated[int, Meta(ge=0, le=366)]
Minutes = Annotated[int, Meta(ge=0, le=240)]


class CatalogueFault(Exception):
    """A file of the catalogue cannot be used: which one, where in it, and what to do."""

    def __init__(self, file: Path, path: str, remedy: str) -> None:
        super().__init__(f"{file}: {path}: {remedy}" if path else f"{file}: {remedy}")
        self.file, self.path, self.remedy = file, path, remedy


class Scheme(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a kind of test, as data. Where a number is 0, the rule does not exist in that scheme."""

    code: Slug
    label: Label
    evaluators_min: Few
    observers_min: Few
    manager_required: bool
    needs_accreditation: bool
    issues_certificate: bool
    result_types: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=9)]
    fee_cents: Cents
    fee_cents_jobseeker: Cents
    failures_before_guidance: Few
    appeal_days: Days
    appeal_answer_working_days: Days
    decision_profile: Literal["cvdc", "strict-17024", "none"]
    languages: Languages
    minimum_age: Annotated[int, Meta(ge=0, le=99)]
    release_together: bool = False
    retake_wait_days: Days = 0
    weighted: bool = False


class RoomKind(Struct, frozen=True, forbid_unknown_fields=True):
    code: Slug
    label: Label


class EquipmentKind(Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate works at. One unit of it serves one seat; some must be inspected on the day of use."""

    code: Slug
    label: Label
    daily_inspection: bool = False


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a trade that is tested and certified on its own. `proposal`: ours, not in the centres' list."""

    code: UnitCode
    label: Label
    duration_minutes: Annotated[int, Meta(ge=15, le=600)]
    candidates_per_evaluator: Annotated[int, Meta(ge=1, le=30)]
    room_kind: Slug
    setup_minutes: Minutes
    teardown_minutes: Minutes
    languages: Languages
    task: Label
    conditions: Label
    equipment_kind: Slug | None = None
    proposal: bool = False


class Trade(Struct, frozen=True, forbid_unknown_fields=True):
    """A trade of one centre, tied to ROME 3, ISCO-08 and ESCO; the Flemish qualification where one is known."""

    code: TradeCode
    centre: Slug
    scheme: Slug
    label: Label
    rome: Annotated[str, Meta(pattern=r"^[A-N][0-9]{4}$(?!\n)")]
    isco: Annotated[str, Meta(pattern=r"^[0-9]{4}$(?!\n)")]
    esco: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)")]
    esco_label: Text
    units: Annotated[tuple[Unit, ...], Meta(min_length=1, max_length=12)]
    flemish_qualification: Annotated[str, Meta(max_length=20)] | None = None
    flemish_level: Annotated[int, Meta(ge=1, le=8)] | None = None

    @property
    def esco_uri(self) -> str:
        return f"http://data.europa.eu/esco/occupation/{self.esco}"


class Catalogue(Struct, frozen=True):
    schemes: tuple[Scheme, ...]
    rooms: tuple[RoomKind, ...]
    equipment: tuple[EquipmentKind, ...]
    trades: tuple[Trade, ...]
    grids: dict[str, Grid]

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(unit for trade in self.trades for unit in trade.units)


class _Schemes(Struct, forbid_unknown_fields=True):
    schemes: tuple[Scheme, ...]


class _Rooms(Struct, forbid_unknown_fields=True):
    rooms: tuple[RoomKind, ...]


class _Equipment(Struct, forbid_unknown_fields=True):
    equipment: tuple[EquipmentKind, ...]


class _Conformity(Struct, forbid_unknown_fields=True):
    conformity: tuple[ConformityItem, ...]


def load(folder: Path | None = None) -> Catalogue:
    """Read the whole catalogue, by default the one shipped with the package.

    Raises CatalogueFault at the first thing that is missing, unknown, double or impossible.
    """
    folder = folder or Path(__file__).with_name("catalogue_data")
    schemes = read(folder / "schemes.toml", _Schemes).schemes
    rooms = read(folder / "rooms.toml", _Rooms).rooms
    equipment = read(folder / "equipment.toml", _Equipment).equipment
    for name, kinds in (("schemes", schemes), ("rooms", rooms), ("equipment", equipment)):
        _refuse_first(folder / f"{name}.toml", twice(name, (kind.code for kind in kinds)))
    grid_files = {file.name.removesuffix(".grid.toml"): file for file in sorted(folder.glob("*/*.grid.toml"))}
    trade_files = [file for file in sorted(folder.glob("*/*.toml")) if file not in grid_files.values()]
    trades = tuple(read(file, Trade) for file in trade_files)
    bare = Catalogue(schemes, rooms, equipment, trades, {})
    homes: dict[str, Path] = {}
    for file, trade in zip(trade_files, trades, strict=True):
        if homes.setdefault(trade.code, file) != file:
            _fault(file, "code", f"“{trade.code}” is already in {homes[trade.code]}: keep one of the two")
        _refuse_first(file, _trade_faults(file, trade, bare))
    everyone = read(folder / "conformity.toml", _Conformity).conformity
    return msgspec.structs.replace(bare, grids=_grids(folder, bare, grid_files, everyone))


T = TypeVar("T")


def read(file: Path, kind: type[T]) -> T:
    """Read one file into its Struct; raises CatalogueFault with the place in the file and the remedy."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        _fault(file, "", "the file is missing: put it back, or give a folder that holds a catalogue")
    except UnicodeDecodeError as broken:
        _fault(file, "", f"not a UTF-8 text ({broken.reason}): save it again as UTF-8")
    except tomllib.TOMLDecodeError as broken:
        _fault(file, "", f"not readable as TOML: {broken}")
    _refuse_first(file, _untranslated(raw, ""))
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as broken:
        said, _, path = str(broken).partition(" - at `$")
        _fault(file, path.strip(".`"), said)


def _untranslated(raw: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from _untranslated(item, f"{path}[{index}]")
    elif isinstance(raw, dict):
        for key, value in raw.items():
            here = f"{path}.{key}" if path else key
            if key in NEEDED and isinstance(value, dict):
                yield from _label_faults(here, value, NEEDED[key])
            else:
                yield from _untranslated(value, here)


# Labels are read by candidates in all four languages; the task by juries, which sit in French or Dutch.
NEEDED = {"label": LANGUAGES, "task": ("fr", "nl"), "conditions": ("fr", "nl")}


def _label_faults(path: str, label: dict[str, Any], needed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for language in needed:
        if not str(label.get(language, "")).strip():
            yield f"{path}.{language}", f"the translation is missing: write {language} beside {', '.join(needed)}"
    for language in label.keys() - set(LANGUAGES):
        yield f"{path}.{language}", f"unknown language: known are {', '.join(LANGUAGES)}"


def _trade_faults(file: Path, trade: Trade, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if trade.centre != file.parent.name:
        yield "centre", f"“{trade.centre}” does not fit the folder “{file.parent.name}”: move the file or correct it"
    yield from twice("units", (unit.code for unit in trade.units))
    scheme = next((scheme for scheme in catalogue.schemes if scheme.code == trade.scheme), None)
    if scheme is None:
        yield "scheme", f"unknown scheme “{trade.scheme}”: add it to schemes.toml or correct it"
    for index, unit in enumerate(trade.units):
        for path, remedy in _unit_faults(unit, trade, scheme, catalogue):
            yield f"units[{index}].{path}", remedy


def _unit_faults(unit: Unit, trade: Trade, scheme: Scheme | None, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if not unit.code.startswith(f"{trade.code}-"):
        yield "code", f"“{unit.code}” is not a unit of {trade.code}: write {trade.code}-…"
    if unit.room_kind not in {room.code for room in catalogue.rooms}:
        yield "room_kind", f"unknown room “{unit.room_kind}”: add it to rooms.toml or correct it"
    if unit.equipment_kind and unit.equipment_kind not in {kind.code for kind in catalogue.equipment}:
        yield "equipment_kind", f"unknown equipment “{unit.equipment_kind}”: add it to equipment.toml or correct it"
    for language in unit.languages:
        if scheme and language not in scheme.languages:
            yield "languages", f"the scheme “{scheme.code}” allows no test in {language}"


def _grids(
    folder: Path, catalogue: Catalogue, files: dict[str, Path], everyone: tuple[ConformityItem, ...]
) -> dict[str, Grid]:
    schemes = {scheme.code: scheme for scheme in catalogue.schemes}
    grids: dict[str, Grid] = {}
    for trade in catalogue.trades:
        for unit in trade.units:
            name = unit.code.lower()
            file = files.pop(name, folder / trade.centre / f"{name}.grid.toml")
            grids[unit.code] = _grid(file, unit, schemes[trade.scheme], everyone)
    for file in files.values():
        _fault(file, "", "no unit has this code: rename the file after its unit, or remove it")
    return grids


def _grid(file: Path, unit: Unit, scheme: Scheme, everyone: tuple[ConformityItem, ...]) -> Grid:
    grid = read(file, Grid)
    if scheme.observers_min:
        grid = msgspec.structs.replace(grid, conformity=everyone + grid.conformity)
    _refuse_first(file, faults(grid, scores_only=scheme.decision_profile == "none"))
    for language in unit.languages:
        if language not in grid.languages:
            _fault(file, "languages", f"{unit.code} is tested in {language}, but its grid is not written for it")
    return grid


def _refuse_first(file: Path, found: Iterator[tuple[str, str]]) -> None:
    for path, remedy in found:
        _fault(file, path, remedy)


def _fault(file: Path, path: str, remedy: str) -> Never:
    raise CatalogueFault(file, path, remedy) from None
