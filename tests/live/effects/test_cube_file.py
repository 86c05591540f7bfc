"""Files of look-up tables: what is read, and what is refused in a line."""

import os
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.effects.cube_file import LARGEST_BYTES, read_cube
from live.errors import SettingsError

CORNERS = "0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "look.cube"
    path.write_text(text)
    return path


def test_a_table_is_read_with_red_fastest(tmp_path: Path) -> None:
    text = f'# made by hand\nTITLE "LUT_3D_SIZE 9"\n\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 -1\nDOMAIN_MAX 1 2 1\n{CORNERS}'
    cube = read_cube(write(tmp_path, text))
    blue, green, red = np.mgrid[:2, :2, :2]
    np.testing.assert_array_equal(cube.values, np.stack([red, green, blue], axis=3))
    assert (cube.low, cube.high) == ((0, 0, -1), (1, 2, 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_table_of_another_program_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "look.cube"
    header = '\ufeffTITLE\t"A look"\nLUT_3D_SIZE\t2\nLUT_3D_INPUT_RANGE\t0.0\t2.0\n'
    text = f"{header}{CORNERS}".replace("\n", "\r\n").replace("1 1 1", "1e0 1.5 -0.1")
    path.write_bytes(text.encode(encoding))
    cube = read_cube(path)
    np.testing.assert_array_equal(cube.values[1, 1, 1], [1, 1, 0])
    assert (cube.low, cube.high) == ((0, 0, 0), (2, 2, 2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no LUT_3D_SIZE"),
        (CORNERS, "it has no LUT_3D_SIZE"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "it has a line 'LUT_1D_SIZE'"),
        ("<html>\n", "it has no LUT_3D_SIZE"),
        ("LUT_3D_SIZE 1\n0 0 0\n", "no whole number within its bounds"),
        ("LUT_3D_SIZE 1000000000\n0 0 0\n", "no whole number within its bounds"),
        ("LUT_3D_SIZE " + "9" * 10000, "no whole number within its bounds"),
        ("LUT_3D_SIZE -2\n", "no whole number within its bounds"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "it has 1 colours instead of 8"),
        (f"LUT_3D_SIZE 2\n{CORNERS}0 0 0\n", "it has 9 colours instead of 8"),
        (f"LUT_3D_SIZE 2\n{CORNERS}".replace("1 1 1", "1 1 1 1"), "it has 25 numbers where 24 belong"),
        (f"LUT_3D_SIZE 2\n{CORNERS}".replace("1 1 1", "1 1 0x1"), "something else among its numbers"),
        (f"LUT_3D_SIZE 2\n{CORNERS}".replace("1 1 1", "1 1 -nan"), "one of its numbers is too large or NaN"),
        (f"LUT_3D_SIZE 2\n{CORNERS}".replace("1 1 1", "1 1 1e999"), "one of its numbers is too large or NaN"),
        (f"LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\n{CORNERS}", "its domain is empty"),
        (f"LUT_3D_SIZE 2\nDOMAIN_MAX 1 1\n{CORNERS}", "it has 2 numbers where 3 belong"),
        (f"LUT_3D_SIZE 2\nDOMAIN_MAX nan nan nan\n{CORNERS}", "one of its numbers is too large or NaN"),
        ("LUT_3D_SIZE 2\n" + "A" * 100000, "it has a line 'A"),
        ("LUT_3D_SIZE 2\n\x1b[2J 1 2", "it has 1 colours instead of 8"),
    ],
)
def test_a_hostile_file_is_refused_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read_cube(write(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_what_is_no_file_of_bounded_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--lut .*missing.cube cannot be read \(No such file"):
        read_cube(tmp_path / "missing.cube")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_cube(tmp_path)
    os.mkfifo(tmp_path / "pipe.cube")
    with pytest.raises(SettingsError, match="it is a pipe or a device"):
        read_cube(tmp_path / "pipe.cube")
    with (tmp_path / "large.cube").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(SettingsError, match="more than the 16 MiB"):
        read_cube(tmp_path / "large.cube")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "look.cube"
    path.write_bytes(os.urandom(20000))
    with pytest.raises(SettingsError, match="is no 3D look-up table"):
        read_cube(path)


def test_a_show_with_a_bad_table_is_refused_before_it_begins(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "LUT_3D_SIZE 2\n")
    assert main(["--model", str(bundle_folder), "--headless", "--lut", str(path)]) == 2
    said = f"error: --lut {path} is no 3D look-up table (it has 0 colours instead of 8); give another .cube file\n"
    printed = capsys.readouterr()
    assert (printed.out, printed.err[printed.err.index("error") :]) == ("", said)
