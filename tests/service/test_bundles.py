"""Accreditation bundles: complete, the same bytes each time, signed, proved, under pseudonyms; and what breaks is found."""

import argparse
import asyncio
import json
import subprocess
import zipfile
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assessments import candidates, decisions, deliberations, ratings, recordings
from scheduling import sessions
from service import bundles, checkpoints
from service.bundling import command, making, packing, verifying
from service.bundling.making import Subject
from service.bundling.naming import _instead, _pattern
from service.bundling.verifying import Fault
from service.checkpoints import Verifier
from service.settings import SettingsFault
from service.wiring import Running
from tests.builders.assessments import all_met
from tests.builders.hall import Hall
from tests.builders.seals import seal_all, worker_of
from tests.builders.web import confirmed, signed_in

NAMES = (b"Ouhadi", b"Baert", b"Van Hove", b"Peeters", b"Noor")


@pytest.fixture
async def session(hall: Hall) -> UUID:
    """A session that was held, deliberated and told, with its entries sealed; the motivation names people."""
    session, booking = await hall.running(absent=hall.street.sam_id)
    at = hall.street.start
    async with running(hall).db.transaction() as tx:
        for who, role in ((hall.evaluator_id, "evaluator"), (hall.observer_id, "observer")):
            grid = await recordings.start(tx, booking, who, role, now=at)  # type: ignore[arg-type]
            await ratings.rate(tx, grid, all_met(observer=role == "observer"), by=who, now=at)
            await recordings.remark(tx, grid, "NOOR travaille bien ; Samir Ouhadi l’a vu.", by=who)
            await recordings.submit(tx, grid, by=who, now=at)
        await sessions.end(tx, session, by=None, now=at)
        votes = deliberations.Votes("pass", "pass", "pass")
        said = "Vu par Mme Baert et par M. Ouhadi."
        await deliberations.record(
            tx, booking, votes=votes, outcome="pass", motivation=said, by=hall.manager_id, now=at
        )
        await decisions.release(
            tx, await decisions.take(tx, booking, taken_by=hall.manager_id, now=at), by=None, now=at
        )
    await hall.street.react()
    await seal_all(running(hall))
    return session


def running(hall: Hall) -> Running:
    return worker_of(hall.street.app)


def keys(hall: Hall) -> tuple[Verifier, ...]:
    return checkpoints.signer(running(hall).settings.data).verifiers


async def made(hall: Hall, place: Path, subject: Subject) -> dict[str, bytes]:
    async def told(share: float) -> None:
        assert 0 < share <= 1

    await making.make(running(hall).db, running(hall).settings, subject, place, told=told)
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_bundle_is_complete_signed_proved_and_names_nobody(hall: Hall, session: UUID, tmp_path: Path) -> None:
    place = tmp_path / "one.zip"
    content = await made(hall, place, Subject(session_id=session, language="en"))
    folder = next(name for name in content if name.startswith("sessions/")).rpartition("/")[0]
    told = {name.removeprefix(f"{folder}/") for name in content}
    records = {"session", "standard", "jury", "candidates", "grids", "day", "deliberations", "decisions", "profiles"}
    assert {f"{name}.json" for name in (*records, "certificates", "audit")} <= told
    assert {"minutes.pdf", "index.html", "README.txt", "index.json", "index.json.sig", "signing-key.pem"} <= told
    jury = json.loads(content[f"{folder}/jury.json"])
    assert {seat["role"] for seat in jury if seat["qualified"]} == {"evaluator", "observer"}
    assert {seat["role"]: seat["of_this_centre"] for seat in jury} == {
        "evaluator": True, "observer": False, "manager": True,
    }  # fmt: skip
    (deliberation,) = json.loads(content[f"{folder}/deliberations.json"])
    assert deliberation["motivation"].startswith("Vu par Mme A-")
    # Both booked at the same moment: who is named first is chance.
    candidate, absent = sorted(json.loads(content[f"{folder}/candidates.json"]), key=lambda one: bool(one["ended_as"]))
    assert (bool(candidate["contract_signed_at"]), absent["ended_as"]) == (True, "no_show")
    for summoned in (candidate, absent):
        assert f"{folder}/summonses/{summoned['person']}.pdf" in content
    assert [name for name in content if "/contracts/" in name] == [f"{folder}/contracts/{candidate['person']}.pdf"]
    for name, file in content.items():
        assert [who for who in NAMES if who.lower() in file.lower() and not name.endswith(".pdf")] == [], name
    verdict = verifying.verify(place, keys(hall))
    assert (verdict.entries > 15, verdict.waiting) == (True, 0)
    for paper in ("minutes.pdf", *(f"{kind}/{candidate['person']}.pdf" for kind in ("summonses", "contracts"))):
        words = "".join(
            page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content[f"{folder}/{paper}"])
        )
        assert len(words) > 300
        assert [who for who in NAMES if who.decode().lower() in words.lower()] == [], paper


