"""The recorder and its disk, step by step: no thread, no clock but the test's."""

import errno
import json
import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.recordings.write.disk import DISK, Disk
from rugs_lab.recordings.write.file_writer import SYNC_BYTES, SYNC_S
from rugs_lab.recordings.write.journal import Journal, recover_folder
from rugs_lab.recordings.write.recorder import SLOW_S, Recorder
from tests.support.disks import Clock, TestDisk

DEADLINE_S = 20


def line(number, size=0):
    return json.dumps({"n": number, "pad": "x" * size}).encode() + b"\n"


def written(folder):
    """Every line of every file, in order; each must be whole."""
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl")))
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(each) for each in data.splitlines()]


def is_being_written(path):
    """Tell whether a recorder has the file open, by the lock that it holds."""
    file = DISK.look(path)
    try:
        return not DISK.lock(file)
    finally:
        DISK.close(file)


def files_of(folder):
    """The numbers of each file's lines, file by file."""
    return [
        [json.loads(each).get("n") for each in path.read_text().splitlines()]
        for path in sorted(folder.iterdir())
    ]


def numbers(folder):
    return [each["n"] for each in written(folder) if "n" in each]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def disk():
    return TestDisk()


@pytest.fixture
def recorder(tmp_path, clock, disk):
    return make(tmp_path, clock, disk)


def make(folder, clock, disk, **options):
    return Recorder(folder / "data", clock=clock, now_ns=clock.ns, disk=disk, background=False, **options)


def test_one_write_for_each_line_with_its_newline(recorder, disk, tmp_path):
    for n in range(20):
        recorder.put(line(n))
    recorder.step()
    assert disk.writes == [line(n) for n in range(20)]
    assert numbers(tmp_path / "data") == list(range(20))
    assert (recorder.recorded, recorder.state) == (20, "recording")
    assert recorder.path.name.startswith("live_game_2025")


def test_a_line_is_synced_before_it_is_five_seconds_old(recorder, disk, clock):
    recorder.put(line(0))
    wait_s = recorder.step()
    assert disk.syncs == 0
    assert 0 < wait_s <= SYNC_S < 5
    clock.now_s += wait_s
    assert recorder.step() is None
    assert disk.syncs == 1
    clock.now_s += 1000
    recorder.step()
    assert disk.syncs == 1, "nothing new, nothing to sync"


def test_lines_that_keep_coming_do_not_put_the_sync_off(recorder, disk, clock):
    for n in range(100):
        recorder.put(line(n))
        recorder.step()
        clock.now_s += 0.1
    assert disk.syncs == 2


def test_a_line_may_ask_for_a_sync(recorder, disk):
    recorder.put(line(0), sync=True)
    recorder.step()
    assert disk.syncs == 1


def test_much_is_not_left_unsynced(recorder, disk):
    for n in range(10):
        recorder.put(line(n, SYNC_BYTES // 4))
    recorder.step()
    assert disk.syncs == 2


def test_a_power_cut_costs_what_was_written_since_the_last_sync(recorder, disk, clock, tmp_path):
    for n in range(200):
        recorder.put(line(n))
        recorder.step()
        clock.now_s += 0.1
    disk.cut_power()
    kept = numbers(tmp_path / "data")
    assert kept == list(range(len(kept)))
    assert (200 - len(kept)) * 0.1 < 5


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), min_size=1, max_size=60), st.integers(1, 3))
@settings(max_examples=60)
def test_a_power_cut_at_any_moment_costs_less_than_five_seconds(tmp_path_factory, lines, games):
    clock, disk = Clock(), TestDisk()
    folder = tmp_path_factory.mktemp("power")
    recorder = make(folder, clock, disk, rotate="game")
    times = []
    for n, (pause_s, sync) in enumerate(lines):
        left_s = pause_s
        while (wait_s := recorder.step()) is not None and wait_s <= left_s:  # as its thread would be woken
            clock.now_s += wait_s
            left_s -= wait_s
        clock.now_s += left_s
        game = f"g{n * games // len(lines)}"
        recorder.put(line(n), game, start=game not in recorder._starts, sync=sync)
        recorder.step()
        times.append(clock.now_s)
    disk.cut_power()
    kept = numbers(folder / "data")
    assert kept == list(range(len(kept)))
    assert all(clock.now_s - at_s < 5 for at_s in times[len(kept) :])
    recorder.close()


