"""Lists as files for people: words where the database has codes, in each language, and read again when they come in."""

import re

import asyncpg
import pytest

from service import desk_words
from service.exporting import codes
from service.i18n import words
from service.personal_codes import VALUES
from tests.builders.hall import Hall, text
from tests.builders.lists import NOOR, PEOPLE, as_csv, carried_on, hand_in, rows_of

CODED = {  # what the database lets stand in a column, and the words that a file has for it
    "scheduling.bookings.release": desk_words.RELEASES,
    "scheduling.priorities.cause": codes.PRIORITIES,
    "scheduling.priority_groups.name": codes.PRIORITIES,
    "scheduling.invitations.role": desk_words.ROLES,
    "scheduling.closures.cause": codes.CLOSURES,
    "scheduling.alerts.half": codes.HALVES,
    "assessments.decisions.outcome": codes.OUTCOMES,
    "assessments.undertakings.kind": codes.VALIDITIES,
    "assessments.enrolments.advice": VALUES,
    "assessments.candidates.status": VALUES,
    "assessments.candidates.gender": VALUES,
}


@pytest.mark.parametrize("column", CODED)
async def test_each_code_in_a_list_has_a_word(tx: asyncpg.Connection, column: str) -> None:
    table, _, name = column.rpartition(".")
    rules = await tx.fetch(
        """select pg_get_constraintdef(c.oid) as rule from pg_constraint c
           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
           where c.conrelid = $1::regclass and c.contype = 'c' and a.attname = $2 and array_length(c.conkey, 1) = 1""",
        table,
        name,
    )
    allowed = {code for row in rules for code in re.findall(r"'(\w+)'::", row["rule"])}
    assert allowed
    assert allowed <= CODED[column].keys()


async def test_people_read_words_and_not_codes(hall: Hall) -> None:
    """In the files that they take away, in the template, and in the report on what a file would change."""
    await hall.running()
    address = await hand_in(hall, "candidates", as_csv((*PEOPLE, "gender"), (*NOOR, "V")))
    await hall.manager.post(f"{address}/order")
    await carried_on(hall.street.app.state.running)
    (noor,) = [
        row for row in rows_of(await hall.manager.get("/centre/exports/candidates/csv?lang=nl")) if NOOR[1] in row
    ]
    assert {"Frans", "werkzoekende", "vrouw"} <= set(noor)
    (template, example) = rows_of(await hall.manager.get("/centre/lists/candidates/template/csv?lang=fr"))
    assert (template[4:7], example[4:7]) == (
        ["Date de naissance", "Langue des lettres", "Statut professionnel"],
        ["17/05/1990", "français", "demandeur d’emploi"],
    )
    changed = (NOOR[0], NOOR[1], NOOR[2], NOOR[3], "18/05/1990", "Nederlands", "Ouvrier")
    page = text(await hall.manager.get(f"{await hand_in(hall, 'candidates', as_csv(PEOPLE, changed))}?lang=fr"))
    assert "Prenez l’une de ces valeurs : demandeur d’emploi, travailleur, indépendant, en formation, autre" in page
    changed = (*changed[:6], "Indépendant")
    page = text(await hall.manager.get(f"{await hand_in(hall, 'candidates', as_csv(PEOPLE, changed))}?lang=fr"))
    assert "Date de naissance : 17/05/1990 → 18/05/1990" in page
    assert "Langue des lettres : français → néerlandais" in page
    assert "Statut professionnel : demandeur d’emploi → indépendant" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "toutes les deux semaines\u00a0: mardi et jeudi, jusqu’au mercredi 30 juin 2027"),
        ("nl", "om de twee weken: dinsdag en donderdag, tot en met woensdag 30 juni 2027"),
    ],
)
def test_the_rule_of_a_series_is_a_sentence(language: str, said: str) -> None:
    assert codes.rule(words(language), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20270630") == said
    other = "FREQ=MONTHLY;BYDAY=1TU;COUNT=4"
    assert codes.rule(words(language), other) == other, "what only programs ask for stays as they asked"
