"""Other people's calendar programs, each behind the same door: a feed goes in, its events as JSON come out.

What is not on the machine is fetched once into pytest's cache folder; where that fails the test is skipped
and says why. Nothing fetched is kept in the project.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

HERE = Path(__file__).parent
NPM = ("ical.js@2.2.1", "node-ical@0.27.2")
PYTHON = ("khal==0.14.1", "vdirsyncer==0.21.0")
ABSENT = 77  # the exit status by which a reader says that its library is not installed
# Far from Brussels on purpose: a reader that falls back on the machine's zone must be seen.
ELSEWHERE = {**os.environ, "TZ": "America/New_York"}

Read = Callable[[bytes], list[dict[str, Any]]]


SCRIPTS = {
    "icalendar": "icalendar_reader.py",
    "recurring-ical-events": "recurring_reader.py",
    "ics": "ics_reader.py",
    "libical": "libical_reader.py",
    "ical.js": "icaljs.mjs",
    "node-ical": "node_ical.mjs",
}


@pytest.fixture(params=SCRIPTS)
def reader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def read(reader: str, request: pytest.FixtureRequest) -> Read:
    """How the reader sees a feed."""
    script = HERE / SCRIPTS[reader]
    if script.suffix == ".mjs":
        return lambda body: _run(["node", str(script)], body, request.getfixturevalue("npm_folder"))
    return lambda body: _run([sys.executable, str(script)], body, HERE)


def _run(command: list[str], body: bytes, folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(command, input=body, capture_output=True, cwd=folder, env=ELSEWHERE, timeout=60)
    if done.returncode == ABSENT:
        pytest.skip("the library is not installed on this machine")
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def npm_folder(pytestconfig: pytest.Config) -> Path:
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm and node are not installed")
    quiet = [
        "--no-save",
        "--no-package-lock",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=0",
    ]
    return _fetched(pytestconfig, NPM, lambda folder: ["npm", "install", "--prefix", folder, *quiet, *NPM])


@pytest.fixture(scope="session")
def python_folder(pytestconfig: pytest.Config) -> Path:
    """khal and vdirsyncer, apart from the project's own packages: they pin other versions of them."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--retries=0", "--disable-pip-version-check"]
    return _fetched(pytestconfig, PYTHON, lambda folder: [*pip, "--target", folder, *PYTHON])


def _fetched(config: pytest.Config, packages: tuple[str, ...], install: Callable[[str], list[str]]) -> Path:
    """The folder with these packages. It has its name only when complete: two runs at once do no harm."""
    shelf = Path(config.cache.mkdir("foreign-readers"))
    folder = shelf / "+".join(packages)
    if folder.exists():
        return folder
    unfinished = mkdtemp(dir=shelf)
    try:
        subprocess.run(install(unfinished), check=True, capture_output=True, timeout=180, cwd=unfinished)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        shutil.rmtree(unfinished)
        pytest.skip(f"{' and '.join(packages)} could not be fetched: {(failure.stderr or b'')[-300:].decode()}")
    try:
        Path(unfinished).rename(folder)
    except OSError:
        shutil.rmtree(unfinished)  # another run was first
    return folder
