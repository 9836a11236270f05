"""`preuve run` as people meet it: it starts, serves, survives its children, ends, and leaves nobody behind."""

import asyncio
import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from service.embedded import sharing
from service.embedded.processes import until
from service.embedded.sharing import Addresses
from service.settings import SettingsFault
from tests.builders.ports import free_port

PROJECT = Path(__file__).parents[2]


class Preuve:
    """A `preuve run` on a folder of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = _preuve(folder, "run", *arguments, port=self.port, out=log)

    def is_up(self) -> bool:
        return "Ctrl-C" in self.log.read_text(encoding="utf-8").rpartition("Preuve has ended")[2]

    def serves(self) -> bool:
        return "Preuve answers at" in self.log.read_text(encoding="utf-8")

    def page(self, path: str) -> str:
        english = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept-Language": "en"})
        with urllib.request.urlopen(english, timeout=30) as answer:
            return str(answer.read().decode())

    def answers(self, path: str = "/health/live") -> bool:
        with contextlib.suppress(OSError):
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2).status == 200)
        return False

    def is_ready(self) -> bool:
        return self.answers("/health/ready")

    def sql(self, statement: str) -> object:
        addresses = msgspec.json.decode((self.folder / "servers.json").read_bytes(), type=Addresses)
        return asyncio.run(_sql(addresses.database_url, statement))

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


Start = Callable[[], Preuve]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start()` runs Preuve on the test's folder and waits until it says that it serves."""
    yield from _starts(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preuve]:
    """One Preuve for the tests that leave it in order."""
    for start in _starts(tmp_path_factory.mktemp("running")):
        yield start()


def _starts(folder: Path) -> Iterator[Start]:
    started: list[Preuve] = []

    def start() -> Preuve:
        started.append(Preuve(folder / "data", "--without-seed"))
        assert until(started[-1].is_up, seconds=120), started[-1].log.read_text(encoding="utf-8")
        return started[-1]

    yield start
    for preuve in started:
        preuve.process.kill()
        preuve.process.wait()
    assert until(lambda: not processes_of(folder), seconds=30), processes_of(folder)


def test_ctrl_c_and_kill_9_leave_no_orphan_and_the_next_start_finds_all_data(start: Start) -> None:
    preuve = start()
    assert preuve.answers()
    preuve.sql("create table kept (fact text)")
    began = time.monotonic()
    assert preuve.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 10
    assert processes_of(preuve.folder) == {}

    preuve.log.unlink()
    second = start()
    assert second.sql("select to_regclass('kept')::text") == "kept"
    assert len(processes_of(second.folder)) > 5
    second.sql("create table kept_too (fact text)")
    second.end(signal.SIGKILL)
    second.log.unlink()
    third = start()  # at once: it waits for what the killed one left behind

    assert third.sql("select to_regclass('kept_too')::text") == "kept_too"
    mine = processes_of(third.folder)
    third.end(signal.SIGKILL)
    assert until(lambda: not processes_of(third.folder), seconds=30), mine


def test_it_answers_while_the_demonstration_is_laid_out_which_is_there_as_a_whole_or_not_at_all(
    tmp_path: Path, start: Start
) -> None:
    first = Preuve(tmp_path / "data")
    try:
        assert until(first.serves, seconds=120), first.log.read_text(encoding="utf-8")
        assert until(lambda: "The demonstration is being laid out" in first.page("/sessions"), seconds=30)
        assert not first.is_up()
    finally:
        assert first.end(signal.SIGINT) == 0
    first.log.unlink()

    again = start()  # which was asked not to lay it out

    assert again.sql("select count(*) from scheduling.centres") == 0
    assert "No test takes bookings" in again.page("/sessions")


