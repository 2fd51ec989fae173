"""The columns beside an archive: the same games with and without them, and never those of another archive."""

import shutil

import pyarrow.parquet as pq
import pytest

from rugs_lab.recordings.catalogue.light_columns import SUFFIX
from rugs_lab.recordings.catalogue.parquet import ParquetStore
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir
from tests.recordings.catalogue.test_seal import same


@pytest.fixture
def folder(tmp_path):
    """The archive of some recordings."""
    for name in ("damaged", "lines"):
        shutil.copytree(data_dir() / name, tmp_path / "lines", dirs_exist_ok=True)
    return seal(tmp_path / "lines").folder


def paths(folder):
    return sorted(folder.glob(f"games_*{SUFFIX}"))


def test_games_are_the_same_without_them(folder):
    with_columns = load(folder)
    assert [path.stem for path in paths(folder)] == [path.stem for path in sorted(folder.glob("games_*.pa*"))]
    for path in paths(folder):
        path.unlink()
    assert same(load(folder), with_columns)
    assert load(folder).frame.equals(load(folder)[:].frame)


def test_opening_and_asking_reads_nothing_else(folder, monkeypatch):
    columns = []
    read = pq.ParquetFile

    def opened(source, **how):
        file = read(source, **how)
        columns.append(set(file.schema_arrow.names))
        return file

    monkeypatch.setattr(pq, "ParquetFile", opened)
    games = load(folder)
    assert len(games.frame) == len(games)
    assert len(games.query("peak > 1.5 and status == 'complete'"))
    assert games.ids.tolist() == games.frame.index.tolist()
    assert len(columns) == len(paths(folder))
    assert not any("prices" in names for names in columns)
    assert len(games.prices)
    assert any("prices" in names for names in columns)


def test_those_of_another_archive_are_not_used(folder, tmp_path):
    (path, *_) = paths(folder)
    archive = synthetic(len(load(path.with_suffix(".parquet"))), seed=1).save(tmp_path / "other.parquet")
    shutil.copy(path, archive.with_suffix(SUFFIX))
    assert load(archive).frame["file"].str.startswith("synthetic").all()


def test_a_page_that_was_damaged_is_read_from_the_archive(folder):
    whole = load(folder)
    for path in paths(folder):
        data = bytearray(path.read_bytes())
        metadata = pq.read_metadata(path)
        for n in range(metadata.num_columns):
            place = metadata.row_group(0).column(n)
            begin = place.dictionary_page_offset or place.data_page_offset
            data[begin + place.total_compressed_size - 1] ^= 0xFF
        path.write_bytes(data)
    assert same(load(folder), whole)


@pytest.mark.parametrize("keep", [0, 100, -1, -50])
def test_a_file_that_was_cut_or_whose_footer_was_damaged_is_not_used(folder, keep):
    whole = load(folder)
    for path in paths(folder):
        data = path.read_bytes()
        path.write_bytes(
            data[:keep] if keep > -50 else data[:keep].replace(b"ended_ms", b"\x99nded_ms") + data[keep:]
        )
    assert same(load(folder), whole)


def test_sealing_again_makes_them_of_archives_that_have_none(folder):
    for path in paths(folder):
        path.unlink()
    seal(folder.parent)
    assert paths(folder)
    assert all(ParquetStore(path.with_suffix(".parquet")).light for path in paths(folder))


def test_the_archive_is_checked_by_its_own_columns(folder):
    (path, *_) = (each.with_suffix(".parquet") for each in paths(folder))
    store = ParquetStore(path)
    assert store.check()
    assert store.light is None