def test_a_full_disk_is_told_nothing_is_torn_and_nothing_is_lost(recorder, disk, clock, tmp_path):
    for n in range(5):
        recorder.put(line(n))
    recorder.step()
    disk.room = len(line(0)) // 2
    recorder.put(line(5))
    recorder.step()
    assert recorder.state == "failing"
    assert "No space left on device" in recorder.reason
    recorder.put(line(6))
    for _ in range(20):
        clock.now_s += 10
        recorder.step()
    assert recorder.state == "failing"
    assert numbers(tmp_path / "data") == []
    disk.room = None
    clock.now_s += 10
    recorder.step()
    assert recorder.state == "recording"
    assert numbers(tmp_path / "data") == list(range(7))
    assert (recorder.recorded, recorder.lost, recorder.waiting) == (7, 0, 0)


def test_what_was_synced_stays_where_it_is_when_the_disk_fails(recorder, disk, clock, tmp_path):
    recorder.put(line(0), sync=True)
    recorder.step()
    first = recorder.path
    recorder.put(line(1))
    recorder.step()
    disk.faults["sync"] = errno.EIO
    clock.now_s += 10
    recorder.step()
    assert recorder.state == "failing"
    assert first.read_bytes() == line(0)
    del disk.faults["sync"]
    clock.now_s += 10
    recorder.step()
    assert recorder.path != first
    assert numbers(tmp_path / "data") == [0, 1]
    assert (recorder.recorded, recorder.files) == (2, 2)


def test_a_sync_that_a_line_asked_for_and_that_fails_does_not_write_it_twice(recorder, disk, clock, tmp_path):
    disk.faults["sync"] = errno.EIO
    recorder.put(line(0), sync=True)
    recorder.step()
    del disk.faults["sync"]
    clock.now_s += 10
    recorder.step()
    assert numbers(tmp_path / "data") == [0]
    assert recorder.recorded == 1


def test_what_does_not_fit_into_memory_is_counted_and_a_gap_line_says_so(tmp_path, clock, disk):
    recorder = make(tmp_path, clock, disk, waiting_bytes=10_000)
    disk.faults["create"] = errno.EROFS
    for n in range(1000):
        recorder.put(line(n))
        recorder.step()
    assert recorder.state == "failing"
    assert "Read-only file system" in recorder.reason
    assert recorder.lost + recorder.waiting == 1000
    assert f"{recorder.lost} lines lost" in recorder.reason
    disk.faults.clear()
    clock.now_s += 60
    recorder.step()
    first, *others = written(tmp_path / "data")
    assert (first["type"], first["lines"]) == ("gap", recorder.lost)
    assert [each["n"] for each in others] == list(range(recorder.lost, 1000))
    assert recorder.recorded + recorder.lost == 1000


