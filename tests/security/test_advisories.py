"""A known weakness of what is locked is found; and where nobody could look, that is what is said."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.security import advisories
from tests.security.dependencies import LOCKS, pinned

HOUSE = Path(__file__).parents[2]
PIP_AUDIT = HOUSE / ".venv-wapiti" / "bin" / "pip-audit"
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def advisory(name: str, *, ecosystem: str = "PyPI", **affected: Any) -> dict[str, Any]:
    package = {"package": {"name": name, "ecosystem": ecosystem}}
    return {"id": "PYSEC-2026-1", "modified": "2026-11-20T00:00:00Z", "affected": [package | affected]}


def ranged(*events: dict[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with lock files and nothing else."""
    for lock in LOCKS:
        (tmp_path / lock).write_text(
            "Left_Pad==1.4.2 \\\n    --hash=sha256:00\nmsgspec[yaml]==0.22.0 \\\n    --hash=sha256:00\n"
        )
    return tmp_path


def as_file(house: Path, said: list[Any]) -> Path:
    (house / "osv.json").write_text(json.dumps(said))
    return house / "osv.json"


def as_answer(house: Path, said: list[Any]) -> Path:
    (house / "answer.json").write_text(json.dumps({"vulns": said}))
    return house / "answer.json"


def as_folder(house: Path, said: list[Any]) -> Path:
    (house / "osv" / "pypi").mkdir(parents=True)
    for number, one in enumerate(said):
        (house / "osv" / "pypi" / f"{number}.json").write_text(json.dumps(one))
    return house / "osv"


def as_archive(house: Path, said: list[Any]) -> Path:
    with zipfile.ZipFile(house / "all.zip", "w") as archive:
        for number, one in enumerate(said):
            archive.writestr(f"{number}.json", json.dumps(one))
    return house / "all.zip"


@pytest.mark.parametrize("given", [as_file, as_answer, as_folder, as_archive])
def test_a_weakness_of_a_locked_version_is_a_finding(house: Path, given: Callable[[Path, list[Any]], Path]) -> None:
    source = given(house, [advisory("other"), advisory("left.pad", versions=["1.4.2"])])
    audit = advisories.audited(house, {advisories.GIVEN: str(source)}, now=NOW)
    assert (audit.findings, audit.looked_up, audit.all, audit.missing) == (["left-pad 1.4.2: PYSEC-2026-1"], 2, 2, [])


@pytest.mark.parametrize(
    ("affected", "is_found"),
    [
        (ranged({"introduced": "0"}), True),
        (ranged({"introduced": "0"}, {"fixed": "1.4.2"}), False),
        (ranged({"introduced": "0"}, {"fixed": "1.4.10"}), True),
        (ranged({"introduced": "1.5"}), False),
        (ranged({"introduced": "0"}, {"last_affected": "1.4.2"}), True),
        (ranged({"introduced": "0"}, {"last_affected": "1.4.1"}), False),
        (ranged({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.4"}, {"fixed": "2"}), True),
        (ranged({"introduced": "no version"}), True),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, False),
        ({"versions": ["1.4.20"]}, False),
    ],
)
def test_which_versions_an_advisory_means(affected: dict[str, Any], is_found: bool) -> None:
    assert advisories.is_affected(advisory("left-pad", **affected), "left-pad", "1.4.2") is is_found


def test_other_languages_and_withdrawn_advisories_mean_nobody_here() -> None:
    everything = {"versions": ["1.4.2"]}
    assert not advisories.is_affected(advisory("left-pad", ecosystem="npm", **everything), "left-pad", "1.4.2")
    withdrawn = advisory("left-pad", **everything) | {"withdrawn": "2026-11-21T00:00:00Z"}
    assert not advisories.is_affected(withdrawn, "left-pad", "1.4.2")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"vulns": []}'])
def test_a_source_that_says_nothing_is_not_done(house: Path, content: str) -> None:
    (house / "osv.json").write_text(content)
    for source in (house / "osv.json", house / "absent.json"):
        audit = advisories.audited(house, {advisories.GIVEN: str(source)}, now=NOW)
        assert (audit.looked_up, audit.findings) == (0, [])
        assert "NOT looked up" in audit.missing[0]


def test_old_advisories_are_looked_up_and_said_to_be_old(house: Path) -> None:
    source = as_file(house, [advisory("other")])
    audit = advisories.audited(house, {advisories.GIVEN: str(source)}, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert (audit.looked_up, "since is not in it" in audit.missing[0]) == (2, True)


def test_without_a_program_and_without_advisories_it_is_not_done(house: Path) -> None:
    audit = advisories.audited(house, {})
    assert (audit.looked_up, "NOT looked up" in audit.missing[0]) == (0, True)


@pytest.mark.parametrize(
    ("said", "looked_up", "findings", "is_missing"),
    [
        ("", 0, [], True),
        ('{"dependencies": [{"name": "a", "skip_reason": "not known"}]}', 0, [], True),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 1, [], False),
        ('{"dependencies": [{"name": "b", "version": "1", "vulns": []}]}', 1, [], True),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X"}]}, {"name": "b", "skip_reason": "?"}]}', 1,
         ["a 1: X"], True),
    ],
)  # fmt: skip
def test_what_pip_audit_says_is_read(said: str, looked_up: int, findings: list[str], is_missing: bool) -> None:
    audit = advisories.read_audit(said, {"a"})
    assert (audit.looked_up, audit.findings, bool(audit.missing)) == (looked_up, findings, is_missing)


@contextmanager
def osv_that_knows(name: str, version: str) -> Iterator[str]:
    """A service that speaks OSV, with one advisory."""

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_it = (asked["package"]["name"], asked["version"]) == (name, version)
            body = json.dumps({"vulns": [advisory(name, versions=[version])]} if is_it else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()


@pytest.mark.skipif(not PIP_AUDIT.exists(), reason="pip-audit comes with `make test-security`")
def test_pip_audit_finds_it_in_our_own_lock_files_where_a_service_answers() -> None:
    name, version = next((name, version) for name, version in sorted(pinned(HOUSE)) if name == "jinja2")
    with osv_that_knows(name, version) as url:
        audit = advisories.asked_of(PIP_AUDIT, HOUSE, ["-s", "osv", "--osv-url", url])
    assert audit.findings == [f"{name} {version}: PYSEC-2026-1"]
    left_out = audit.missing[0].rstrip(".").partition(": ")[2].split(", ") if audit.missing else []
    assert audit.looked_up + len(left_out) == audit.all, "what is for other systems is said, by name"
