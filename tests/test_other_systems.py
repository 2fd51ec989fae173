"""Windows and macOS, simulated: nothing here ever ran on either. What only POSIX has is behind a branch."""

import ast
import ntpath
import os
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

import rugs_lab
from rugs_lab.recordings.catalogue import light_columns, seal
from rugs_lab.recordings.read.load import load
from rugs_lab.recordings.write import disk
from rugs_lab.resources import data_dir

PACKAGE = Path(rugs_lab.__file__).parent
SOURCES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}

POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "curses", "readline", "syslog"}
POSIX_NAMES = {
    *(
        "fork",
        "forkpty",
        "setsid",
        "getuid",
        "geteuid",
        "killpg",
        "chown",
        "mkfifo",
        "pread",
        "pwrite",
        "statvfs",
    ),
    *(
        "sched_getaffinity",
        "uname",
        "nice",
        "wait",
        "WNOHANG",
        "O_NOFOLLOW",
        "O_NONBLOCK",
        "O_CLOEXEC",
        "sysconf",
    ),
    *(
        "SIGKILL",
        "SIGHUP",
        "SIGQUIT",
        "SIGUSR1",
        "SIGUSR2",
        "SIGALRM",
        "SIGPIPE",
        "SIGCHLD",
        "alarm",
        "pause",
    ),
    *("setitimer", "add_signal_handler", "AF_UNIX", "SO_REUSEPORT", "register_at_fork"),
}
BRANCHES = {  # what of it is used, each behind a branch
    ("recordings/write/disk.py", "fcntl"),
    ("commands/lab.py", "geteuid"),
    ("trading/strategy/kept_code.py", "geteuid"),
}


def posix_only(source):
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [each.name for each in node.names]
            )
            found |= POSIX_MODULES.intersection(names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= (
                {node.attr} & POSIX_NAMES if node.value.id in ("os", "signal", "socket", "loop") else set()
            )
    return found


def test_what_only_posix_has_is_listed():
    assert {(name, each) for name, source in SOURCES.items() for each in posix_only(source)} == BRANCHES


def without(source, *keywords):
    """Lines that write or read text without these keywords."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {each.arg for each in node.keywords} | ({"encoding"} if len(node.args) > 1 else set())
            if node.func.attr == "write_text" and not {"encoding", "newline"} <= given:
                found.append(node.lineno)
            if (
                node.func.attr == "read_text"
                and "path" in ast.unparse(node.func).lower()
                and not (node.args or "encoding" in given)
            ):
                found.append(node.lineno)
            if node.func.attr == "open" and node.args and "b" not in ast.unparse(node.args[0]):
                mode = node.args[0]
                if isinstance(mode, ast.Constant) and mode.value in ("r", "w", "a", "x"):
                    found.append(node.lineno)
    return found


def test_text_files_name_their_encoding_and_line_ends():
    assert {name: lines for name, source in SOURCES.items() if (lines := without(source))} == {}


def test_names_of_recordings_are_names_on_every_system():
    from datetime import UTC, datetime

    from rugs_lab.recordings.write import journal

    name = f"{journal.NAME}{datetime.now(UTC):%Y%m%d_%H%M%S_%f}.jsonl"
    assert not set(name) & set('<>:"/\\|?*')
    assert Path(name).match(journal.PATTERN)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A folder of recordings on a system where a file that is open cannot be replaced."""
    shutil.copytree(data_dir() / "damaged", tmp_path, dirs_exist_ok=True)
    really = os.replace

    def replace(source, target):
        maps = Path("/proc/self/maps").read_text()
        handles = [
            os.readlink(f"/proc/self/fd/{each}")
            for each in os.listdir("/proc/self/fd")
            if Path(f"/proc/self/fd/{each}").is_symlink()
        ]
        for path in (source, target):
            if str(path) in maps or str(path) in handles:
                raise PermissionError(13, "used by another process", str(path))
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)
    return tmp_path


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at open files as Linux lists them")
def test_an_archive_can_be_written_where_open_files_cannot_be_replaced(archive, monkeypatch):
    monkeypatch.setattr(light_columns, "sys", SimpleNamespace(platform="win32"))
    first = seal.seal(archive)
    games = load(archive)
    more = next(iter(sorted((data_dir() / "damaged").glob("*.jsonl"))))
    shutil.copy(more, archive / "again.jsonl")
    assert seal.seal(archive).games >= first.games
    assert games.frame["ticks"].sum() > 0


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at open files as Linux lists them")
def test_the_simulation_finds_a_file_that_is_open(archive):
    with pytest.raises(PermissionError):
        seal.seal(archive)


def test_an_archive_on_another_drive_names_files_in_full(tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(data_dir() / "damaged", source)

    def on_another_drive(path, start):
        raise ValueError(f"path is on mount 'C:', start on mount 'D:': {path}, {start}")

    monkeypatch.setattr(seal.os.path, "relpath", on_another_drive)
    made = seal.seal(source, to=target)
    assert made.files > 0
    assert seal.seal(source, to=target).files == 0
    assert len(load(target)) == made.games


def test_names_in_an_archive_have_the_slashes_that_every_system_reads(monkeypatch):
    monkeypatch.setattr(seal, "os", SimpleNamespace(path=SimpleNamespace(relpath=ntpath.relpath)))
    monkeypatch.setattr(seal, "Path", PureWindowsPath)
    assert (
        seal._from(seal.Path(r"C:\games\may\a.jsonl"), seal.Path(r"C:\games\catalogue")) == "../may/a.jsonl"
    )
    assert seal._from(seal.Path(r"D:\may\a.jsonl"), seal.Path(r"C:\games")) == "D:/may/a.jsonl"


def test_locks_are_those_of_windows_there(tmp_path, monkeypatch):
    calls = []

    def locking(file, how, count):
        calls.append((how, count, os.lseek(file, 0, os.SEEK_CUR)))
        if len(calls) > 1:
            raise PermissionError(13, "locked")

    monkeypatch.setattr(disk, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(disk, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2), raising=False)
    file = disk.DISK.create(tmp_path / "a")
    assert disk.DISK.lock(file)
    assert not disk.DISK.lock(file)
    disk.DISK.write(file, b"line\n")
    disk.DISK.sync_folder(Path("no such folder"))  # Windows opens no folder
    disk.DISK.close(file)
    assert (tmp_path / "a").read_bytes() == b"line\n"
    assert calls == [(2, 1, 2**31 - 1)] * 2


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_console_of_few_characters_shows_the_others_escaped(encoding, tmp_path):
    (tmp_path / "Zürich \u2192 \u6771\u4eac").mkdir()
    command = [sys.executable, "-m", "rugs_lab", "seal", str(tmp_path / "\u6771\u4eac")]
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\\u6771\\u4eac" in done.stderr
    assert b"Traceback" not in done.stderr
