"""One install: the wheel that `python -m build` makes plays its film in a fresh environment, from an empty folder."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import av
import pytest

ROOT = Path(__file__).parent.parent
# Files that somebody's checkout holds beside those that the build reads.
OTHERS = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "docs", "runs", "tests")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
PROBE = "import live, train, run_live; print(*(each.__file__ for each in (live, train, run_live)), sep='\\n')"

pytestmark = pytest.mark.slow


def output_of(*command: object, folder: Path) -> str:
    """Run a command in a folder, without the variables that lead Python to a checkout."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the source distribution, with the build tools of this environment."""
    folder = tmp_path_factory.mktemp("build")
    source = shutil.copytree(ROOT, folder / "source", ignore=OTHERS)
    # Bundles of one's own lie here too.
    shutil.copytree(ROOT / "models/hats", source / "models/mine")
    output_of(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source, folder=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands in a fresh environment, which has the libraries of this one and none of its code."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / SCRIPTS / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps"]
    output_of(*pip, wheel, folder=folder)
    own = output_of(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip()
    # A line of such a file adds a folder, without the editable installs in it.
    libraries = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    Path(own, "libraries.pth").write_text("\n".join(sorted(libraries)), encoding="utf-8")
    return folder / SCRIPTS


def test_the_wheel_holds_what_a_show_needs_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert folders == {"live", "models", "run_live.py", "train"}
    shipped = {path.name for path in (ROOT / "models/hats").iterdir()} - {"contact-sheet.jpg"}
    assert {name for name in names if name.startswith("models/")} == {f"models/hats/{name}" for name in shipped}
    files = [path for half in ("live", "train") for path in (ROOT / half).rglob("*.py")]
    for page in ("live/web/page", "train/watching/page"):
        files += (ROOT / page).iterdir()
    sources = {str(path.relative_to(ROOT).as_posix()) for path in files}
    assert {name for name in names if name.startswith(("live/", "train/"))} == sources


def test_the_show_plays_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    files = output_of(installed / "python", "-c", PROBE, folder=tmp_path).splitlines()
    assert [file for file in files if not file.startswith(str(installed.parent))] == []
    command = [installed / "ninety-seconds", "--headless", "--tail", "1", "--seconds", "1", "--record", "after.mkv"]
    output_of(*command, "--stats", "stats.json", folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after.mkv", "stats.json"]
    assert json.loads((tmp_path / "stats.json").read_text())["frames"]["after_end"] == 24
    with av.open(str(tmp_path / "after.mkv")) as recording:
        assert len(list(recording.decode(video=0))) == 48


def test_the_commands_name_themselves_in_their_help(installed: Path, tmp_path: Path) -> None:
    for name, other in (("ninety-seconds", "run_live.py"), ("ninety-seconds-train", "python -m train")):
        printed = output_of(installed / name, "--help", folder=tmp_path)
        assert f"Usage: {name} " in printed
        assert other not in printed


def test_the_studio_without_pytorch_says_how_to_get_it(tmp_path: Path) -> None:
    program = "import sys, runpy; sys.modules['torch'] = None; runpy.run_module('train', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("train: error: PyTorch is missing; ")
    assert done.stderr.count("\n") == 1