@pytest.mark.parametrize("victim", ["granian", "/postgres -D", "valkey", "service worker"])
def test_a_child_that_is_killed_is_started_again(running: Preuve, victim: str) -> None:
    killed = next(pid for pid, words in sorted(processes_of(running.folder).items()) if victim in words)

    os.kill(killed, signal.SIGKILL)

    def replaced() -> bool:
        alive = processes_of(running.folder)
        return killed not in alive and any(victim in words for words in alive.values()) and running.is_ready()

    assert until(replaced, seconds=60), running.log.read_text(encoding="utf-8")
    assert running.sql("select 1") == 1


def test_a_folder_in_use_is_refused(running: Preuve) -> None:
    second = _refused(running.folder, "run")

    assert f"is already used by preuve run (process {running.process.pid})" in second
    assert running.answers()


def test_other_commands_join_the_running_servers(running: Preuve) -> None:
    joined = _preuve(running.folder, "migrate")

    assert joined.communicate(timeout=60) == (b"Nothing to do.\n", b"")


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said = _refused(tmp_path / "data", "run", port=port)

    assert f"port {port} on 127.0.0.1 is taken" in said
    assert not (tmp_path / "data").exists()


def test_a_server_that_does_not_answer_is_refused_without_telling_its_password(tmp_path: Path) -> None:
    port = free_port()

    for name, url in (
        ("DATABASE_URL", f"postgresql://me:hush@127.0.0.1:{port}/preuve"),
        ("REDIS_URL", f"redis://:hush@127.0.0.1:{port}/0"),
    ):
        said = _refused(tmp_path / "data", "run", **{name: url})
        assert said.startswith(f"preuve: {name}: 127.0.0.1:{port}: ")
        assert "hush" not in said
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    assert "is not a folder" in _refused(tmp_path / "data", "run")


def test_a_data_folder_behind_a_closed_one_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)  # no obstacle to root, who is somebody else for a moment
    me = os.geteuid()
    if me == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with pytest.raises(SettingsFault, match=r"PREUVE_DATA: .* cannot be (reached|written) by this account"):
            sharing.check_folder(closed / "data")
    finally:
        os.seteuid(me)


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    said = _refused(tmp_path / "data", "run", PREUVE_HOST="192.0.2.1")

    assert said == "preuve: PREUVE_HOST: 192.0.2.1 is not an address of this machine.\n"


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_programs_that_are_not_there_are_refused_before_anything_is_made(tmp_path: Path, command: str) -> None:
    said = _refused(tmp_path / "data", command, PREUVE_PG_BIN=str(tmp_path))

    assert said == f"preuve: PREUVE_PG_BIN: there is no postgres in {tmp_path}.\n"
    assert not (tmp_path / "data").exists()


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    assert "PREUVE_PROT is not a setting" in _refused(tmp_path / "data", "run", PREUVE_PROT="8000")


def _refused(folder: Path, command: str, *, port: int | None = None, **environment: str) -> str:
    """What it said, having ended with status 2 and one line."""
    process = _preuve(folder, command, port=port or free_port(), **environment)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == b""
    assert said.count(b"\n") == 1
    return said.decode()


def _preuve(
    folder: Path, *command: str, port: int | None = None, out: object = subprocess.PIPE, **environment: str
) -> "subprocess.Popen[bytes]":
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREUVE_", "DATABASE_", "REDIS_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "service", *command],
        cwd=PROJECT,
        env=clean | {"PREUVE_DATA": str(folder), "PREUVE_PORT": str(port or free_port()), **environment},
        stdin=subprocess.DEVNULL,
        stdout=out,  # type: ignore[arg-type]
        stderr=subprocess.STDOUT if out is not subprocess.PIPE else subprocess.PIPE,
    )


async def _sql(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def processes_of(folder: Path) -> dict[int, str]:
    """The command lines of all living processes that were told of the folder or work in it."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                words = _bytes(entry, "cmdline").replace("\0", " ")
                if str(folder) in words + _bytes(entry, "environ") + os.readlink(entry / "cwd"):
                    found[int(entry.name)] = words
    return found


def _bytes(entry: Path, name: str) -> str:
    return (entry / name).read_bytes().decode(errors="replace")  # a zombie has neither words nor a place
