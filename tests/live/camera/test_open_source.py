"""The source that `--camera` names: files, webcams and none."""

import os
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.camera.open_source import open_source
from live.camera.options import CameraOptions
from live.camera.source import Source
from live.errors import CameraError
from tests.live.bundles import HEIGHT, WIDTH, make_film, write_film


def opened(options: CameraOptions, *, headless: bool = False) -> Source | None:
    return open_source(options, size=(HEIGHT, WIDTH), frame_rate=Fraction(12), headless=headless)


def test_no_camera_is_opened_unasked() -> None:
    assert opened(CameraOptions()) is None


@pytest.mark.parametrize("headless", [False, True])
@pytest.mark.parametrize("mirror", [None, False, True])
def test_a_file_is_mirrored_only_if_it_was_asked_for(tmp_path: Path, headless: bool, mirror: bool | None) -> None:
    film = make_film(3)
    write_film(tmp_path / "clip.mkv", film)
    source = opened(CameraOptions(camera=str(tmp_path / "clip.mkv"), mirror=mirror), headless=headless)
    assert source is not None
    with closing(source):
        captured = source.read(0)
    assert source.name == "clip.mkv"
    assert captured is not None
    np.testing.assert_array_equal(captured.pixels, film[0][:, ::-1] if mirror else film[0])


def test_a_number_is_a_webcam_even_if_a_file_has_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "clip.mkv", make_film(3))
    (tmp_path / "clip.mkv").rename("0")
    with pytest.raises(CameraError, match=r"--camera 0 \(a webcam\)"):
        opened(CameraOptions(camera="0"), headless=True)


@pytest.mark.parametrize("headless", [False, True])
def test_a_pipe_is_not_waited_for(tmp_path: Path, headless: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CameraError, match="is a pipe or a device; give a video"):
        opened(CameraOptions(camera=str(tmp_path / "pipe")), headless=headless)
