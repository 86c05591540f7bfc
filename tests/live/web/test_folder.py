"""The folder of a page: what it holds, and what is refused."""

import gzip
import json
from pathlib import Path

import av
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from live.web.__main__ import main
from live.web.runtime import FILES
from tests.live.bundles import FILM_FRAMES, HEIGHT, RATE, WIDTH, make_film, make_model, write_bundle

PAGE_FILES = {path.name for path in (Path(__file__).parents[3] / "live/web/page").iterdir()}
OWN_FILES = {"film.json", "generator.fp32.onnx.gz", "last-0.webp", "last-1.webp", "poster.jpg", "tail.webm"}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle", make_model(camera=True))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with the names of the npm package's files."""
    folder = tmp_path / "package" / "dist"
    folder.mkdir(parents=True)
    for name in (*FILES, "ort.all.js"):
        (folder / name).write_text(name, encoding="utf-8")
    return tmp_path / "package"


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return a picture, uint8 [height, width, 3] RGB."""
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def test_a_page_holds_all_that_a_browser_needs(bundle: Path, package: Path, tmp_path: Path) -> None:
    page = tmp_path / "page"
    assert main([str(bundle), str(page), "--runtime", str(package)]) == 0
    assert {path.name for path in page.iterdir()} == PAGE_FILES | OWN_FILES | {"runtime"}
    assert {path.name for path in (page / "runtime").iterdir()} == set(FILES)
    facts = json.loads((page / "film.json").read_text(encoding="utf-8"))
    assert facts["inputs"].pop("context") == {"type": "float32", "shape": [1, 6, HEIGHT, WIDTH]}
    assert facts["inputs"].pop("camera") == {"type": "uint8", "shape": [HEIGHT, WIDTH, 3]}
    assert facts["inputs"].keys() == {"noise", "temperature", "camera_mix"}
    assert (facts["title"], facts["size"], facts["rate"], facts["notes"]) == ("A Test", [HEIGHT, WIDTH], RATE, [])
    assert facts["networks"] == {"fp32": {"file": "generator.fp32.onnx.gz", "tables": []}}
    packed = (page / "generator.fp32.onnx.gz").read_bytes()
    onnx.checker.check_model(onnx.load_model_from_string(gzip.decompress(packed)))


def test_the_film_is_there_as_video_and_its_end_to_the_bit(bundle: Path, tmp_path: Path) -> None:
    page = tmp_path / "page"
    assert main([str(bundle), str(page)]) == 0
    film = make_film()
    last = [read_picture(page / f"last-{number}.webp") for number in range(2)]
    np.testing.assert_array_equal(last, film[-2:])
    assert read_picture(page / "poster.jpg").shape == (HEIGHT, WIDTH, 3)
    with av.open(str(page / "tail.webm")) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert stream.codec_context.codec.canonical_name == "vp9"
        assert stream.average_rate is not None
        assert float(stream.average_rate) == RATE
    assert len(frames) == FILM_FRAMES
    assert np.abs(np.stack(frames).astype(int) - film).mean() < 8


def test_without_the_runtime_a_line_says_what_to_put_beside_it(
    bundle: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page"
    assert main([str(bundle), str(page)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"page: {page}",
        f"put {', '.join(FILES)} of the npm package onnxruntime-web into {page / 'runtime'}, or give --runtime",
        f"next: python -m live.web.serve {page}",
    ]
    # A page that has it keeps it when it is written anew.
    assert main([str(bundle), str(page), "--runtime", str(package), "--overwrite"]) == 0
    assert main([str(bundle), str(page), "--overwrite"]) == 0
    assert (page / "runtime" / FILES[0]).is_file()


def test_what_is_no_page_is_not_replaced(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "letter.txt").write_text("mine", encoding="utf-8")
    assert main([str(bundle), str(page), "--overwrite"]) == 2
    assert f"{page} is no page and will not be replaced" in capsys.readouterr().err
    assert [path.name for path in page.iterdir()] == ["letter.txt"]


def test_a_page_is_replaced_only_when_that_is_asked_for(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page"
    assert main([str(bundle), str(page)]) == 0
    assert main([str(bundle), str(page)]) == 2
    assert f"{page} exists already; give another folder, or --overwrite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["BUNDLE", "page", "--runtime", "."], "--runtime . does not hold ort.wasm.min.mjs"),
        (["nowhere", "page"], "there is no model folder nowhere"),
        (["BUNDLE", "page", "--size", "3"], "Unknown option: --size"),
    ],
)
def test_bad_input_is_one_line(
    bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([str(bundle) if word == "BUNDLE" else word for word in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "page").exists()
