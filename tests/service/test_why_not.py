"""Why not? Every refusal of a place says what is in the way, and where to go: to programs and on pages, in four languages."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from scheduling import refusals
from service import guidance
from service.i18n import LANGUAGES, words
from service.problems import REFUSALS, slug_of
from service.settings import read
from service.ways_out import WAYS, known
from service.why_not import RULES, SAID
from tests.builders.features import worked
from tests.builders.refusing import STAGED, Body, Case, a_case, key
from tests.builders.web import an_app
from tests.service.conftest import Town

# What refuses a row of these tables, or an order, and is no answer to somebody who wants a place.
ELSEWHERE = {
    "not_found": "nothing is said of what is out of reach",
    "key_reused": "a fault of the program that asks",
    "contract_unsigned": "refused to the centre that starts a session",
    "absent_too_early": "refused to the centre that notes an absence",
    "turned_away_too_early": "refused to the centre that turns somebody away",
    "enrolment_withdrawn": "who books or waits enrols first; an offer made at that moment meets it, and goes to the next",
}
# Refusals that no request of a candidate meets, but for a race: said all the same, and not staged here.
UNMET = {
    "candidate-erased": "their account went with them",
    "session-over": "refused to the centre",
    "opening-announced": "refused to the centre",
    "opening-over": "tests/scheduling/test_openings.py: said on the draw's own page",
    "already-waiting": "joining twice changes what would do",
    "excuse-unmotivated": "an empty reason is a 400 for programs, and no form sends one",
}
PAGE = {"accept": "text/html"}
ABOUT = "/bookings/{booking_id}"
OPERATIONS = {
    "/bookings",
    "/holds",
    "/waiting",
    *(ABOUT + act for act in ("/acceptance", "/rescheduling", "/cancellation", "/excuse")),
}


@pytest.fixture
async def owner(database_url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_every_rule_that_guards_a_place_has_its_way_out(tx: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The rules are read where they are kept: constraints of the tables, their guards, and the functions of an order."""
    sources = await tx.fetch(
        """select p.prosrc as text from pg_trigger t join pg_proc p on p.oid = t.tgfoid
           where t.tgrelid in ('scheduling.bookings'::regclass, 'scheduling.waiting'::regclass) and t.tgtype & 4 > 0
           union all select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where (n.nspname, p.proname) in (('scheduling', 'rules_broken'), ('scheduling', 'booking_refusals'),
                                            ('scheduling', 'take_seat'), ('service', 'order_seat'))"""
    )
    constraints = await tx.fetch(
        """select conname as name from pg_constraint
           where conrelid in ('scheduling.bookings'::regclass, 'scheduling.waiting'::regclass)
           union select i.indexrelid::regclass::text from pg_index i
           where i.indrelid in ('scheduling.bookings'::regclass, 'scheduling.waiting'::regclass)"""
    )
    named = set(RULES.values())
    kept = {word for row in sources for word in re.findall(r"'([a-z_]+)'", row["text"]) if word in named}
    kept |= {row["name"].rpartition(".")[2] for row in constraints} & named
    assert {"retake_too_soon", "session_full", "too_many_holds", "waiting_for_nothing", "room_not_accessible"} <= kept
    explained = {RULES[refusal] for refusal in WAYS if refusal in RULES}
    assert kept - explained - set(ELSEWHERE) == set()


def test_what_the_interface_announces_is_explained(tmp_path: object) -> None:
    schema: dict[str, Any] = an_app(read({"PREUVE_DATA": str(tmp_path)})).openapi_schema.to_schema()
    said = {
        slug
        for path, methods in schema["paths"].items()
        if path.removeprefix("/api/v1") in OPERATIONS
        for operation in methods.values()
        for status in ("409", "422")
        for slug in re.findall(
            r"[a-z]+(?:-[a-z]+)+", operation.get("responses", {}).get(status, {}).get("description", "")
        )
    }
    explained = {slug_of(refusal) for refusal in WAYS}
    assert "retake-too-soon" in said
    assert said - explained == {"key-in-flight", "key-reused"}


def test_there_is_always_a_way_and_every_reason_is_said_in_four_languages() -> None:
    assert set(STAGED) | set(UNMET) == {slug_of(refusal) for refusal in WAYS}
    for refusal, ways in WAYS.items():
        assert [way.address for way in known(refusal, {})][-1:] == [ways[-1].address], "the last one needs nothing"
        for language in LANGUAGES:
            problem, theirs = REFUSALS[refusal], words(language)
            for sentence in (problem.title, problem.advice, *(way.label for way in ways)):
                assert theirs.catalogue.gettext(sentence).strip()
                assert language == "en" or theirs.catalogue.gettext(sentence) != sentence, sentence
    for title, advice in SAID.values():
        assert all(words(language).gettext(each) != each for each in (title, advice) for language in ("fr", "nl", "de"))


