"""A bundle in a .zip plays as its folder does. Nothing of it is unpacked, and what is no such archive is refused."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.bundle import archive
from live.bundle.bundle import read_bundle
from tests.hostile import at_once_and_in_little_memory
from tests.live.bundle.hostile import refused
from tests.live.bundles import make_half_model, read_film, write_bundle

__all__ = ["at_once_and_in_little_memory"]  # a fixture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "mine", fp16=make_half_model())


def packed(folder: Path, *, inside: str = "", but: str = "") -> Path:
    """Pack the files of a folder, in a folder of the archive or at its top, and leave one out."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in folder.iterdir():
            if file.name != but:
                made.write(file, inside + file.name)
    return path


@pytest.mark.parametrize("inside", ["", "mine/"], ids=["at the top", "in a folder"])
def test_it_is_the_same_bundle(folder: Path, inside: str) -> None:
    plain, read = (read_bundle(path, 3) for path in (folder, packed(folder, inside=inside)))
    assert (read.name, read.graph, read.model_bytes) == ("mine", plain.graph, plain.model_bytes)
    np.testing.assert_array_equal(read.film.frames, plain.film.frames)
    assert read.has("fp16")
    assert not read.has("int8")
    assert read.in_precision("fp16").model_bytes == plain.in_precision("fp16").model_bytes


def test_it_plays_and_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    path = packed(folder)
    before = set(tmp_path.iterdir())
    film = tmp_path / "after.mkv"
    assert main(["--model", str(path), "--headless", "--seconds", "1", "--tail", "0", "--record", str(film)]) == 0
    assert len(read_film(film)) == 12
    assert set(tmp_path.iterdir()) == before | {film}


def test_a_part_that_is_missing_or_twice(folder: Path) -> None:
    assert "seed.mkv is missing" in refused(packed(folder, but="seed.mkv"))
    assert "generator.onnx is missing" in refused(packed(folder, but="generator.onnx"))
    path = packed(folder)
    with zipfile.ZipFile(path, "a") as made:
        made.write(folder / "seed.mkv", "other/seed.mkv")
    assert "it is in the archive more than once" in refused(path)


def test_what_lies_deeper_is_no_part(folder: Path) -> None:
    assert "generator.onnx is missing" in refused(packed(folder, inside="models/mine/"))


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04" + bytes(60)])
def test_a_file_that_is_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mine.zip").write_bytes(data)
    assert "the archive is damaged" in refused(tmp_path / "mine.zip")


def test_a_damaged_archive(folder: Path) -> None:
    path = packed(folder)
    data = bytearray(path.read_bytes())
    data[200:400] = bytes(200)
    path.write_bytes(data)
    assert "cannot be read" in refused(path)


@pytest.mark.usefixtures("at_once_and_in_little_memory")
def test_an_archive_that_unpacks_to_too_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.bundle.bundle.LARGEST_MODEL_BYTES", 2**20)
    (folder / "generator.onnx").write_bytes(bytes(2**28))
    assert "larger than such a part may be" in refused(packed(folder))


def test_an_archive_that_is_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE_BYTES", 2**10)
    assert "cannot be read" in refused(packed(folder))