@pytest.mark.parametrize("name", ["make_folder", "create", "write", "sync", "sync_folder"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_whatever_fails_everything_is_written_once_when_it_no_longer_does(
    recorder, disk, clock, tmp_path, name, number
):
    recorder.put(line(0), "g1", start=True)
    recorder.step()
    disk.faults[name] = number
    for n in range(1, 6):
        recorder.put(line(n), "g1", sync=n == 3)
        recorder.step()
        clock.now_s += 3
    disk.faults.clear()
    clock.now_s += 60
    recorder.step()
    recorder.close()
    found = numbers(tmp_path / "data")
    assert [n for n in found if n] == [1, 2, 3, 4, 5]
    assert recorder.recorded == 6
    assert recorder.lost == 0
    assert list((tmp_path / "data").glob("*.torn")) == []


def test_a_folder_that_vanishes_is_made_again_and_costs_nothing(recorder, clock, tmp_path):
    recorder.put(line(0))
    recorder.step()
    (tmp_path / "data").rename(tmp_path / "moved")
    recorder.put(line(1))
    recorder.step()
    clock.now_s += 10
    recorder.step()
    assert recorder.state == "failing"
    assert "removed or moved away" in recorder.reason
    clock.now_s += 10
    recorder.step()
    assert recorder.state == "recording"
    assert numbers(tmp_path / "data") == [0, 1]
    assert numbers(tmp_path / "moved") == []


def test_a_file_that_was_deleted_costs_only_what_was_synced_in_it(recorder, clock, tmp_path):
    recorder.put(line(0), sync=True)
    recorder.step()
    recorder.put(line(1))
    recorder.step()
    recorder.path.unlink()
    for _ in range(2):
        clock.now_s += 10
        recorder.step()
    assert numbers(tmp_path / "data") == [1]


def test_a_slow_disk_is_told_while_it_is(tmp_path, clock):
    seen = []

    class Slow(TestDisk):
        def write(self, file, data):
            recorder.put(line(9)) if not seen else None
            clock.now_s += SLOW_S * 3
            seen.append((recorder.state, recorder.reason))
            return super().write(file, data)

    recorder = make(tmp_path, clock, Slow())
    recorder.put(line(0))
    recorder.step()
    assert seen[0] == ("slow", "the disk has been busy with one line for 3 s, 1 more wait")
    assert recorder.longest_s >= 3
    assert recorder.state == "recording"


def test_a_file_for_each_game(tmp_path, clock, disk):
    recorder = make(tmp_path, clock, disk, rotate="game", header=lambda: b'{"type":"session"}\n')
    recorder.put(b'{"n":-1}\n')
    for game in range(3):
        recorder.put(line(game * 10), f"g{game}", start=True)
        recorder.put(line(game * 10 + 1), f"g{game}")
    recorder.put(line(11), "g1")  # a late frame of the game before
    recorder.close()
    assert files_of(recorder.folder) == [[None, -1, 0, 1], [None, 10, 11], [None, 20, 21, 10, 11]]
    assert disk.syncs == 3


def test_a_file_of_a_size_ends_where_a_game_does(tmp_path, clock, disk):
    recorder = make(tmp_path, clock, disk, rotate=4096)
    for game in range(6):
        for n in range(20):
            recorder.put(line(n, 100), f"g{game}", start=not n)
    recorder.close()
    sizes = [path.stat().st_size for path in sorted(recorder.folder.iterdir())]
    assert len(sizes) == 3
    assert [numbers[0] for numbers in files_of(recorder.folder)] == [0] * 3


def test_a_game_without_end_is_split_at_twice_the_size_and_begins_both(tmp_path, clock, disk):
    recorder = make(tmp_path, clock, disk, rotate=4096)
    for n in range(100):
        recorder.put(line(n, 100), "g1", start=not n)
    recorder.close()
    assert [numbers[0] for numbers in files_of(recorder.folder)] == [0, 0]
    assert sorted({*numbers(recorder.folder)}) == list(range(100))


@pytest.mark.parametrize("rotate", ["games", "", None, 0, 4095, True, 1e6])
def test_what_is_no_rotation_is_refused(tmp_path, rotate):
    with pytest.raises(ArgumentError, match='"game" or a size in bytes'):
        Recorder(tmp_path, rotate=rotate)


def test_closing_a_recorder_whose_disk_fails_counts_what_is_lost(recorder, disk):
    disk.faults["write"] = errno.ENOSPC
    for n in range(7):
        recorder.put(line(n))
    recorder.close()
    assert (recorder.lost, recorder.recorded, recorder.state) == (7, 0, "stopped")
    recorder.put(line(8))
    assert (recorder.lost, recorder.recorded) == (8, 0), "a closed recorder takes nothing, and says so"


def test_a_file_without_lines_is_not_left_behind(tmp_path, clock, disk):
    recorder = make(tmp_path, clock, disk, header=lambda: b"{}\n")
    recorder.open()
    recorder.step()
    assert recorder.path.exists()
    recorder.close()
    assert list(recorder.folder.iterdir()) == []


# Recovery.


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=5), st.data())
@settings(max_examples=80)
def test_opening_a_file_that_was_cut_anywhere_keeps_its_whole_lines(tmp_path_factory, lines, data):
    path = tmp_path_factory.mktemp("torn") / "live_game_1.jsonl"
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    journal = Journal.append(path)
    journal.write(b"new\n")
    journal.close()
    kept = whole[: whole.rfind(b"\n", 0, cut) + 1]
    assert path.read_bytes() == kept + b"new\n"
    torn = path.with_name(path.name + ".torn")
    piece = whole[len(kept) : cut]
    assert (journal.torn is not None) == torn.exists() == bool(piece)
    if piece:
        assert journal.torn == (path, len(piece))
        assert torn.read_bytes() == piece + b"\n"


