"""Text that an encoding cannot hold: characters are replaced, and no training is lost."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import onnx
import pytest

from live.reading.text import printable
from tests.train.conftest import WriteFilm, numbered
from tests.train.export.runs import SMALL, export_run, train_a_little
from train.__main__ import console
from train.console import accept_any_text
from train.data.film import Film, load_film
from train.images.contact_sheet import contact_sheet, write_picture
from train.pix2pix.pairs import read_pairs
from train.runtime.run_folder import PictureFacts, Run

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names that are not UTF-8")


def studio(folder: Path, *arguments: str | Path) -> str:
    """Run a command whose output can hold nothing but ASCII."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "train", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_film_with_a_stray_byte_in_its_name_becomes_a_bundle(hats_film: Film, tmp_path: Path) -> None:
    run = Run(train_a_little(hats_film, tmp_path / "run", SMALL))
    facts, settings = run.load_facts()
    run.save_facts(replace(facts, title="h\udcfcte", rights="\udca9 wir"), settings)
    assert json.loads((tmp_path / "run/run.json").read_text())["film"]["title"] == "h?te"
    export_run(tmp_path / "run", tmp_path / "bundle")
    model = onnx.load(str(tmp_path / "bundle/generator.onnx"))
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert (metadata["title"], metadata["rights"]) == ("h?te", "? wir")
    assert "\n# h?te\n" in (tmp_path / "bundle/README.md").read_text(encoding="utf-8")
    with av.open(str(tmp_path / "bundle/seed.mkv")) as seed:
        assert seed.metadata["title"] == "h?te"


@linux
def test_a_film_is_named_by_a_file_with_a_stray_byte(write_film: WriteFilm, tmp_path: Path) -> None:
    path = write_film(numbered(3), os.fsdecode(b"h\xfcte.mkv"))
    assert load_film(path, (64, 48), "crop", tmp_path / "cache").title == "h?te"


def test_a_console_replaces_what_it_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    accept_any_text()
    console().print("A → B: h\udcfcte")
    sys.stdout.flush()
    assert written.getvalue() == b"A ? B: h?te\n"


def test_the_help_is_printed_in_ascii(tmp_path: Path) -> None:
    assert "Usage" in studio(tmp_path, "fit", "--help")


def test_a_run_of_before_is_read_with_a_printable_title(tmp_path: Path) -> None:
    run = Run(tmp_path)
    facts = PictureFacts("Discs", "ours", "1" * 64, (48, 48), "crop", "pairs", "AtoB", 20, 2)
    run.save_facts(facts, {})
    path = tmp_path / "run.json"
    path.write_text(path.read_text().replace("Discs", "D\\udcfcscs"))
    assert run.load_facts()[0].title == "D?scs"


@linux
def test_an_out_folder_that_libraries_cannot_write_to_is_refused_at_once(hats_cut: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "train", "fit", str(hats_cut), "--out", os.fsdecode(b"r\xfcn")]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "give another --out" in done.stderr
    assert not list(tmp_path.iterdir())


@linux
def test_pictures_with_stray_bytes_in_their_names_are_read_and_written(tmp_path: Path) -> None:
    for number in range(2):
        write_picture(tmp_path / os.fsdecode(b"%d \xff.png" % number), numbered(2)[number])
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert np.array_equal(pairs.b, np.stack(numbered(2)))
    assert contact_sheet(numbered(1), ["a \udcff"], 1).any()


def test_a_title_in_another_encoding_is_read(write_film: WriteFilm, tmp_path: Path) -> None:
    path = write_film(numbered(3))
    with av.open(str(tmp_path / "named.mkv"), "w") as named, av.open(str(path)) as film:
        named.metadata["title"] = "Cafe_"
        stream = named.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                named.mux(packet)
    content = (tmp_path / "named.mkv").read_bytes()
    (tmp_path / "named.mkv").write_bytes(content.replace(b"Cafe_", "Café ".encode("latin-1")))
    assert load_film(tmp_path / "named.mkv", (64, 48), "crop", tmp_path / "cache").title == "Caf\ufffd "


def test_only_what_is_not_utf_8_is_replaced() -> None:
    assert printable("Hüte · 帽子 🎩") == "Hüte · 帽子 🎩"
    assert printable("a\udcff.mp4") == "a?.mp4"
