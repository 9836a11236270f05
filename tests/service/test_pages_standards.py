"""Standards and schemes over HTTP: written, refused with what was typed, compared, published, planned with."""

import json
import re

import httpx
import pytest

from assessments import schemes, standard_refusals, standards
from tests.builders.pages import Street
from tests.builders.shelf_of_standards import an_image
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


async def _to_do(editor: httpx.AsyncClient, draft: str) -> str:
    page = (await editor.get(f"{draft}?lang=en")).text
    return page[page.index("<main") : page.index('id="frame"')]


async def test_a_weight_is_asked_for_only_where_the_scheme_wants_one(street: Street, editor: httpx.AsyncClient) -> None:
    """In the form, in what keeps a draft from being published, and back again when the scheme weighs no more."""
    draft = await begun(editor)
    one, frame = f"{draft}/criteria/1", f"{draft}/frame"
    for part, name in ((one, "weight"), (frame, "pass_percent")):
        assert f'name="{name}"' not in (await editor.get(part)).text
    async with street.db.transaction() as tx:
        await tx.execute("update assessments.schemes set weighted = true")
    assert "this scheme weighs its criteria" in await _to_do(editor, draft)
    for number, weight in ((1, "30"), (2, "70")):
        part = f"{draft}/criteria/{number}"
        await editor.post(part, data=form_of((await editor.get(part)).text) | {"weight": weight})
    chosen = {"room_kind": "workshop", "languages": ["fr", "nl"]}
    await editor.post(frame, data=form_of((await editor.get(frame)).text) | chosen | {"pass_percent": "60"})
    assert f"{draft}/publication" in await _to_do(editor, draft)
    async with street.db.transaction() as tx:
        await tx.execute("update assessments.schemes set weighted = false")
    todo = await _to_do(editor, draft)
    assert f"{draft}/publication" not in todo
    for place in (one, f"{draft}/criteria/2", frame):  # each sentence leads to where it is put right
        assert f'href="{place}"' in todo
    for part, name in ((one, "weight"), (f"{draft}/criteria/2", "weight"), (frame, "pass_percent")):
        form = form_of((await editor.get(part)).text)
        assert name in form
        await editor.post(part, data=form | (chosen if part == frame else {}) | {name: "0"})
    assert f"{draft}/publication" in await _to_do(editor, draft)


async def test_a_missing_translation_is_shown_in_its_field_and_on_the_page_of_the_version(
    editor: httpx.AsyncClient,
) -> None:
    draft = await begun(editor)
    one = f"{draft}/criteria/1"
    typed = form_of((await editor.get(one)).text) | {
        "guidance.fr": "Regarder.",
        "guidance.nl": "Kijken.",
        "label.de": "",
    }
    await editor.post(one, data=typed)
    form = (await editor.get(f"{one}?lang=en")).text
    missing = re.findall(r'id="([^"]+)-hint"[^>]*>The translation is missing', form)
    assert missing == ["label-de", "guidance-en", "guidance-de"]
    page = (await editor.get(f"{draft}?lang=en")).text
    shown = re.sub(r"<[^>]+>", " ", page[page.index('id="translations"') : page.index('id="end"')])
    assert re.search(r"Criterion 1\s*:\s*Deutsch", shown)
    assert re.search(r"Criterion 1, guidance\s*:\s*English\s+Deutsch", shown)
    assert f"{draft}/publication" in page  # neither is a language of the test: it can be published all the same


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
    assert f'src="{address}"' in (await editor.get(f"{draft}/differences")).text  # the picture, not its hash
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