def test_a_long_torn_line_is_moved_whole(tmp_path):
    path = tmp_path / "live_game_1.jsonl"
    path.write_bytes(b"{}\n" + b"x" * 300_000)
    assert recover_folder(tmp_path) == [(path, 300_000)]
    assert path.read_bytes() == b"{}\n"
    assert recover_folder(tmp_path) == []
    assert path.with_name(path.name + ".torn").stat().st_size == 300_001


class NarrowDisk(Disk):
    """Takes a few bytes at a time, and no more of them than there is room for."""

    def __init__(self, room):
        self.room = room

    def write(self, file, data):
        taken = super().write(file, data[: min(7, self.room)])
        self.room -= taken
        return taken


def test_a_torn_line_is_moved_whole_by_a_disk_that_takes_it_piece_by_piece(tmp_path):
    path = tmp_path / "live_game_1.jsonl"
    path.write_bytes(b"{}\n" + b"x" * 26)
    assert recover_folder(tmp_path, NarrowDisk(room=100)) == [(path, 26)]
    assert path.read_bytes() == b"{}\n"
    assert path.with_name(path.name + ".torn").read_bytes() == b"x" * 26 + b"\n"


@pytest.mark.parametrize("room", [0, 4, 26])
def test_a_torn_line_that_does_not_fit_on_the_disk_stays_where_it_is(tmp_path, room):
    path = tmp_path / "live_game_1.jsonl"
    torn = path.with_name(path.name + ".torn")
    path.write_bytes(b"{}\n" + b"x" * 26)
    torn.write_bytes(b"before\n")
    assert recover_folder(tmp_path, NarrowDisk(room)) == []
    assert path.read_bytes() == b"{}\n" + b"x" * 26
    assert torn.read_bytes() == b"before\n"
    with pytest.raises(OSError, match="space"):
        Journal.append(path, NarrowDisk(room))
    assert recover_folder(tmp_path) == [(path, 26)]
    assert torn.read_bytes() == b"before\n" + b"x" * 26 + b"\n"


def test_a_recorder_recovers_what_others_left_and_says_so(tmp_path, clock):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "live_game_1.jsonl").write_bytes(b'{"n":1}\n{"n":')
    (folder / "other.jsonl").write_bytes(b"not ours")
    recorder = make(tmp_path, clock, Disk())
    recorder.put(line(2))
    recorder.close()
    assert [torn.size for torn in recorder.torn] == [5]
    assert (folder / "other.jsonl").read_bytes() == b"not ours"
    (folder / "other.jsonl").unlink()
    assert numbers(folder) == [1, 2]


def test_a_file_has_one_writer_and_others_leave_it_alone(tmp_path):
    journal = Journal.create(tmp_path, 0)
    journal.write(b'{"half":')
    assert is_being_written(journal.path)
    assert recover_folder(tmp_path) == []
    with pytest.raises(RugsLabError, match="one writer"):
        Journal.append(journal.path)
    second = Journal.create(tmp_path, 0)
    assert second.path != journal.path
    journal.close()
    second.close()
    assert not is_being_written(journal.path)
    assert [torn.size for torn in recover_folder(tmp_path)] == [8]


# On its thread.


def test_two_recorders_share_a_folder(tmp_path):
    recorders = [Recorder(tmp_path), Recorder(tmp_path)]
    for n in range(500):
        recorders[n % 2].put(line(n))
    for recorder in recorders:
        recorder.close()
    assert len(list(tmp_path.iterdir())) == 2
    assert sorted(numbers(tmp_path)) == list(range(500))
    assert [recorder.recorded for recorder in recorders] == [250, 250]


def test_a_disk_that_blocks_holds_nobody_up(tmp_path):
    release, blocked = threading.Event(), threading.Event()

    class Blocked(Disk):
        def write(self, file, data):
            blocked.set()
            assert release.wait(DEADLINE_S)
            return super().write(file, data)

    recorder = Recorder(tmp_path, disk=Blocked())
    recorder.put(line(0))
    assert blocked.wait(DEADLINE_S)
    for n in range(1, 10_000):
        recorder.put(line(n))
    assert recorder.waiting == 9_999
    assert recorder.recorded == 0
    release.set()
    recorder.close(DEADLINE_S)
    assert numbers(tmp_path) == list(range(10_000))


