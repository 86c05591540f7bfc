"""The whole stage, measured with and without a display and a virtual camera."""

from pathlib import Path

import pytest

from live.benchmark.stage import whole_show
from live.bundle.bundle import read_bundle
from tests.live.loopback import Loopback


def test_without_a_display_the_rest_is_measured(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 0.1, None)
    assert "display" in part.left_out["whole show"]
    assert part.figures == []


@pytest.mark.usefixtures("dummy_display")
def test_the_show_is_measured_with_a_virtual_camera(bundle_folder: Path, loopback: Loopback) -> None:
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 1.0, str(loopback.device), rounds=1)
    assert (part.title, part.left_out) == ("whole show: window, HUD, recording, virtual camera", {})
    assert loopback.frames


@pytest.mark.usefixtures("dummy_display")
def test_a_virtual_camera_that_fails_is_not_reported_as_measured(bundle_folder: Path, tmp_path: Path) -> None:
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 1.0, str(tmp_path / "nothing"), rounds=1)
    assert part.title == "whole show: window, HUD, recording"
    assert "virtual camera" in part.left_out["virtual camera"]
    assert part.figures
