"""What words mean in a search: slips of the pen and parts of words find what they mean, and other trades nothing."""

from datetime import datetime
from pathlib import Path
from random import Random

from assessments import catalogue, catalogue_files
from scheduling import places
from tests.builders.stage import a_stage

SHIPPED = Path(catalogue_files.__file__).with_name("catalogue_data")


async def test_words_find_what_they_mean_in_the_whole_catalogue(tx, now: datetime) -> None:  # type: ignore[no-untyped-def]
    await catalogue.import_catalogue(tx, catalogue_files.load(SHIPPED), now=now)
    for typed, expected in {
        "metser": {"MACO"}, "electricien": {"ELRE", "ELIN"}, "Elektricien": {"ELRE", "ELIN"}, "Schweisser": {"SOUD", "TUYA"},
        "soudure tig": {"SOUD"}, "electrisien": {"ELRE", "ELIN"}, "loodgieter": {"PLOM"}, "H2913": {"SOUD"},
        "peintre en batiment": {"PEIN"}, "vrachtwagn": {"CHPL"}, "SOUD-3": {"SOUD"}, "masson": {"MACO"},
        "netwrk": {"RESE", "TPCR"}, "maco": {"MACO"},
        "koelng": {"FRIG"}, "koeltechniek": {"FRIG"}, "climatisasion": {"FRIG"}, "refrigration": {"FRIG"},
        "Kaltetechnik": {"FRIG"}, "vorkheftruck": {"CARI"}, "plakker": {"PLAF"}, "carelleur": {"CARR"}, "weldr": {"SOUD", "TUYA"},
        "Fliesenlegr": {"CARR"}, "schildr": {"PEIN"}, "netwerktechnikus": {"RESE", "TPCR"},
        "koken": set(), "cuisinier": set(), "cooking": set(), "kochen": set(), "slager": set(), "couture": set(),
        "sales": set(), "Lehrer": set(), "professeur": set(), "werken": set(), "serveur": set(), "marin": set(),
        "danseur": set(), "baker": set(), "lager": {"MAGA"}, "netowrk": {"RESE", "TPCR"}, "egels": {"CARR"}, "tiel": {"CARR"},
        "un test de soudure": {"SOUD", "TUYA"}, "ik wil schilder worden": {"PEIN"}, "IT support": {"HELP"}, "test": set(),
        "xyzzy": set(), "coiffeur": set(), "boulanger": set(), "!?": set(), "mur xyzzy": set(),
    }.items():  # fmt: skip
        units = await places.units_of(tx, places.Wish(text=typed)) or {}
        found = await tx.fetch("select code from assessments.units where id = any ($1)", [*units])
        assert {row["code"][:4] for row in found} == expected, typed
    for typed, only in (("soudure tig", "SOUD-3"), ("MACO-1", "MACO-1"), ("maco 1", "MACO-1")):
        units = await places.units_of(tx, places.Wish(text=typed)) or {}
        found = await tx.fetch("select code from assessments.units where id = any ($1)", [*units])
        assert [row["code"] for row in found] == [only], typed


async def test_a_slip_of_the_pen_loses_no_test_by_its_own_name(tx, now: datetime) -> None:  # type: ignore[no-untyped-def]
    """Each word of five letters or more in the names of units and trades, in each language, with one slip of each kind: the
    unit is found all the same. Where in the word is left to chance, always the same."""
    await catalogue.import_catalogue(tx, catalogue_files.load(SHIPPED), now=now)
    chance, lost = Random(4), []
    for row in await tx.fetch(
        """select u.id, u.code, array(select distinct w from unnest(array[u.label::jsonb, t.label::jsonb]) named,
                  jsonb_each_text(named) l, unnest(string_to_array(btrim(assessments.folded(l.value)), ' ')) w
                  where length(w) > 4) as words
           from assessments.units u join assessments.trades t on t.id = u.trade_id order by u.code"""
    ):
        for word in chance.sample(sorted(row["words"]), min(4, len(row["words"]))):
            for typed in slips(word, chance):
                if row["id"] not in (await places.units_of(tx, places.Wish(text=typed)) or {}):
                    lost.append((row["code"], word, typed))
    assert lost == []


def slips(word: str, chance: Random) -> list[str]:
    """A letter left out, exchanged with the next, doubled, and another one; never the first."""
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    wrong = chance.choice([one for one in "aeinorst" if one != letter])
    return [before + after, before + after[0] + letter + after[1:], before + 2 * letter + after, before + wrong + after]


async def test_a_renamed_trade_is_found_by_its_new_name_and_no_more_by_the_old(tx, now: datetime) -> None:  # type: ignore[no-untyped-def]
    stage = await a_stage(tx, now)
    assert stage.unit in (await places.units_of(tx, places.Wish(text="werkplek")) or {})
    label = {"fr": "Boulanger", "nl": "Bakker", "en": "Baker", "de": "Bäcker"}
    await tx.execute("update assessments.trades set label = $2, esco_label = '' where id = $1", stage.trade, label)
    await tx.execute("update assessments.units set label = $2 where id = $1", stage.unit, label)
    assert stage.unit in (await places.units_of(tx, places.Wish(text="backer")) or {})
    assert stage.unit not in (await places.units_of(tx, places.Wish(text="werkplek")) or {})
