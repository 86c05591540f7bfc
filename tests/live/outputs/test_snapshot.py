from pathlib import Path

import cv2
import numpy as np
import pytest

from live.errors import OutputError
from live.outputs.snapshot import save_snapshot
from tests.live.bundles import make_film


def test_a_snapshot_is_the_exact_picture_and_replaces_nothing(tmp_path: Path) -> None:
    film = make_film(3)
    paths = [save_snapshot(frame, tmp_path, "hats") for frame in film]
    assert len(set(paths)) == 3
    for path, frame in zip(paths, film, strict=True):
        assert path.name.startswith("hats-")
        saved = cv2.imread(str(path))
        assert saved is not None
        np.testing.assert_array_equal(saved[:, :, ::-1], frame)


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write to .*gone.*; choose another folder"):
        save_snapshot(make_film(1)[0], tmp_path / "gone", "hats")
