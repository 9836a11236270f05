"""The shipped catalogue is whole, and a broken file says what is wrong, where, and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from assessments import catalogue_files
from assessments.catalogue_files import Catalogue, CatalogueFault, load
from assessments.grids import LANGUAGES, Grid

SHIPPED = Path(catalogue_files.__file__).with_name("catalogue_data")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(SHIPPED, tmp_path / "catalogue")


def test_the_four_centres_have_their_23_trades(catalogue: Catalogue) -> None:
    per_centre = {}
    for trade in catalogue.trades:
        per_centre.setdefault(trade.centre, set()).add(trade.code)
    assert per_centre == {
        "digitalcity": {"TPCR", "RESE", "HELP", "WEBD"},
        "construcity": {"MACO", "COUV", "CARR", "PEIN", "PLAF", "ELRE", "PLOM", "STUK"},
        "technicity": {"SOUD", "TUYA", "MECA", "ELIN", "FRIG", "USIN"},
        "logisticity": {"MAGA", "PREP", "CARI", "CHPL", "LIVR"},
    }


@pytest.mark.parametrize(
    ("code", "scheme", "rome", "isco", "esco", "preferred"),
    [
        ("TPCR", "validation", "I1401", "3512", "3e7bf729-4442-4b9f-ad5e-83111963795c", "technicien informatique"),
        (
            "RESE",
            "screening",
            "M1810",
            "3513",
            "64c7d461-152c-477f-a8e2-c2c537e9d617",
            "technicien de réseau informatique",
        ),
        (
            "HELP",
            "screening",
            "I1401",
            "3512",
            "aaeec9a7-dc57-4485-890c-86b3eef735f9",
            "agent de service d'assistance informatique",
        ),
        ("WEBD", "screening", "M1805", "2513", "c40a2919-48a9-40ea-b506-1f34f693496d", "développeur web"),
        ("MACO", "validation", "F1703", "7112", "05f321f8-055b-407d-bf19-e0ddabda56b7", "maçon"),
        ("COUV", "validation", "F1610", "7121", "b4c6d1b0-929e-48be-9f67-47bd8c30658b", "couvreur"),
        ("CARR", "validation", "F1608", "7122", "02447817-ea01-4d8b-b09c-8bc128e447e6", "carreleur"),
        ("PEIN", "validation", "F1606", "7131", "15620506-fb5d-49cd-87a2-1c9047fb406a", "peintre en bâtiment"),
        ("PLAF", "validation", "F1601", "7123", "f4a22809-c00c-4dd0-8b09-c7251f8dcd1c", "plâtrier"),
        ("ELRE", "validation", "F1602", "7411", "33960bab-4423-4808-af6c-ec2b485dba41", "électricien du bâtiment"),
        ("PLOM", "validation", "F1603", "7126", "ed3cf43d-c2c1-4c46-82fc-1375e27e0290", "plombier"),
        ("SOUD", "validation", "H2913", "7212", "7aedaa07-3884-4c5b-88f9-80997b2aa54b", "soudeur"),
        ("TUYA", "validation", "H2914", "7212", "2ff73126-7aff-4233-9d9c-d8725e1c6822", "soudeur de tuyaux"),
        (
            "MECA",
            "validation",
            "I1310",
            "7233",
            "269c47e7-9017-4aa6-bce8-49e89a696a64",
            "mécanicien sur machines industrielles",
        ),
        (
            "ELIN",
            "validation",
            "I1309",
            "7411",
            "5df63943-f1bc-4438-90f1-92768a7a23c8",
            "électricien d'équipements industriels",
        ),
        ("FRIG", "validation", "I1306", "7127", "79f435d0-9bc6-4d25-a26a-acbe16569ebb", "HVAC/R service engineer"),
        (
            "USIN",
            "validation",
            "H2903",
            "7223",
            "5c082067-ea18-4ccb-8c43-e70b18ad8120",
            "opérateur sur machine à commande numérique",
        ),
        ("MAGA", "validation", "N1103", "9333", "bea705fe-06ac-4147-b8e0-6e8ac1208d8f", "magasinier"),
        ("PREP", "validation", "N1103", "9333", "cd94def5-3442-4c2e-ae3d-0761a3008bcb", "préparateur de commandes"),
        ("CARI", "validation", "N1101", "8344", "eeac6251-1974-42f5-91ed-513c6c883755", "cariste"),
        ("CHPL", "screening", "N4101", "8332", "45037d43-a8f5-4f46-b332-b2935bc305f4", "conducteur de poids lourd"),
        ("LIVR", "screening", "N4105", "8322", "0c408028-c48f-4df8-ba5d-c3d3be15f5a2", "chauffeur-livreur"),
    ],
)
def test_a_trade_carries_its_verified_codes(
    catalogue: Catalogue, code: str, scheme: str, rome: str, isco: str, esco: str, preferred: str
) -> None:
    trade = next(trade for trade in catalogue.trades if trade.code == code)
    assert (trade.scheme, trade.rome, trade.isco) == (scheme, rome, isco)
    assert (trade.esco_uri, trade.esco_label) == (
        f"http://data.europa.eu/esco/occupation/{esco}",
        preferred,
    )


# Duration in minutes and candidates per evaluator, as the centres' list proposes them.
LISTED = """
TPCR-1 210 4 | TPCR-2 210 6 | TPCR-3 240 4 | TPCR-4 180 4 | RESE-S 150 8 | HELP-S 90 8
MACO-1 240 3 | MACO-2 420 3 | MACO-3 420 2 | COUV-1 420 2 | COUV-2 240 2 | CARR-1 420 3 | CARR-2 420 3
PEIN-1 420 4 | PEIN-2 420 4 | PEIN-3 240 4 | PLAF-1 420 3 | PLAF-2 420 3 | ELRE-1 420 4 | ELRE-2 240 4
SOUD-1 240 3 | SOUD-2 240 3 | SOUD-3 240 3 | MECA-1 240 2 | MECA-2 240 2 | FRIG-1 300 2
MAGA-1 180 3 | MAGA-2 180 3 | CARI-1 90 1 | CARI-2 90 1 | CHPL-S 90 1
"""


def test_the_listed_units_keep_their_numbers_and_all_others_are_marked_as_proposals(catalogue: Catalogue) -> None:
    listed = {tuple(line.split()) for line in LISTED.replace("\n", "|").split("|") if line.strip()}
    ours = {
        (unit.code, str(unit.duration_minutes), str(unit.candidates_per_evaluator))
        for unit in catalogue.units
        if not unit.proposal
    }
    assert ours == listed
    proposed = {unit.code.split("-")[0] for unit in catalogue.units if unit.proposal}
    assert proposed == {"PLOM", "TUYA", "ELIN", "USIN", "PREP", "WEBD", "LIVR", "STUK"}


def test_the_three_schemes_differ_as_data(catalogue: Catalogue) -> None:
    validation, screening, evc = catalogue.schemes
    assert (validation.code, screening.code, evc.code) == ("validation", "screening", "evc")
    assert (validation.observers_min, validation.manager_required, validation.decision_profile) == (1, True, "cvdc")
    assert (validation.failures_before_guidance, validation.needs_accreditation) == (2, True)
    assert (screening.observers_min, screening.needs_accreditation, screening.issues_certificate) == (0, False, False)
    assert evc.result_types == ("full-qualification", "part-qualification", "competences")
    assert (evc.fee_cents, evc.fee_cents_jobseeker) == (12000, 0)
    assert [trade.code for trade in catalogue.trades if trade.scheme == "evc"] == ["STUK"]


def test_every_unit_has_a_grid_and_every_label_its_four_languages(catalogue: Catalogue) -> None:
    assert catalogue.grids.keys() == {unit.code for unit in catalogue.units}
    things = [*catalogue.schemes, *catalogue.rooms, *catalogue.equipment, *catalogue.trades, *catalogue.units]
    for grid in catalogue.grids.values():
        things += [*grid.criteria, *grid.conformity]
        things += [indicator for criterion in grid.criteria for indicator in criterion.indicators]
    for thing in things:
        assert thing.label.keys() == set(LANGUAGES), thing
        assert all(text.strip() == text != "" for text in thing.label.values()), thing


@pytest.mark.parametrize(
    "code",
    ["TPCR-1", "TPCR-3", "MACO-1", "PEIN-1", "ELRE-2", "SOUD-2", "FRIG-1", "MAGA-2", "CARI-1"],
)
def test_a_full_grid_is_rich_and_holds_its_safety_indicator(catalogue: Catalogue, code: str) -> None:
    grid = catalogue.grids[code]
    assert 4 <= len(grid.criteria) <= 6
    assert all(3 <= len(criterion.indicators) <= 6 for criterion in grid.criteria)
    assert any(indicator.eliminatory for criterion in grid.criteria for indicator in criterion.indicators)


def test_only_a_test_with_an_observer_has_a_conformity_list_and_it_begins_with_the_common_one(
    catalogue: Catalogue,
) -> None:
    for trade in catalogue.trades:
        for unit in trade.units:
            codes = [item.code for item in catalogue.grids[unit.code].conformity]
            expected = ["C1", "C2", "C3", "C4", "C5", "C6", "C7"] if trade.scheme == "validation" else []
            assert codes[:7] == expected, unit.code


def test_forklifts_and_lorries_are_inspected_every_day(catalogue: Catalogue) -> None:
    daily = {kind.code for kind in catalogue.equipment if kind.daily_inspection}
    assert daily == {"forklift", "reach-truck", "lorry", "van"}


def test_a_grid_survives_the_database(catalogue: Catalogue) -> None:
    grid = catalogue.grids["SOUD-2"]
    assert msgspec.json.decode(msgspec.json.encode(grid), type=Grid) == grid


def test_each_grid_file_says_that_it_is_not_the_consortiums() -> None:
    files = list(SHIPPED.glob("*/*.grid.toml"))
    assert files
    for file in files:
        assert "not the Consortium's" in file.read_text(encoding="utf-8").partition("version")[0], file


CARI = "logisticity/cari.toml"
GRID = "logisticity/cari-1.grid.toml"
SCORES = "logisticity/livr-s.grid.toml"


@pytest.mark.parametrize(
    ("name", "old", "new", "path", "remedy"),
    [
        (GRID, 'label.nl = "De heftruck vóór gebruik controleren"\n', "", "criteria[0].label.nl", "translation"),
        (GRID, 'label.de = "Den Stapler vor Gebrauch prüfen"', 'label.de = " "', "criteria[0].label.de", "missing"),
        (CARI, 'label.fr = "Con', 'label.es = "Carretillero"\nlabel.fr = "Con', "label.es", "unknown language"),
        (CARI, "task.nl", "task.de", "units[0].task.nl", "translation is missing"),
        (GRID, 'code = "2"', 'code = "1"', "criteria", "“1” is used 2 times"),
        (GRID, 'code = "2.1"', 'code = "1.1"', "indicators", "“1.1” is used 2 times"),
        (GRID, 'code = "S2"', 'code = "C1"', "conformity", "“C1” is used 2 times"),
        (CARI, 'code = "CARI-2"', 'code = "CARI-1"', "units", "“CARI-1” is used 2 times"),
        ("rooms.toml", 'code = "yard"', 'code = "warehouse"', "rooms", "“warehouse” is used 2 times"),
        (GRID, "threshold = 4", "threshold = 6", "criteria[0].threshold", "can never be met"),
        (GRID, "threshold = 4", "threshold = 0", "criteria[0].threshold", "met by doing nothing"),
        (GRID, "threshold = 3", "threshold = 1", "criteria[4].threshold", "2 indicators are eliminatory"),
        (GRID, "threshold = 4", "threshold = -1", "criteria[0].threshold", ">= 0"),
        (SCORES, "threshold = 0", "threshold = 2", "criteria[0].threshold", "a screening gives"),
        (SCORES, 'code = "1.1"', 'code = "1.1"\neliminatory = true', "criteria[0].threshold", "a screening gives"),
        (CARI, 'room_kind = "warehouse"', 'room_kind = "garage"', "units[0].room_kind", "unknown room “garage”"),
        (CARI, 'equipment_kind = "forklift"', 'equipment_kind = "mule"', "units[0].equipment_kind", "“mule”"),
        (CARI, 'scheme = "validation"', 'scheme = "exam"', "scheme", "unknown scheme “exam”"),
        (CARI, 'centre = "logisticity"', 'centre = "technicity"', "centre", "does not fit the folder"),
        (CARI, 'code = "CARI-2"', 'code = "MAGA-9"', "units[1].code", "not a unit of CARI"),
        (CARI, 'languages = ["fr", "nl"]', 'languages = ["fr", "en"]', "units[0].languages", "no test in en"),
        (GRID, 'languages = ["fr", "nl"]', 'languages = ["fr"]', "languages", "not written for it"),
        (CARI, 'rome = "N1101"', 'rome = "1101"', "rome", "regex"),
        (CARI, 'rome = "N1101"', 'rome = "N1101"\ncolour = "red"', "", "unknown field `colour`"),
        (CARI, "duration_minutes = 90", "duration_minutes = 9000", "units[0].duration_minutes", "<= 600"),
        ("schemes.toml", '"cvdc"', '"friends"', "schemes[0].decision_profile", "friends"),
        (GRID, "version = 1", "version = ", "", "not readable as TOML"),
    ],
)
def test_a_broken_file_says_where_and_what_to_do(
    copy: Path, name: str, old: str, new: str, path: str, remedy: str
) -> None:
    file = copy / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueFault) as caught:
        load(copy)
    assert (caught.value.file, caught.value.path) == (file, path)
    assert remedy in caught.value.remedy
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("name", "harm", "remedy"),
    [
        (GRID, lambda file: file.unlink(), "the file is missing"),
        ("schemes.toml", lambda file: file.unlink(), "the file is missing"),
        (GRID, lambda file: file.write_bytes(b"version = '\xe9'"), "not a UTF-8 text"),
        ("logisticity/cari-9.grid.toml", lambda file: file.write_text("version = 1"), "no unit has this code"),
    ],
)
def test_a_missing_or_stray_file_is_named(copy: Path, name: str, harm: Callable[[Path], object], remedy: str) -> None:
    harm(copy / name)
    with pytest.raises(CatalogueFault) as caught:
        load(copy)
    assert caught.value.file == copy / name
    assert remedy in caught.value.remedy


def test_a_trade_may_not_be_given_twice(copy: Path) -> None:
    twin = copy / "logisticity/heftruck.toml"
    shutil.copy(copy / CARI, twin)
    with pytest.raises(CatalogueFault, match=r"“CARI” is already in .*cari\.toml") as caught:
        load(copy)
    assert caught.value.file == twin


def test_equipment_is_optional_for_a_unit(copy: Path) -> None:
    file = copy / "digitalcity/webd.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('equipment_kind = "pc"\n', ""), encoding="utf-8")
    assert next(unit for unit in load(copy).units if unit.code == "WEBD-S").equipment_kind is None
