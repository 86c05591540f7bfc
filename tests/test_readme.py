"""README: short, and true to what CI runs."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", ['pip install -e ".[train,test]" && pytest', "pip install -e . && python run_live.py"]
)
def test_ci_runs_the_two_commands_of_readme(command: str) -> None:
    assert f"    {command}" in README
    assert f"\n{command}" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_readme_takes_two_minutes() -> None:
    assert len(README.split()) <= 900, "README has 900 words at most; move details to a page in docs/"


def test_readme_names_the_test_of_its_promise() -> None:
    assert "Nothing is ever recorded or sent that was not asked for" in " ".join(README.split())
    name = "tests/test_nothing_is_sent.py"
    assert name in README
    assert (ROOT / name).is_file()
