import shutil
from pathlib import Path

import pytest
from cv2_enumerate_cameras import CameraInfo

from live.camera.devices import (
    Device,
    LinuxFolders,
    device_lines,
    find_again,
    find_device,
    is_device_name,
    list_devices,
)
from live.errors import CameraError


class Plugs:
    """Webcams as Linux describes them: device nodes, and the links by which they are found again."""

    def __init__(self, folder: Path) -> None:
        self._nodes = folder / "dev"
        self._folders = LinuxFolders(folder / "by-id", folder / "by-path", folder / "interfaces")
        self._found: list[CameraInfo] = []

    def plug(self, *webcams: tuple[int, str, str]) -> None:
        """Replace the webcams that are plugged in.

        Args:
            webcams: (number, maker's name, end of its link by identity or ""). A dash in the link stands before a
                serial number.
        """
        shutil.rmtree(self._folders.interfaces, ignore_errors=True)
        for folder in (self._nodes, self._folders.by_id, self._folders.by_socket):
            folder.mkdir(exist_ok=True)
            for path in folder.iterdir():
                path.unlink()
        self._found = []
        for index, name, identity in webcams:
            node = self._nodes / f"video{index}"
            node.touch()
            if identity:
                (self._folders.by_id / f"usb-{identity}").symlink_to(node)
            usb = self._folders.interfaces / f"usb{index}"
            (usb / "interface").mkdir(parents=True)
            (self._folders.interfaces / node.name).mkdir()
            (self._folders.interfaces / node.name / "device").symlink_to(usb / "interface")
            if "-" in identity:
                (usb / "serial").write_text(identity)
            (self._folders.by_socket / f"socket-{index}").symlink_to(node)
            self._found.append(CameraInfo(index, name, str(node), None, None, 0))

    def devices(self) -> list[Device]:
        return list_devices(enumerate_backend=lambda backend: self._found, folders=self._folders)


@pytest.fixture
def plugs(tmp_path: Path) -> Plugs:
    plugs = Plugs(tmp_path)
    plugs.plug((2, "C920", "c920-1"), (0, "Lid", ""), (4, "C920", "c920-2"))
    return plugs


def test_webcams_are_listed_by_number_with_their_stable_names(plugs: Plugs, tmp_path: Path) -> None:
    assert plugs.devices() == [
        Device(0, f"{tmp_path}/dev/video0", f"{tmp_path}/by-path/socket-0", "Lid"),
        Device(2, f"{tmp_path}/dev/video2", f"{tmp_path}/by-id/usb-c920-1", "C920"),
        Device(4, f"{tmp_path}/dev/video4", f"{tmp_path}/by-id/usb-c920-2", "C920"),
    ]
    assert list(device_lines(plugs.devices()))[1] == f"2  {tmp_path}/by-id/usb-c920-1  C920"


def test_each_name_finds_its_webcam(plugs: Plugs, tmp_path: Path) -> None:
    lid, first, _ = devices = plugs.devices()
    for name in ("2", first.stable_name, str(tmp_path / "dev" / "video2"), str(tmp_path / "by-path" / "socket-2")):
        assert find_device(name, devices) == first
    assert find_device("Lid", devices) == lid
    assert find_device(None, devices) == lid


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("7", "--camera 7: there is no such file or webcam; --list-devices lists the webcams"),
        ("gone.mkv", "--camera gone.mkv: there is no such file"),
        ("C920", "2 webcams have this name; give "),
    ],
)
def test_a_name_of_none_or_of_two_is_one_line(plugs: Plugs, name: str, message: str) -> None:
    with pytest.raises(CameraError, match=message) as caught:
        find_device(name, plugs.devices())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [None, "3"])
def test_without_any_webcam_the_message_says_so(name: str | None) -> None:
    with pytest.raises(CameraError, match="there is no webcam; plug one in"):
        find_device(name, [])


def test_after_a_replug_the_same_webcam_is_found_and_no_other(plugs: Plugs) -> None:
    webcam = find_device("2", plugs.devices())
    # Its number is now another webcam's, of the same make.
    plugs.plug((2, "C920", "c920-2"), (5, "C920", "c920-1"))
    again = find_again(webcam, plugs.devices())
    assert again is not None
    assert (again.index, again.stable_name) == (5, webcam.stable_name)
    plugs.plug((2, "C920", "c920-2"), (0, "Lid", ""))
    assert find_again(webcam, plugs.devices()) is None
    # Without a serial number: another make in the same socket.
    plugs.plug((0, "Lid", ""))
    lid = find_device("Lid", plugs.devices())
    plugs.plug((0, "Endoscope", ""))
    assert find_again(lid, plugs.devices()) is None


def test_of_two_that_only_their_sockets_tell_apart_the_other_is_never_taken(plugs: Plugs) -> None:
    # Without serial numbers they share one link, which leads to the one that was plugged in last.
    plugs.plug((0, "Twin", "twin"), (1, "Twin", ""))
    webcam = find_device("0", plugs.devices())
    assert webcam.stable_name.endswith("socket-0")
    plugs.plug((1, "Twin", "twin"))
    assert find_again(webcam, plugs.devices()) is None
    plugs.plug((0, "Twin", "twin"))
    again = find_again(webcam, plugs.devices())
    assert again is not None
    assert again.index == 0


def test_a_twin_that_comes_later_does_not_inherit_the_name(plugs: Plugs) -> None:
    plugs.plug((0, "Twin", "twin"))
    webcam = find_device("0", plugs.devices())
    # The link leads to the other as soon as the first is unplugged.
    plugs.plug((1, "Twin", "twin"))
    assert find_again(webcam, plugs.devices()) is None
    plugs.plug((1, "Twin", ""), (0, "Twin", "twin"))
    again = find_again(webcam, plugs.devices())
    assert again is not None
    assert again.index == 0


def test_numbers_and_devices_are_webcams_and_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.mkv").touch()
    assert is_device_name("0")
    assert is_device_name("/dev/null")
    assert not is_device_name(str(tmp_path / "a.mkv"))
    assert not is_device_name(str(tmp_path))
    assert not is_device_name("C920")


def test_the_webcams_of_this_machine_can_be_listed() -> None:
    assert all(Path(device.stable_name).exists() for device in list_devices())
