import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cv2_enumerate_cameras import CameraInfo

import live.camera.devices
from live.camera.devices import Device, device_lines, find_again, find_device, is_device_name, list_devices
from live.errors import CameraError

Plugged = Callable[..., None]


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    """Webcams as Linux shows them: nodes, and links by which they are known again."""
    nodes, by_id, by_path, known = (tmp_path / name for name in ("dev", "by-id", "by-path", "known"))
    monkeypatch.setattr(live.camera.devices, "BY_ID", by_id)
    monkeypatch.setattr(live.camera.devices, "BY_SOCKET", by_path)
    monkeypatch.setattr(live.camera.devices, "KNOWN", known)

    def plug(*webcams: tuple[int, str, str]) -> None:
        """Each is (number, maker's name, what its link by identity ends in or "" ).

        It has a serial number if that link has one, after a dash.
        """
        shutil.rmtree(known, ignore_errors=True)
        for folder in (nodes, by_id, by_path):
            folder.mkdir(exist_ok=True)
            for path in folder.iterdir():
                path.unlink()
        found = []
        for index, name, serial in webcams:
            node = nodes / f"video{index}"
            node.touch()
            if serial:
                (by_id / f"usb-{serial}").symlink_to(node)
            usb = known / f"usb{index}"
            (usb / "interface").mkdir(parents=True)
            (known / node.name).mkdir()
            (known / node.name / "device").symlink_to(usb / "interface")
            if "-" in serial:
                (usb / "serial").write_text(serial)
            (by_path / f"socket-{index}").symlink_to(node)
            found.append(CameraInfo(index, name, str(node), None, None, 0))
        monkeypatch.setattr(live.camera.devices, "enumerate_cameras", lambda backend: found)

    plug((2, "C920", "c920-1"), (0, "Lid", ""), (4, "C920", "c920-2"))
    return plug


def test_webcams_are_listed_by_number_with_the_name_that_stays(plugged, tmp_path: Path) -> None:
    assert list_devices() == [
        Device(0, f"{tmp_path}/dev/video0", f"{tmp_path}/by-path/socket-0", "Lid"),
        Device(2, f"{tmp_path}/dev/video2", f"{tmp_path}/by-id/usb-c920-1", "C920"),
        Device(4, f"{tmp_path}/dev/video4", f"{tmp_path}/by-id/usb-c920-2", "C920"),
    ]
    assert list(device_lines())[1] == f"2  {tmp_path}/by-id/usb-c920-1  C920"


def test_each_name_finds_its_webcam(plugged, tmp_path: Path) -> None:
    lid, first, _ = list_devices()
    for name in ("2", first.stable_name, str(tmp_path / "dev" / "video2"), str(tmp_path / "by-path" / "socket-2")):
        assert find_device(name) == first
    assert find_device("Lid") == lid
    assert find_device(None) == lid


def test_what_finds_none_or_two_is_one_line(plugged) -> None:
    for name, said in {
        "7": "--camera 7: there is no such file or webcam; --list-devices says what there is",
        "gone.mkv": "--camera gone.mkv: there is no such file",
        "C920": "2 webcams are called so; give ",
    }.items():
        with pytest.raises(CameraError, match=said) as caught:
            find_device(name)
        assert "\n" not in str(caught.value)
    plugged()
    for name in (None, "3"):
        with pytest.raises(CameraError, match="there is no webcam; plug one in"):
            find_device(name)


def test_after_a_replug_the_same_webcam_is_found_and_no_other(plugged) -> None:
    webcam = find_device("2")
    # Its number is another's now, of the same make.
    plugged((2, "C920", "c920-2"), (5, "C920", "c920-1"))
    again = find_again(webcam)
    assert again is not None
    assert (again.index, again.stable_name) == (5, webcam.stable_name)
    plugged((2, "C920", "c920-2"), (0, "Lid", ""))
    assert find_again(webcam) is None
    # Without a serial number: another make in the same socket.
    plugged((0, "Lid", ""))
    lid = find_device("Lid")
    plugged((0, "Endoscope", ""))
    assert find_again(lid) is None


def test_of_two_that_only_their_sockets_tell_apart_the_other_is_never_taken(plugged) -> None:
    # Without serial numbers they share one link, which leads to the one that was plugged in last.
    plugged((0, "Twin", "twin"), (1, "Twin", ""))
    webcam = find_device("0")
    assert webcam.stable_name.endswith("socket-0")
    plugged((1, "Twin", "twin"))
    assert find_again(webcam) is None
    plugged((0, "Twin", "twin"))
    again = find_again(webcam)
    assert again is not None
    assert again.index == 0


def test_a_twin_that_comes_later_does_not_inherit_the_name(plugged) -> None:
    plugged((0, "Twin", "twin"))
    webcam = find_device("0")
    # The link is the other's as soon as the first is pulled.
    plugged((1, "Twin", "twin"))
    assert find_again(webcam) is None
    plugged((1, "Twin", ""), (0, "Twin", "twin"))
    again = find_again(webcam)
    assert again is not None
    assert again.index == 0


def test_numbers_and_devices_are_webcams_and_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.mkv").touch()
    assert is_device_name("0")
    assert is_device_name("/dev/null")
    assert not is_device_name(str(tmp_path / "a.mkv"))
    assert not is_device_name(str(tmp_path))
    assert not is_device_name("C920")


def test_this_machines_webcams_can_be_listed() -> None:
    assert all(Path(device.stable_name).exists() for device in list_devices())