def test_resting_closes_the_file_and_ends_the_thread_until_the_next_line(tmp_path):
    before = set(threading.enumerate())
    recorder = Recorder(tmp_path)
    for n in range(3):
        recorder.put(line(n))
        recorder.rest(DEADLINE_S)
        assert set(threading.enumerate()) == before
        assert recorder.state == "waiting"
        assert not is_being_written(recorder.path)
    recorder.close()
    recorder.close()
    assert numbers(tmp_path) == [0, 1, 2]
    assert recorder.files == 3


def test_closing_right_after_putting_loses_nothing(tmp_path):
    for n in range(100):
        recorder = Recorder(tmp_path)
        recorder.put(line(n))
        recorder.close(DEADLINE_S)
        assert (recorder.recorded, recorder.lost) == (1, 0)
    assert numbers(tmp_path) == list(range(100))


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="an account that the system refuses things"
)
def test_a_folder_that_the_system_refuses_to_write(tmp_path):
    tmp_path.chmod(0o500)
    recorder = Recorder(tmp_path)
    recorder.open(DEADLINE_S)
    assert recorder.state == "failing"
    assert "Permission denied" in recorder.reason
    tmp_path.chmod(0o700)
    recorder.close()


def test_a_folder_that_is_a_file_is_told_at_once(tmp_path):
    (tmp_path / "data").write_text("")
    recorder = Recorder(tmp_path / "data")
    recorder.open(DEADLINE_S)
    assert recorder.state == "failing"
    assert "File exists" in recorder.reason
    recorder.close()


class StuckDisk(Disk):
    """A disk that stops in the middle of a write until it is let go."""

    def __init__(self, after):
        self.left = after
        self.free = threading.Event()

    def write(self, file, data):
        self.left -= 1
        if self.left < 0:
            self.free.wait(DEADLINE_S)
        return super().write(file, data)


def test_a_close_that_runs_out_of_time_counts_what_was_lost_and_says_so(tmp_path):
    disk = StuckDisk(after=20)
    recorder = Recorder(tmp_path, disk=disk)
    for n in range(1_000):
        recorder.put(line(n))
    recorder.close(timeout_s=0.2)
    on_disk = len(numbers(tmp_path))
    assert recorder.lost + on_disk >= 1_000
    assert recorder.lost >= 980
    assert f"{recorder.lost} lines lost (the disk was not done after 0.2 s)" in recorder.reason
    recorder.close(timeout_s=0.1)
    assert recorder.lost <= 1_000, "nothing is counted twice"
    disk.free.set()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_only_regular_files_of_the_folder_are_opened(tmp_path):
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere.txt"
    folder.mkdir()
    elsewhere.write_bytes(b"whole\ntorn")
    (folder / "live_game_1.jsonl").symlink_to(elsewhere)
    os.mkfifo(folder / "live_game_2.jsonl")
    (folder / "live_game_3.jsonl").mkdir()
    (folder / "live_game_4.jsonl").symlink_to(folder / "nowhere")
    recorder = Recorder(folder)
    recorder.put(line(1))
    recorder.close(DEADLINE_S)
    assert (recorder.recorded, recorder.lost, recorder.torn) == (1, 0, ())
    assert elsewhere.read_bytes() == b"whole\ntorn", "what a link leads to is not touched"
    for name in ("live_game_1.jsonl", "live_game_2.jsonl"):
        with pytest.raises(OSError, match=r"link|regular"):
            Journal.append(folder / name)


def test_a_tilde_means_the_home_in_record_seal_and_load(tmp_path, monkeypatch):
    from rugs_lab.recordings.catalogue.seal import seal
    from rugs_lab.recordings.read.load import load

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    recorder = Recorder("~/data")
    recorder.put(b'{"type":"session","format":"rugs_lab/1"}\n')
    recorder.put(b'{"type":"tick","game_id":"20260101-a","tick":0,"price":1.0,"active":true}\n')
    recorder.close(DEADLINE_S)
    assert recorder.folder == tmp_path / "data"
    assert len(load("~/data")) == 1
    assert seal("~/data", "~/archive").folder == tmp_path / "archive"
    assert len(load("~/archive")) == len(load("~/data/*.jsonl")) == 1
