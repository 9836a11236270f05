"""Start a server so that it cannot outlive us, run it as somebody PostgreSQL accepts, and end it in order."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from service.settings import SettingsFault

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 4
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SETPCAP = 1, 2, 8
CAPABILITIES_V3 = 0x20080522
POWERLESS = "PostgreSQL does not run as root, and this root may not change accounts: run as an ordinary user."
SILENCE, UNUSUAL = 60.0, 5.0  # seconds
LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork


class Account(msgspec.Struct, frozen=True):
    """Who the servers run as, and the one capability they keep when that account cannot reach their files."""

    uid: int
    gid: int
    capability: int | None = None


def account(folder: Path, *needed: Path) -> Account | None:
    """None for an ordinary user: the servers run as we do. Root gives way to the folder's owner, or to nobody.

    PostgreSQL refuses to run as root. A clone or a data folder below a closed home (`/root` is 0700) is out of
    nobody's reach; then the servers keep CAP_DAC_READ_SEARCH (or CAP_DAC_OVERRIDE, all that containers grant)
    as an ambient capability: nothing is copied, no mode of a folder that is not ours is changed, and the data
    stay where PREUVE_DATA says. Refuses (SettingsFault) when root has neither capability.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = _somebody(owner)
    if all(_reachable(path, entry.pw_uid) for path in (folder.parent, *needed)):
        return Account(entry.pw_uid, entry.pw_gid)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if _may(capability) and _may(CAP_SETPCAP):
            return Account(entry.pw_uid, entry.pw_gid, capability)
    raise SettingsFault(
        f"PostgreSQL does not run as root, and the account {entry.pw_name} cannot reach {folder}: "
        "run as an ordinary user, or keep the program and PREUVE_DATA outside closed folders."
    )


def _somebody(owner: int) -> pwd.struct_passwd:
    # initdb looks its account up by name, so a bare number would not do.
    with suppress(KeyError):
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    for entry in pwd.getpwall():
        if entry.pw_uid:
            return entry
    raise SettingsFault("PostgreSQL does not run as root, and this system has no other account.")


def _reachable(path: Path, uid: int) -> bool:
    return all(folder.stat().st_mode & 0o001 or folder.stat().st_uid == uid for folder in (path, *path.parents))


def _may(capability: int) -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    permitted = next((line.split()[1] for line in status.splitlines() if line.startswith("CapPrm")), "0")
    return bool(int(permitted, 16) >> capability & 1)


def give(path: Path, to: Account | None) -> Path:
    """Make the folder if it is missing, private to the account that uses it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if to is not None:
        try:
            os.chown(path, to.uid, to.gid)
        except OSError:
            raise SettingsFault(POWERLESS) from None
    return path


def socket_folder(folder: Path, to: Account | None) -> Path:
    """Where the servers of `folder` put their sockets: inside it, or in a short folder if it lies too deep.

    The path of a socket holds 107 bytes. The short folder is kept by name in a file, so that addresses stay.
    """
    inside = folder / "sockets"
    if len(str(inside).encode()) <= 90:
        return give(inside, to)
    note = folder / "sockets.path"
    kept = Path(note.read_text(encoding="utf-8")) if note.exists() else None
    if kept is None or not kept.is_dir() or kept.is_symlink() or kept.stat().st_uid != _owner(to):
        kept = Path(tempfile.mkdtemp(prefix="preuve-", dir="/tmp"))
        note.write_text(str(kept), encoding="utf-8")
    return give(kept, to)


def _owner(to: Account | None) -> int:
    return os.geteuid() if to is None else to.uid


def leash(end: signal.Signals, runs_as: Account | None = None) -> Callable[[], None]:
    """What a child does between fork and exec: give up root, then tie its life to ours.

    The kernel forgets the death signal when a process changes its user, so it is asked for last. It also
    watches the *thread* that started the child: call from a thread that lives as long as the program.
    """
    parent = os.getpid()

    def prepare() -> None:
        if runs_as is not None:
            _become(runs_as)
        end_with(parent, end)

    return prepare


def end_with(parent: int, end: signal.Signals) -> None:
    """Ask the kernel for `end` when our parent dies, killed with -9 or not."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, end.value, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def _become(who: Account) -> None:
    if who.capability is not None:
        # Else the capability would go with root, and access(2), which initdb trusts, would not count it.
        _ask(LIBC.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setresgid(who.gid, who.gid, who.gid)
    os.setresuid(who.uid, who.uid, who.uid)
    if who.capability is not None:
        bit = 1 << who.capability
        header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
        effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
        _ask(LIBC.capset(header, effective_permitted_inheritable))
        _ask(LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, who.capability, 0, 0))


def _ask(answer: int) -> None:
    if answer != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused")


class Server:
    """A running PostgreSQL or Valkey: its address for clients, and its end."""

    def __init__(self, name: str, url: str, process: subprocess.Popen[bytes], ends: Sequence[signal.Signals]):
        self.name = name
        self.url = url
        self.process = process
        self.ends = ends

    def stop(self, *, seconds: float = 4.0) -> None:
        """End it politely for `seconds`, then less so, a second for each step. Stopping twice does nothing."""
        patience = seconds
        for end in (*self.ends, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            self.process.send_signal(end)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
            patience = 1.0

    def bury(self) -> None:
        """Kill what a dead process left behind in its session: a web server's workers, for example."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def start(
    argv: Sequence[str | Path],
    *,
    pidfile: Path,
    log: Path,
    end: signal.Signals,
    runs_as: Account | None,
    given: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: Ctrl-C reaches us alone, and we end the servers in order."""
    with log.open("ab") as written:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE if given else subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C.UTF-8"},
                start_new_session=True,
                preexec_fn=leash(end, runs_as),
            )
        except subprocess.SubprocessError:  # preexec_fn failed
            raise SettingsFault(POWERLESS) from None
    if given and process.stdin is not None:
        with process.stdin as stdin:
            stdin.write(given)
    pidfile.write_text(f"{process.pid} {_born(process.pid)}", encoding="ascii")
    return process


def await_end(pidfile: Path, *, ends: Sequence[signal.Signals], seconds: float = 10.0) -> None:
    """Wait for the server that an earlier, killed program left behind; end it if it does not end by itself.

    The file holds the process id and its birth, so that a stranger who got the same id is left alone.
    """
    if not pidfile.exists():
        return
    pid, _, born = pidfile.read_text(encoding="ascii").partition(" ")
    for end in (None, *ends, signal.SIGKILL):
        if not pid.isdigit() or not born or _born(int(pid)) != born:
            return
        if end is not None:
            with suppress(ProcessLookupError):
                os.kill(int(pid), end)
        until(lambda: _born(int(pid)) != born, seconds=seconds)


def _born(pid: int) -> str:
    """The start of a process in clock ticks since boot; empty when it is gone or only waits to be buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def came_up(process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> bool:
    """Wait until a server is ready; False: it ended, or has said nothing for SILENCE seconds.

    After a crash it first reads back what it had acknowledged, which may take minutes and must not be cut off: the next start
    would begin with it again. While it does it says so in its log, and we pass that on.
    """
    began, heard = time.monotonic(), log.stat().st_size

    def stirs() -> bool:
        return ready() or process.poll() is not None or log.stat().st_size != heard

    while until(stirs, seconds=SILENCE):
        if process.poll() is not None or ready():
            return process.poll() is None
        heard = log.stat().st_size
        if time.monotonic() - began > UNUSUAL:
            sys.stderr.write(f"Not ready yet: {last_words(log)}\n")
    return False


def until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Ask every few milliseconds until it holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def last_words(log: Path) -> str:
    """What a server that did not start said last."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