async def test_a_refusal_says_what_is_in_the_way_and_where_to_go(
    town: Town, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """One town for all of them, and a candidate for each."""
    await (await a_case(town, owner)).session()  # a way out for those for whom there is one
    faults = []
    for slug, staging in STAGED.items():
        case = await a_case(town, owner)
        refusal = next(one for one in WAYS if slug_of(one) == slug)
        try:
            path, body = await staging(case)
            for language in LANGUAGES:
                case.client.cookies.set("language", language)
                why = await said_to_a_program(case, path, body, language, refusal)
                await shown_on_a_page(case, path, body, language, refusal, why)
            facts_of(slug, why)
        except AssertionError as fault:
            faults.append(f"{slug}: {fault}")
        await case.undo()
    assert not faults, "\n\n".join(faults)


async def said_to_a_program(
    case: Case, path: str, body: Body, language: str, refusal: type[Exception]
) -> dict[str, Any]:
    theirs, problem = words(language), REFUSALS[refusal]
    answer = await case.client.post(f"/api/v1{path}", json=body, headers=key())
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["type"]) == (problem.status, f"/problems/{slug_of(refusal)}"), said
    why: dict[str, Any] = said["why_not"]
    if refusal is not refusals.SessionFull:  # which says what is short
        assert why["title"] == theirs.gettext(problem.title)
        # In the number of the scheme: tests/service/test_guidance_numbers.py.
        guided = guidance.comes_first(2, theirs) if refusal is refusals.GuidanceRequired else None
        assert said["detail"] == (guided or theirs.gettext(problem.advice))
        assert why["advice"].startswith(guided or theirs.gettext(problem.advice))
    assert why["waiting"] == 0
    assert why["ways_out"]
    assert all(way["title"] for way in why["ways_out"])
    if language == "fr":
        for way in why["ways_out"]:
            assert (await case.client.get(way["address"], headers=PAGE)).status_code == 200, way
    return why


async def shown_on_a_page(
    case: Case, path: str, body: Body, language: str, refusal: type[Exception], why: dict[str, Any]
) -> None:
    form: dict[str, Any] = {**body}
    if "session_id" in form:
        form["key"] = uuid4().hex
    if path == "/waiting":
        form |= {"mornings": "1"}
    page = await case.client.post(path, data=form, headers=PAGE, follow_redirects=True)
    text = html.unescape(page.text)
    assert f'<html lang="{language}"' in text
    full = refusal is refusals.SessionFull
    # Two days in the wrong order are named at their field; whoever writes a program has no field.
    title = "This date lies before the first one" if refusal is refusals.WaitingForNothing else REFUSALS[refusal].title
    assert (why["title"] if full else words(language).gettext(title)) in text
    here = [
        way["address"] for way in why["ways_out"] if not (path == "/waiting" and way["address"].startswith("/waiting"))
    ]
    assert [address for address in here if f'href="{address}"' not in text] == []


def facts_of(slug: str, why: dict[str, Any]) -> None:
    """What is particular to one: the resource that is short, the day from which on, somewhere else to go."""
    first = why["ways_out"][0]["address"]
    if slug == "session-full":
        assert why["limits"]
        assert why["bottleneck"] in ("none", *why["limits"])
    if slug == "room-not-accessible":
        assert why["bottleneck"] == "room"
    if slug == "candidate-too-young":
        assert why["not_before"] == "2030-03-04"
    if slug == "retake-too-soon":
        assert why["not_before"] == "2026-10-02"  # the thirty-first day after the first of September
        assert why["next_session_id"] is None
    if slug in ("session-full", "session-not-open", "candidate-busy"):
        assert first == f"/sessions/{why['next_session_id']}"
    if slug in ("unit-already-booked", "same-session"):
        assert first.endswith("/rescheduling")


async def test_who_has_to_wait_after_a_failure_counts_as_willing_only_then(
    town: Town, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Else the clockwork would try them again and again, and the audit find a free seat beside somebody who waits."""
    case = await a_case(town, owner)
    session = await case.session(starts_at=town.stage.morning)  # two weeks on
    await case.failed()
    await case.plain("update assessments.schemes set retake_wait_days = 30")
    code = await owner.fetchval("select code from assessments.units where id = $1", town.stage.unit)
    wish = {"unit": code, "languages": ["fr"], "earliest": "2026-09-01"}
    assert (await case.client.post("/api/v1/waiting", json=wish)).status_code == 201
    await worked(town)
    willing = "select array_agg(candidate_id) from scheduling.willing($1, $2)"
    assert await owner.fetchval(willing, session, town.stage.now) is None
    await case.plain("update assessments.schemes set retake_wait_days = 7")
    assert await owner.fetchval(willing, session, town.stage.now) == [case.me]
    await worked(town)
    (offered,) = (await case.client.get("/api/v1/bookings")).json()[:1]
    assert (offered["session_id"], offered["state"]) == (str(session), "held")
