"""Reading folders of pairs and pictures: in order, with unusable files skipped and counted."""

import base64
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.pictures import discs, write, write_side_by_side
from train.errors import PicturesError
from train.images.resizing import ResizeMode
from train.pix2pix.pairs import Direction, Pairs, Use, read_pairs


def read(folder: Path, use: Use = "pairs", direction: Direction = "AtoB", mode: ResizeMode = "crop") -> Pairs:
    return read_pairs(folder, use, direction, mode, lambda first: first)


def test_side_by_side_and_two_folders_are_the_same_pairs(tmp_path: Path) -> None:
    pairs = discs(12)
    together = read(write_side_by_side(tmp_path / "together", pairs))
    for number, (a, b) in enumerate(pairs):
        write(tmp_path / f"apart/relief/{number:03d}.png", a)
        write(tmp_path / f"apart/satellite/{number:03d}.bmp", b)
    apart = read(tmp_path / "apart")
    for index, side in enumerate("ab"):
        expected = np.stack([pair[index] for pair in pairs])
        assert np.array_equal(getattr(together, side), expected)
        assert np.array_equal(getattr(apart, side), expected)
    assert "A is relief, B is satellite" in apart.summary
    turned = read(tmp_path / "apart", direction="BtoA")
    assert np.array_equal(turned.a, together.b)
    assert np.array_equal(turned.b, together.a)


def test_a_tenth_at_least_one_is_held_out_and_always_the_same(tmp_path: Path) -> None:
    folder = write_side_by_side(tmp_path, discs(40))
    pairs = read(folder)
    assert len(pairs.held_out_indices) == 4
    assert pairs.held_out_indices == read(folder, direction="BtoA").held_out_indices
    assert sorted(pairs.held_out_indices + pairs.train_indices) == list(range(40))
    assert len(read(write_side_by_side(tmp_path / "few", discs(2))).held_out_indices) == 1


def test_unusable_files_are_skipped_and_counted(tmp_path: Path) -> None:
    folder = write_side_by_side(tmp_path, discs(3))
    whole = read(folder)
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "empty.jpg").touch()
    (folder / "notes.txt").write_text("not counted: the suffix is not that of a picture")
    (folder / ".hidden.png").write_bytes(b"")
    write(folder / "odd.png", np.zeros((48, 97, 3), np.uint8))
    write(folder / "tiny.png", np.zeros((8, 16, 3), np.uint8))
    pairs = read(folder)
    assert pairs.names == whole.names
    assert pairs.source_hash == whole.source_hash
    assert pairs.summary.endswith("skipped: 2 unreadable, 1 of odd width, 1 smaller than 32 pixels; left out: 1 .txt")


def test_two_folders_are_matched_by_name_and_shape(tmp_path: Path) -> None:
    for number, (a, b) in enumerate(discs(4)):
        write(tmp_path / f"A/{number}.png", a)
        write(tmp_path / f"B/{number + 1}.png", b[:, :40] if number == 2 else b)
    pairs = read(tmp_path)
    assert pairs.names == ("1.png", "2.png")
    assert pairs.summary.endswith("skipped: 2 without a counterpart, 1 of different shapes")


def test_pictures_of_other_shapes_are_cropped_or_letterboxed(tmp_path: Path) -> None:
    write(tmp_path / "0.png", np.full((48, 64, 3), 200, np.uint8))
    write(tmp_path / "1.png", np.full((64, 64, 3), 200, np.uint8))
    assert read(tmp_path, "pictures").b.min() == 200
    boxed = read(tmp_path, "pictures", mode="letterbox").b
    assert boxed.shape == (2, 48, 64, 3)
    assert boxed[0].min() == 200
    assert boxed[1][:, :8].max() == 0


@pytest.mark.parametrize(
    ("files", "use", "says"),
    [
        ([], "pairs", r"holds no pairs \(folders of pictures in it: 0\)"),
        ([], "pictures", "holds 0 usable pictures; give at least two"),
        (["a.png"], "pairs", "holds 1 usable pairs; give at least two"),
        (["A/a.png"], "pairs", r"holds no pairs \(folders of pictures in it: 1\)"),
        (["A/a.png", "B/b.png"], "pairs", r"0 usable pairs \(skipped: 2 without a counterpart\)"),
        (["train/1.png", "val/1.png"], "pairs", "give one of them, such as .*val"),
    ],
)
def test_a_folder_without_pairs_is_a_one_line_error(tmp_path: Path, files: list[str], use: Use, says: str) -> None:
    for name in files:
        write(tmp_path / name, np.zeros((48, 96, 3), np.uint8))
    with pytest.raises(PicturesError, match=says) as caught:
        read(tmp_path, use)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PicturesError, match="there is no folder"):
        read(tmp_path / "nowhere")


