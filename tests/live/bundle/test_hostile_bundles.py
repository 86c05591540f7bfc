"""Bundles that somebody made to break the stage: refused in one line, at once, and in little memory."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.bundle.checksums import FILE
from live.errors import BundleError
from tests.hostile import at_once_and_in_little_memory, mutated
from tests.live.bundle.hostile import folder, refused, with_model
from tests.live.bundles import (
    METADATA,
    make_half_model,
    make_model,
    write_bundle,
)

__all__ = ["at_once_and_in_little_memory", "folder"]  # fixtures

SIGNS = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}


# ----------------------------------------------------------------------------
# Files.


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv", FILE])
def test_a_part_that_is_no_regular_file(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert "a pipe or a device" in refused(folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    assert "a pipe or a device" in refused(folder)


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv", FILE])
def test_a_part_that_is_too_large(folder: Path, name: str) -> None:
    (folder / name).touch()
    os.truncate(folder / name, 40 * 2**30)  # sparse: it takes no room on the disk
    assert "it has more than the" in refused(folder)


def test_a_path_that_no_system_can_look_up(tmp_path: Path) -> None:
    assert "too long" in refused(tmp_path / ("x" * 5000))
    assert "too long" in refused(Path("/".join(["x" * 200] * 25)))
    assert "its name is none" in refused(tmp_path / "a\0b")


# ----------------------------------------------------------------------------
# Checksums.


def with_sums(folder: Path, *names: str) -> Path:
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / FILE).write_text("".join(lines))
    return folder


def test_whole_files_have_their_sums(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", fp16=make_half_model())
    with_sums(folder, "generator.onnx", "generator.fp16.onnx", "seed.mkv")
    bundle = read_bundle(folder, 0)
    assert bundle.in_precision("fp16").graph == bundle.graph


def test_sums_that_an_editor_has_rewritten_are_read(folder: Path) -> None:
    """On Windows it begins them with a byte order mark, and ends lines in two characters."""
    with_sums(folder, "generator.onnx", "seed.mkv")
    (folder / FILE).write_text((folder / FILE).read_text(), encoding="utf-8-sig", newline="\r\n")
    read_bundle(folder, 0)
    (folder / "seed.mkv").write_bytes(b"another film")
    assert "seed.mkv is damaged or was replaced" in refused(folder)


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv"])
def test_a_damaged_file_has_another_sum(folder: Path, name: str) -> None:
    with_sums(folder, "generator.onnx", "seed.mkv")
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert refused(folder).endswith(f"{name} is damaged or was replaced ({FILE} names another); export the model again")


def test_a_damaged_network_in_another_precision_has_another_sum(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", fp16=make_half_model())
    with_sums(folder, "generator.onnx", "generator.fp16.onnx")
    (folder / "generator.fp16.onnx").write_bytes(make_model().SerializeToString())
    bundle = read_bundle(folder, 0)
    with pytest.raises(BundleError, match=r"generator\.fp16\.onnx is damaged or was replaced"):
        bundle.in_precision("fp16")


@pytest.mark.parametrize("data", [b"nonsense\n", b"\xff\n", b"0" * 64 + b"\n"])
def test_a_list_of_sums_that_is_none(folder: Path, data: bytes) -> None:
    (folder / FILE).write_bytes(data)
    assert FILE in refused(folder)


# ----------------------------------------------------------------------------
# Metadata.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("frame_rate", "1e999999999"),
        ("frame_rate", "1e-400"),
        ("frame_rate", "1e-99999999"),
        ("frame_rate", "1/1000000000"),
        ("frame_rate", "9" * 5000),
        ("stride", "9" * 5000),
        ("stride", "9" * 300),
        ("context_frames", "9" * 5000),
        ("format_version", "\x1b[2J\n" * 1000),
        ("seed_shot_starts", "[" * 5000 + "]" * 5000),
        ("seed_shot_starts", "[" + "9" * 5000 + "]"),
        ("seed_shot_starts", "[0,1" + "0" * 400 + "]"),
        ("seed_shot_starts", json.dumps([*range(100_000)])),
        ("seed_shot_starts", "[0" + ",0" * 30_000_000 + "]"),
        ("life_signs", "[" * 5000 + "]" * 5000),
        ("life_signs", '{"a":' * 5000 + "1" + "}" * 5000),
        ("life_signs", "{" + " " * 60_000_000 + "}"),
        ("life_signs", json.dumps(SIGNS | {"stillness": 1e308})),
        ("life_signs", json.dumps(SIGNS | {"motion": 10**400})),
        ("life_signs", json.dumps(SIGNS | {"sharpness": [-1e300, 1e300]})),
        ("life_signs", json.dumps(SIGNS | {"colour": [[0, 1]] * 100_000})),
        ("life_signs", json.dumps(SIGNS | {"odd": [[0, 0, "A" * 256]] * 2000, "contrast": 1, "grain": 1, "light": 1})),
    ],
    ids=lambda text: text[:20],
)
def test_numbers_and_json_without_bounds(folder: Path, key: str, value: str) -> None:
    refused(with_model(folder, make_model(metadata=METADATA | {key: value})))


def test_a_title_is_shown_without_escape_sequences(folder: Path) -> None:
    for title, shown in (("\x1b[2JHats\nand more\x07", " [2JHats and more "), ("x" * 100_000, None)):
        bundle = read_bundle(with_model(folder, make_model(metadata=METADATA | {"title": title})), 0)
        assert bundle.title == shown or (shown is None and len(bundle.title) <= 200)


# ----------------------------------------------------------------------------
# Anything.


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv"])
def test_a_part_that_is_changed_anywhere_is_refused_or_read(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    refusals = 0
    for seed in range(60):
        (folder / name).write_bytes(mutated(whole, seed))
        try:
            read_bundle(folder, tail_seconds=3)
        except BundleError:
            refusals += 1
    assert refusals > 5, "the changes change nothing"
