"""README promises what is there: the commands that CI runs, and the keys of the one table."""

from pathlib import Path

import pytest

from live.controls.table import HELP

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", ['pip install -e ".[train,test]" && pytest', "pip install -e . && python run_live.py"]
)
def test_ci_runs_the_two_commands_of_readme(command: str) -> None:
    assert f"    {command}" in README
    assert f"\n{command}" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_readme_knows_every_key() -> None:
    assert "\n".join(f"| {keys} | {meaning} |" for keys, meaning in HELP) in README


def test_every_file_that_readme_links_exists() -> None:
    links = [part.split(")")[0] for part in README.split("](")[1:]]
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).is_file()] == []
