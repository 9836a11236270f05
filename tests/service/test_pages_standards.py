"""Standards, schemes and what lapses over HTTP: written, refused with what was typed, published, planned, told."""

import json
import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from assessments import qualifications, schemes, standard_refusals, standards, undertakings
from scheduling import jury_seats
from service import lapse_notices, retention, validity
from tests.builders.assessments import an_assessor
from tests.builders.pages import Street
from tests.builders.shelf_of_standards import PDF, an_image
from tests.builders.web import signed_in


@pytest.fixture
async def editor(street: Street) -> httpx.AsyncClient:
    return await signed_in(street.app, "editor@example.org", "administrator")


async def begun(editor: httpx.AsyncClient) -> str:
    """The address of a new draft of MACO-1."""
    answer = await editor.post("/units/MACO-1/standards", data={})
    assert answer.status_code == 303
    return answer.headers["location"]


def form_of(page: str) -> dict[str, str]:
    """What the first form with a revision holds, as a browser would send it."""
    form = page[page.index('name="revision"') - 40 :]
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    fields |= {name: text for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form)}
    unticked = re.findall(r'<input type="checkbox"[^>]* name="([^"]+)" value="yes"(?! checked)', form)
    return {name: value for name, value in fields.items() if name not in unticked}


async def test_a_version_is_written_compared_and_published(street: Street, editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    page = (await editor.get(f"{draft}/criteria/1")).text
    typed = form_of(page) | {
        "threshold": "3",
        "label.nl": "Veilig werken, altijd",
        "guidance.fr": "Regarder les mains.",
    }
    saved = await editor.post(f"{draft}/criteria/1", data=typed)
    assert (saved.status_code, saved.headers["location"]) == (303, draft)
    overview = (await editor.get(draft)).text
    assert f"{draft}/publication" not in overview  # the guidance is not in Dutch
    typed = form_of((await editor.get(f"{draft}/criteria/1")).text) | {"guidance.nl": "Kijk naar de handen."}
    await editor.post(f"{draft}/criteria/1", data=typed)
    assert f"{draft}/publication" in (await editor.get(draft)).text
    changes = (await editor.get(f"{draft}/differences", headers={"Accept-Language": "en"})).text
    assert "Veilig werken, altijd" in changes
    assert "Kijk naar de handen." in changes
    assert (await editor.post(f"{draft}/publication", data={"revision": "3"})).status_code == 303
    session = await street.open_session()
    async with street.db.read() as tx:
        used = await tx.fetchval("select standard_id from scheduling.sessions where id = $1", session)
    assert draft.endswith(str(used))
    assert (await editor.post(f"{draft}/criteria", data={"act": "add", "revision": "3"})).status_code == 404


async def test_who_comes_second_keeps_what_they_typed(editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    mine = form_of((await editor.get(f"{draft}/criteria/2")).text) | {"label.fr": "Monter bien droit"}
    theirs = mine | {"label.fr": "Monter d’équerre"}
    await editor.post(f"{draft}/criteria/2", data=theirs)
    refused = await editor.post(f"{draft}/criteria/2", data=mine)
    assert refused.status_code == 409
    assert "Monter bien droit" in refused.text
    assert "Monter d’équerre" in refused.text
    again = form_of(refused.text)
    assert again["label.fr"] == "Monter bien droit"
    assert (await editor.post(f"{draft}/criteria/2", data=again)).status_code == 303
    assert "Monter bien droit" in (await editor.get(draft)).text


async def test_a_form_that_is_wrong_says_where(editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    typed = form_of((await editor.get(f"{draft}/criteria/1")).text)
    wrong = typed | {"threshold": "many", "code": "2", "i0.code": "1.2", "label.fr": 801 * "x"}
    answer = await editor.post(f"{draft}/criteria/1", data=wrong)
    assert answer.status_code == 422
    assert all(f'href="#{name}"' in answer.text for name in ("threshold", "code", "i1-code", "label-fr"))


async def test_criteria_are_added_moved_and_removed(editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    added = await editor.post(f"{draft}/criteria", data={"act": "add", "revision": "1"})
    assert added.headers["location"] == f"{draft}/criteria/3"
    typed = form_of((await editor.get(f"{draft}/criteria/3")).text) | {"act": "indicator", "label.fr": "Ranger"}
    assert (await editor.post(f"{draft}/criteria/3", data=typed)).headers["location"].endswith("/criteria/3#last")
    assert (await editor.get(f"{draft}/criteria/3")).text.count('class="panel indicator"') == 2
    await editor.post(f"{draft}/criteria", data={"act": "up", "code": "3", "revision": "3"})
    await editor.post(f"{draft}/criteria", data={"act": "remove", "code": "1", "revision": "4"})
    content = json.loads((await editor.get(f"{draft}/file")).content)["content"]
    assert [one["code"] for one in content["grid"]["criteria"]] == ["3", "2"]
    stale = await editor.post(f"{draft}/criteria", data={"act": "remove", "code": "2", "revision": "4"})
    assert stale.status_code == 409


async def test_a_picture_is_shown_without_what_the_camera_wrote(editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    words = {"alt.fr": "Un mur droit", "alt.nl": "Een rechte muur", "alt.en": "", "alt.de": ""}
    form = {"revision": "1", "code": "1.1", **words}
    no = await editor.post(f"{draft}/pictures", data=form, files={"file": ("a.png", b"<svg/>", "image/png")})
    assert (no.status_code, 'href="#file"' in no.text) == (422, True)
    yes = await editor.post(f"{draft}/pictures", data=form, files={"file": ("a.png", an_image(), "image/png")})
    assert yes.status_code == 303
    address = re.findall(r'src="(/pictures/[0-9a-f]{64}\.jpg)"', (await editor.get(draft)).text)[0]
    picture = await editor.get(address)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in picture.headers["cache-control"]
    await editor.post(f"{draft}/pictures/removal", data={"code": "1.1", "revision": "2"})
    assert address not in (await editor.get(draft)).text


async def test_a_file_is_looked_at_first_and_written_only_when_asked(street: Street, editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    body = (await editor.get(f"{draft}/file")).content
    changed = body.replace(b'"duration_minutes": 240', b'"duration_minutes": 300')
    where = "/units/MACO-1/standards/import"
    looked = await editor.post(where, data={"act": "look"}, files={"file": ("maco-1.json", changed)})
    assert (looked.status_code, "300" in looked.text) == (200, True)
    broken = await editor.post(
        where, data={"act": "draft"}, files={"file": ("maco-1.json", body.replace(b"MACO-1", b"MACO-2"))}
    )
    assert (broken.status_code, "open the page of MACO-2" in broken.text) == (422, True)
    async with street.db.read() as tx:
        assert len(await standards.of_unit(tx, street.unit.id)) == 2
    written = await editor.post(where, data={"act": "draft"}, files={"file": ("maco-1.json", changed)})
    assert written.status_code == 303
    assert (await editor.get(f"{written.headers['location']}/file")).content == changed


async def test_programs_read_compare_and_look(editor: httpx.AsyncClient) -> None:
    draft = (await begun(editor)).rpartition("/")[2]
    versions = (await editor.get("/api/v1/units/MACO-1/standards")).json()
    assert [(one["version"], one["state"]) for one in versions] == [(2, "draft"), (1, "published")]
    file = (await editor.get(f"/api/v1/standards/{draft}")).json()
    file["content"]["setup_minutes"] = 45
    looked = await editor.post("/api/v1/units/MACO-1/standards", json=file)
    assert looked.json()["draft"] is None
    assert [one["aspect"] for one in looked.json()["differences"]] == ["setup_minutes"]
    written = (await editor.post("/api/v1/units/MACO-1/standards?write=true", json=file)).json()["draft"]
    differ = (await editor.get(f"/api/v1/standards/{written}/differences?since=1")).json()
    assert [(one["aspect"], one["before"], one["after"]) for one in differ] == [("setup_minutes", 30, 45)]
    wrong = await editor.post("/api/v1/units/MACO-1/standards", json=file | {"unit": "MACO-2"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/unit")


async def test_drafts_are_not_there_for_others(street: Street, editor: httpx.AsyncClient) -> None:
    draft = await begun(editor)
    assert (await street.manager.get(draft)).status_code == 404
    assert (await street.manager.get(f"{draft}/file")).status_code == 404
    assert draft not in (await street.manager.get("/units/MACO-1")).text
    assert draft in (await editor.get("/units/MACO-1")).text


async def test_a_scheme_is_changed_and_its_rules_hold_from_then_on(street: Street, editor: httpx.AsyncClient) -> None:
    page = (await editor.get("/schemes/validation")).text
    ticked = {"languages": ["nl"], "result_types": ["pass", "fail"], "decision_profile": "cvdc"}
    rules = form_of(page) | ticked | {"interest_declared": "yes", "fee_cents": "12,50", "needs_accreditation": "yes"}
    assert (await editor.post("/schemes/validation", data=rules)).status_code == 303
    async with street.db.read() as tx:
        scheme = await schemes.get(tx, "validation")
    assert (scheme.languages, scheme.fee_cents, scheme.interest_declared) == (["nl"], 1250, True)
    refused = await editor.post("/schemes/validation", data=rules | {"appeal_days": "7"})
    assert (refused.status_code, 'value="7"' in refused.text) == (409, True)
    with pytest.raises(standard_refusals.LanguageNotInScheme):
        await street.open_session()
    with pytest.raises(standard_refusals.DeclarationMissing):
        await street.open_session(language="nl")


async def _lapsing(street: Street, *, days: int) -> UUID:
    """An evaluator whose qualification ends in so many days, with a seat in a jury fourteen days from now."""
    session = await street.open_session()
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
        today, last = street.now.date(), street.now.date() + timedelta(days=days)
        month = today + timedelta(days=30)
        await qualifications.qualify(tx, who, street.unit.trade_id, "evaluator", first_day=today, last_day=month)
        await jury_seats.give(tx, session, who, "evaluator", by=None, now=street.now)
        await tx.execute(
            "update assessments.qualifications set valid = daterange(lower(valid), $2) where assessor_id = $1",
            who,
            last + timedelta(days=1),
        )
    return session


async def test_what_lapses_and_what_that_breaks(street: Street, editor: httpx.AsyncClient) -> None:
    session = await _lapsing(street, days=7)
    page = (await street.manager.get("/centre/validity")).text
    assert f"/centre/sessions/{session}" in page
    assert f"/centre/sessions/{session}" in (await editor.get("/centre/validity")).text
    assert f"/centre/sessions/{session}" not in (await street.other_manager.get("/centre/validity")).text
    async with street.db.read() as tx:
        found = await validity.lapses(tx, street.room.centre_id, now=street.now)
    assert [(one.kind, len(one.breaks)) for one in found] == [("qualification", 1)]


async def test_the_centre_is_told_once_a_week(street: Street) -> None:
    await _lapsing(street, days=7)
    running = street.app.state.running.as_house()
    assert await lapse_notices.note_due(running) == 1
    assert await lapse_notices.note_due(running) == 0
    await street.react()
    async with street.db.read() as tx:
        letters = await tx.fetch(
            "select recipient, subject, body from service.mails where body like '%/centre/validity%'"
        )
    assert len(letters) == 1
    assert "MACO-1" in letters[0]["body"]


async def test_a_paper_is_recorded_and_fetched_by_its_centre_alone(street: Street, editor: httpx.AsyncClient) -> None:
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
    days = {"first_day": "2026-09-01", "last_day": "2026-10-01"}
    form = {"kind": "interest", "assessor_id": str(who), "statement": "Mon frère dirige Bati SA.", **days}
    evil = {"file": ('../../a"b<c>.pdf', PDF, "text/html")}
    no = await street.manager.post(
        "/centre/validity", data=form, files={"file": ("a.pdf", b"<html>", "application/pdf")}
    )
    assert no.status_code == 422
    assert (await street.other_manager.post("/centre/validity", data=form, files=evil)).status_code == 404
    assert (await street.manager.post("/centre/validity", data=form, files=evil)).status_code == 303
    again = await street.manager.post("/centre/validity", data=form, files=evil)
    assert (again.status_code, "Mon frère" in again.text) == (409, True)
    page = (await street.manager.get("/centre/validity")).text
    address = re.findall(r'href="(/centre/validity/documents/[^"]+)"', page)[0]
    paper = await street.manager.get(address)
    assert paper.content == PDF
    assert paper.headers["content-disposition"] == 'attachment; filename="abc.pdf"'
    assert (paper.headers["content-type"], paper.headers["x-content-type-options"]) == ("application/pdf", "nosniff")
    assert "sandbox" in paper.headers["content-security-policy"]
    assert (await street.other_manager.get(address)).status_code == 404
    assessor = await signed_in(street.app, "assessor@example.org", "assessor", assessor_id=who)
    assert "Mon frère dirige Bati SA." in (await assessor.get("/validity")).text


async def test_papers_and_statements_go_when_their_time_is_over(street: Street) -> None:
    first, last = date(2010, 1, 1), date(2012, 1, 1)
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now)
        await undertakings.record(
            tx,
            who,
            "interest",
            first_day=first,
            last_day=last,
            statement="Bati SA",
            by=None,
            now=street.now - timedelta(days=2000),
        )
    gone = await retention.apply(street.app.state.running.as_house(), dry_run=False)
    assert gone["undertakings"] == 1
    async with street.db.read() as tx:
        assert [one.statement for one in await undertakings.of(tx, who)] == [""]


async def test_a_centre_s_accreditation_is_recorded_by_an_administrator(
    street: Street, editor: httpx.AsyncClient
) -> None:
    form = {
        "new.centre_id": str(street.room.centre_id), "new.trade_id": str(street.unit.trade_id), "new.reference": "AGR-2",
        "new.first_day": "2028-01-01", "new.last_day": "2029-12-31",
    }  # fmt: skip
    files = {"new.file": ("agrément.pdf", PDF, "application/pdf")}
    assert (await street.manager.post("/centre/validity/accreditations", data=form, files=files)).status_code == 403
    wrong = await editor.post(
        "/centre/validity/accreditations", data=form | {"new.last_day": "2027-01-01"}, files=files
    )
    assert (wrong.status_code, 'href="#new-first_day"' in wrong.text) == (422, True)
    assert (await editor.post("/centre/validity/accreditations", data=form, files=files)).status_code == 303
    overlapping = await editor.post("/centre/validity/accreditations", data=form, files=files)
    assert overlapping.status_code == 409
