"""Known weaknesses of what we depend on: from advisories that somebody brought, or from a service that answers.

`PREUVE_TEST_ADVISORIES` names advisories in the OSV format (https://ossf.github.io/osv-schema/): a JSON file, a folder of
them, or the archive that OSV publishes for PyPI (`all.zip`). With them no network is needed. Without, pip-audit asks PyPI,
then OSV. What was looked up nowhere is said (`missing`), and never counts as free of weaknesses.
"""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct
from packaging.version import InvalidVersion, Version

from tests.security.dependencies import LOCKS, normal, pinned

GIVEN = "PREUVE_TEST_ADVISORIES"
STALE = timedelta(days=30)
AUDIT_SECONDS = 120
NOT_LOOKED_UP = (
    "known weaknesses were NOT looked up. Run it again where an advisory service answers, or name advisories"
)


class Audit(Struct):
    """How much was looked up, what was found, and what could not be done."""

    all: int
    looked_up: int = 0
    findings: list[str] = []
    missing: list[str] = []


def audited(house: Path, environ: Mapping[str, str] = os.environ, *, now: datetime | None = None) -> Audit:
    """Everything that is locked, against the advisories that are given, or else against the services."""
    if given := environ.get(GIVEN):
        return read_given(Path(given), pinned(house), now=now or datetime.now(UTC))
    program, everything = house / ".venv-wapiti" / "bin" / "pip-audit", len(pinned(house))
    if not program.exists():
        return Audit(everything, missing=[f"pip-audit could not be installed here: {NOT_LOOKED_UP} in {GIVEN}."])
    asked = [asked_of(program, house, service) for service in (["-s", "pypi"], ["-s", "osv"])]
    return next((one for one in asked if one.looked_up), asked[0])


def read_given(source: Path, locked: set[tuple[str, str]], *, now: datetime) -> Audit:
    """Advisories that somebody brought. Refuses nothing: a source that cannot be read, is empty or old is `missing`."""
    try:
        known = [one for one in _advisories(source) if isinstance(one, dict) and "id" in one]
    except (OSError, ValueError, zipfile.BadZipFile) as fault:
        return Audit(len(locked), missing=[f"{source} cannot be read ({fault}): {NOT_LOOKED_UP} in {GIVEN}."])
    if not known:
        return Audit(len(locked), missing=[f"{source} holds no advisory: {NOT_LOOKED_UP} in {GIVEN}."])
    found = sorted(
        {
            f"{name} {version}: {one['id']}"
            for one in known
            for name, version in locked
            if is_affected(one, name, version)
        }
    )
    newest = max(str(one.get("modified", "")) for one in known)
    is_old = not newest or datetime.fromisoformat(newest[:10]).replace(tzinfo=UTC) < now - STALE
    missing = [f"{source} is of {newest[:10] or 'no day'}: what became known since is not in it."] if is_old else []
    return Audit(len(locked), len(locked), found, missing)


def _advisories(source: Path) -> Iterator[Any]:
    if source.is_dir():
        for path in sorted(source.rglob("*.json")):
            yield from _listed(json.loads(path.read_bytes()))
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield from _listed(json.loads(archive.read(name)))
    else:
        yield from _listed(json.loads(source.read_bytes()))


def _listed(read: Any) -> list[Any]:
    if isinstance(read, dict) and isinstance(read.get("vulns"), list):
        return list(read["vulns"])  # an answer of OSV
    return read if isinstance(read, list) else [read]


def is_affected(advisory: Mapping[str, Any], name: str, version: str) -> bool:
    """Whether an advisory that was not withdrawn names this version: in its list, or between the ends of a range."""
    if advisory.get("withdrawn"):
        return False
    return any(
        version in one.get("versions", []) or any(_is_within(ends, version) for ends in one.get("ranges", []))
        for one in advisory.get("affected", [])
        if one.get("package", {}).get("ecosystem") == "PyPI" and normal(one["package"].get("name", "")) == name
    )


def _is_within(ends: Mapping[str, Any], version: str) -> bool:
    """OSV's own rule: events in the order of versions; the last one at or before ours says it."""
    if ends.get("type") != "ECOSYSTEM":
        return False
    try:
        ours, affected = Version(version), False
        events = [(kind, at) for event in ends.get("events", []) for kind, at in event.items()]
        for kind, at in sorted(events, key=lambda one: Version("0" if one[1] == "0" else one[1])):
            edge = Version(at)
            if kind == "introduced" and ours >= edge:
                affected = True
            elif (kind == "fixed" and ours >= edge) or (kind == "last_affected" and ours > edge):
                affected = False
    except InvalidVersion:
        return True  # what cannot be compared is looked at by somebody
    return affected


def asked_of(program: Path, house: Path, service: list[str]) -> Audit:
    """pip-audit against one service."""
    everything = len(pinned(house))
    files = [word for lock in LOCKS for word in ("-r", str(house / lock))]
    given = [*files, *service, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json"]
    try:
        done = subprocess.run(
            [str(program), *given], capture_output=True, text=True, check=False, timeout=AUDIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Audit(
            everything, missing=[f"pip-audit had no answer after {AUDIT_SECONDS} s: {NOT_LOOKED_UP} in {GIVEN}."]
        )
    return read_audit(done.stdout, {name for name, _ in pinned(house)})


def read_audit(said: str, names: set[str]) -> Audit:
    """Of pip-audit's JSON. It ends well, too, when its service knows none of the packages: that is not "no weakness"; and
    it leaves out without a word what is locked for other systems than this one."""
    everything = len(names)
    try:
        told = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return Audit(everything, missing=[f"pip-audit could not reach its service: {NOT_LOOKED_UP} in {GIVEN}."])
    known = [one for one in told if "skip_reason" not in one]
    weak = [f"{one['name']} {one['version']}: {v['id']}" for one in known for v in one.get("vulns", [])]
    skipped = [one["name"] for one in told if "skip_reason" in one]
    if not known:
        missing = f"pip-audit's service knew none of our {everything} packages: {NOT_LOOKED_UP} in {GIVEN}."
        return Audit(everything, missing=[missing])
    unsaid = sorted(names - {normal(one["name"]) for one in told})
    partly = [f"pip-audit's service did not know {', '.join(skipped)}."] if skipped else []
    partly += [f"pip-audit left out what is for other systems: {', '.join(unsaid)}."] if unsaid else []
    return Audit(everything, len(known), weak, partly)
