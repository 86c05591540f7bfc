"""The units that start a show with its machine: each is well formed, and starts a command that exists."""

import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parent.parent
UNITS = ROOT / "docs/units"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def test_every_unit_starts_the_show_and_has_its_place_in_the_guide() -> None:
    guide = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    names = {path.name for path in UNITS.iterdir()}
    assert names == {"show.service", "show-kiosk.service", "show.plist", "show.xml", "v4l2loopback.conf"}
    for name in names:
        assert f"](units/{name})" in guide
        assert ("run_live.py" in (UNITS / name).read_text(encoding="utf-8")) == (name != "v4l2loopback.conf")


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("name", ["show.service", "show-kiosk.service"])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    text = (UNITS / name).read_text(encoding="utf-8")
    # Programs that this machine may lack; systemd looks them up.
    true = shutil.which("true")
    text = re.sub(r"(?<=ExecStart=)\S+", str(true), text)
    (tmp_path / name).write_text(text)
    own = {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    user = ["--user"] if name == "show.service" else []
    done = subprocess.run(
        ["systemd-analyze", *user, "verify", tmp_path / name],
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_property_list_of_macos() -> None:
    unit = plistlib.loads((UNITS / "show.plist").read_bytes())
    assert unit["ProgramArguments"][3:] == ["run_live.py", "--settings", "show.toml", "--supervise"]
    assert unit["RunAtLoad"] is True
    assert unit["KeepAlive"] == {"SuccessfulExit": False}


def test_the_task_of_windows() -> None:
    task = ElementTree.parse(UNITS / "show.xml").getroot()
    assert task.tag == f"{TASK}Task"
    # There, --supervise is refused.
    assert task.findtext(f".//{TASK}Arguments") == "run_live.py --settings show.toml"
    assert task.findtext(f".//{TASK}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f".//{TASK}RestartOnFailure/{TASK}Interval") == "PT1M"