def test_progress_is_reported_while_reading(tmp_path: Path) -> None:
    folder, shares = write_side_by_side(tmp_path, discs(4)), list[float]()
    read_pairs(folder, "pairs", "AtoB", "crop", lambda first: first, shares.append)
    assert shares == [0, 0.25, 0.5, 0.75]


# A HEIC of 64×64 pixels in (200, 30, 40), in one piece: no library of ours writes one.
HEIC = zlib.decompress(
    base64.b85decode(
        "c-muNV30{GsVvAy%}izhg51nBLl8SRGck>UfiWyMwIq=N0u(b+a*CjAhJwuG5(YG&l$nzcHpIn&fe{FSfUycf1A!b6D`#frrGa@MQBfc"
        "#l?lqrC`&d3G5HEIOLE~#u4NV!6#(h&nFY!DK)M2`%$boHBs2kH>Ia5De}DX7VBlv?0P2u%VB}%^{~x4)8Ki<4gyeQHIV1ulwVfCl(PS"
        "1VG_p>6<*B(Yk4cJ$10-|;L~uAH0oAj+Fdi)0pyU9wMmRY?rzkHurvfO<%fQwE6cWiSE=Yy?%>jx93NkA)K?2Mi96-|;#4`(WVZjFs5tc"
        "?KW)>h*EjJ|*6nat`jO#fcC|Z`r|Nry<{{P<rd)nXXCSEA!k8c0~zei3O"
    )
)


def test_heic_in_one_piece_needs_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    for name in ("a.HEIC", "b.heic"):
        (tmp_path / name).write_bytes(HEIC)
    np.testing.assert_allclose(read(tmp_path, "pictures").b[:, 32, 32], [(200, 30, 40)] * 2, atol=4)
    (tmp_path / "b.heic").write_bytes(HEIC[:100])
    with pytest.raises(PicturesError, match="1 unreadable"):
        read(tmp_path, "pictures")


def test_a_folder_without_pictures_names_what_is_read_and_what_lies_there(tmp_path: Path) -> None:
    for name in ("a.cr2", "b.CR2", "c.jxl", ".DS_Store", "._c.jpg", "Thumbs.db", "notes"):
        (tmp_path / name).write_bytes(b"raw")
    for name in ("nested", "folder.jpg"):
        (tmp_path / name).mkdir()
    with pytest.raises(PicturesError) as caught:
        read(tmp_path, "pictures")
    assert "holds 0 usable pictures (left out: 2 .cr2, " in str(caught.value)
    for said in ("1 .jxl", "1 notes", ", 2 folders);"):
        assert said in str(caught.value)
    assert str(caught.value).endswith(
        "(AVIF, BMP, GIF, HEIC, HEIF, HIF, JFIF, JP2, JPE, JPEG, JPG, PGM, PNG, PPM, TIF, TIFF, WEBP are read)"
    )


def test_what_lies_beside_pictures_is_said(tmp_path: Path) -> None:
    for name in ("a.png", "b.PNG"):
        assert cv2.imwrite(str(tmp_path / name), np.zeros((48, 64, 3), np.uint8))
    assert read(tmp_path, "pictures").summary == f"pictures of {tmp_path}"
    for number in range(7):
        (tmp_path / f"c.{number}").touch()
    assert read(tmp_path, "pictures").summary.endswith("; left out: 1 .0, 1 .1, 1 .2, 1 .3, 1 .4, 2 more")


def test_a_relief_of_16_bits_with_few_levels_left_is_said(tmp_path: Path) -> None:
    relief = np.linspace(0, 3000, 64 * 48).reshape(48, 64).astype(np.uint16)
    for name, scale in (("a", 1), ("b", 1), ("c", 20)):
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), relief * scale)
    pairs = read(tmp_path, "pictures")
    assert "; 2 of 16 bits in a small part of their range" in pairs.summary
    assert int(pairs.b[2].max()) == 60000 >> 8