async def test_the_same_state_gives_the_same_bytes_and_openssl_agrees(
    hall: Hall, session: UUID, tmp_path: Path
) -> None:
    subject = Subject(year=2026)
    content = await made(hall, tmp_path / "a.zip", subject)
    async with running(hall).db.transaction() as tx:  # elsewhere the log goes on
        await candidates.give_phone(tx, hall.street.noor_id, "+32470123456")
    await seal_all(running(hall))
    await made(hall, tmp_path / "b.zip", subject)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    for name in ("index.json", "index.json.sig", "signing-key.pem"):
        (tmp_path / name).write_bytes(content[name])
    command = "openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in index.json -sigfile index.json.sig"
    assert command in content["README.txt"].decode()
    assert subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0


async def test_the_command_makes_what_the_button_makes(
    hall: Hall, session: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed at the centre's machine, where nobody has signed in: it sees the whole house all the same."""
    await made(hall, tmp_path / "button.zip", Subject(year=2026, language="en"))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    settings = running(hall).settings

    async def said(*typed: str) -> tuple[int, str]:
        status = await asyncio.to_thread(command.command, parser.parse_args(typed), settings)
        return status, capsys.readouterr().out

    async with hall.db.read() as tx:
        centre = await tx.fetchval("select centre_id from scheduling.sessions where id = $1", session)
        code = await tx.fetchval("select code from scheduling.centres where id = $1", centre)
    place = tmp_path / "typed.zip"
    year = ("--year", "2026", "--centre", code, "--language", "en", "--out", str(place))
    assert await said(*year) == (0, f"{place}: 1 session.\n")
    assert place.read_bytes() == (tmp_path / "button.zip").read_bytes()
    assert (await said("verify", str(place)))[1].endswith("stand in the signed log, 0 waited for their seal.\n")
    assert (await said("key"))[1].startswith("-----BEGIN PUBLIC KEY-----")
    assert await said("--session", str(session), "--names", "--out", str(place)) == (0, f"{place}: 1 session.\n")
    for nowhere in (("--session", str(hall.manager_id)), ("--year", "2026", "--centre", "nowhere")):
        with pytest.raises(SettingsFault, match="no such session or centre"):
            await said(*nowhere, "--out", str(tmp_path / "none.zip"))
    assert sorted(one.name for one in tmp_path.glob("*.zip*")) == ["button.zip", "typed.zip"]


async def test_whatever_is_changed_is_found(hall: Hall, session: UUID, tmp_path: Path) -> None:
    content = await made(hall, tmp_path / "one.zip", Subject(session_id=session))
    (grids,) = [name for name in content if name.endswith("grids.json")]
    (audit,) = [name for name in content if name.endswith("audit.json")]
    signer = checkpoints.signer(running(hall).settings.data)
    index = json.loads(content["index.json"])

    def faulty(says: str, **changed: bytes | None) -> None:
        place = tmp_path / "changed.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for name, file in (content | changed).items():  # type: ignore[operator]
                if file is not None:
                    archive.writestr(name, file)
        with pytest.raises(Fault, match=says):
            verifying.verify(place, keys(hall))

    faulty("was changed", **{grids: content[grids].replace(b'"met"', b'"not_met"', 1)})
    faulty("is missing", **{grids: None})
    faulty("not in the index", **{"another.json": b"{}"})
    faulty("signed by none of the keys", **{"index.json": content["index.json"] + b" "})
    faulty("not a bundle", **{"index.json": None})
    # Who has the key and signs the lie is still held against the log that was sealed before.
    lie = content[audit].replace(b'"decision.added"', b'"decision.noted"')
    assert lie != content[audit]
    with packing.Packer(tmp_path / "lie.zip") as packer:
        for file in index["files"]:
            packer.add(file["path"], lie if file["path"] == audit else content[file["path"]])
        packer.seal(index["about"], with_names=False, signer=signer)
    with pytest.raises(Fault, match="is not in the log that was signed"):
        verifying.verify(tmp_path / "lie.zip", keys(hall))
    stranger = Verifier("preuve/audit", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(Fault, match="signed by none of the keys"):
        verifying.verify(tmp_path / "one.zip", (stranger,))
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(Fault, match="not a bundle"):
        verifying.verify(tmp_path / "text.zip", keys(hall))


async def test_an_auditor_asks_the_worker_makes_and_nobody_else_fetches(hall: Hall, session: UUID) -> None:
    auditor = await signed_in(hall.street.app, "auditor@example.org", "auditor")
    assert (await auditor.post("/bundles", data={"session": str(session)})).status_code == 303
    assert (await auditor.post("/bundles", data={"year": "2026"})).status_code == 409  # one at a time
    assert (await auditor.post("/bundles/names", data={"year": "2026"})).status_code == 403
    assert await bundles.make_next(running(hall))
    assert not await bundles.make_next(running(hall))
    async with running(hall).db.read() as tx:
        bundle = await tx.fetchval("select id from service.bundles where ready_at is not null")
    page = await auditor.get("/bundles?lang=en")
    assert f"/bundles/{bundle}/bundle.zip" in page.text
    fetched = await auditor.get(f"/bundles/{bundle}/bundle.zip")
    assert fetched.content[:2] == b"PK"
    assert (await hall.administrator.get(f"/bundles/{bundle}/bundle.zip")).status_code == 404
    async with running(hall).db.transaction() as tx:
        await bundles.erase(tx, hall.street.noor_id)  # it names nobody, so it stays
        assert await bundles.forget(tx, before=hall.street.now + 8 * bundles.KEPT, most=10) == 1
    await bundles.sweep(running(hall))
    assert not bundles.path(running(hall).settings, bundle).exists()


async def test_a_bundle_with_names_is_the_centres_and_goes_with_who_is_erased(hall: Hall, session: UUID) -> None:
    await confirmed(hall.street.app, "decider@example.org")
    assert (await hall.manager.post("/bundles/names", data={"year": "2026"})).status_code == 303
    assert await bundles.make_next(running(hall))
    async with running(hall).db.transaction() as tx:
        assert await tx.fetchval("select count(*) from service.audit where action = 'read.names'") == 1
        bundle = await tx.fetchval("select id from service.bundles")
    with zipfile.ZipFile(bundles.path(running(hall).settings, bundle)) as archive:
        names = archive.namelist()
        assert [name for name in names if "/certificates/BXL-2026-" in name] != []
        assert any("summonses/Noor Peeters.pdf" in name for name in names)
    async with running(hall).db.transaction() as tx:
        await bundles.erase(tx, hall.street.noor_id)
    assert (await hall.manager.get(f"/bundles/{bundle}/bundle.zip")).status_code == 404


async def test_a_bundle_is_cancelled_while_it_is_made(
    hall: Hall, session: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await hall.manager.post("/bundles", data={"session": str(session)})).status_code == 303
    async with running(hall).db.read() as tx:
        bundle = await tx.fetchval("select id from service.bundles")
    told = bundles._teller(running(hall), bundle)
    await told(0.5)
    assert "<progress" in (await hall.manager.get("/bundles?lang=en")).text
    assert (await hall.administrator.post(f"/bundles/{bundle}/cancellation")).status_code == 404
    assert (await hall.manager.post(f"/bundles/{bundle}/cancellation")).status_code == 303
    with pytest.raises(bundles.Cancelled):
        await told(0.6)
    assert not await bundles.make_next(running(hall))
    assert list((running(hall).settings.data / "bundles").glob("*")) == []


def test_whole_names_come_before_their_parts_and_words_stay_words() -> None:
    instead = _instead([("Noor", "De Wit", "K-1"), ("Wit", "Noor", "K-2"), ("Li", "An", "K-3")])
    pattern = _pattern(instead)
    assert pattern is not None
    said = pattern.sub(
        lambda found: instead[found[0].lower()], "NOOR DE WIT et Wit Noor ; noorderlicht ; An ; Li An, De Wit."
    )
    assert said == "K-1 et K-2 ; noorderlicht ; An ; K-3, K-1."
