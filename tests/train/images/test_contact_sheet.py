"""Pictures of contact sheets, and the files that they are written to."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from train.images.contact_sheet import reduced, write_picture


@pytest.mark.parametrize(("width", "shape"), [(80, (40, 80)), (100, (50, 100)), (200, (50, 100)), (1, (1, 1))])
def test_a_picture_is_reduced_in_its_proportions_and_never_enlarged(width: int, shape: tuple[int, int]) -> None:
    picture = np.full((50, 100, 3), (10, 20, 30), np.uint8)
    small = reduced(picture, width)
    assert small.shape == (*shape, 3)
    assert (small == (10, 20, 30)).all()


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.jpg", b"\xff\xd8\xff")])
def test_the_suffix_names_the_format(tmp_path: Path, name: str, begins: bytes) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, 32:] = (200, 100, 50)
    write_picture(tmp_path / name, picture)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(begins)
    written = cv2.imread(str(tmp_path / name))
    assert written is not None
    assert np.abs(written[:, :, ::-1] - picture.astype(int)).mean() < 3
