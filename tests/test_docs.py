"""Every Markdown page: its links lead somewhere, its lines are wrapped, and what it tells people to type exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.benchmark.__main__ import main as benchmark
from live.controls.table import CONTROLS
from live.settings import parse_settings
from live.web.__main__ import main as web
from live.web.serve import main as serve
from tests.campaign.__main__ import app as campaign
from train.__main__ import main as train
from train.pix2pix.recipes import PICTURE_RECIPES
from train.training.recipes import RECIPES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
WIDTH = 100
CAMPAIGN_COMMANDS = ("faults", "kills", "files", "endurance")
TRAIN_COMMANDS = ("evaluate", "export", "fit", "sample-film")
OTHER_PROGRAMS = {"--nproc-per-node", "--no-deps", "--logdir", "--check", "--user", "--from", "--only-binary"}
"""Options of torchrun, pip, TensorBoard, ruff, systemctl, uvx and uv."""

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
TRAIN_COMMAND = re.compile(r"python -m train ([a-z][a-z-]*)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:live|train|tests|docs)/[\w/.-]+\.(?:py|md))`")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def options_in(text: str) -> set[str]:
    return set(OPTION.findall(text))


def commands_in(text: str) -> Iterator[str]:
    """Yield the lines of a page, each with the lines that continue it after a backslash."""
    yield from re.sub(r"\\\n\s*", "", text).splitlines()


@pytest.fixture
def options(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Return the options that each program's own help names."""
    # Narrow help breaks long names.
    monkeypatch.setenv("COLUMNS", "200")
    known = {}
    parse_settings(["--help"])
    known["run_live.py"] = options_in(capsys.readouterr().out)
    benchmark(["--help"])
    known["live.benchmark"] = options_in(capsys.readouterr().out)
    web(["--help"])
    serve(["--help"])
    known["live.web"] = options_in(capsys.readouterr().out)
    for command in CAMPAIGN_COMMANDS:
        campaign([command, "--help"], result_action="return_value")
    known["tests.campaign"] = options_in(capsys.readouterr().out)
    for command in TRAIN_COMMANDS:
        train([command, "--help"])
        known[f"train {command}"] = options_in(capsys.readouterr().out)
    assert all(len(each) > 1 for each in known.values())
    return {program: each | {"--help", "--debug"} for program, each in known.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = [link for link in LINK.findall(read(page)) if not link.startswith("https://")]
    assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_of_the_code_exist(page: Path) -> None:
    assert [path for path in PATH.findall(read(page)) if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_wrapped(page: Path) -> None:
    lines = read(page).split("\n")
    long = [line for line in lines if len(line) > WIDTH and not line.startswith(("|", "!["))]
    assert long == [], f"wrap these at {WIDTH} columns"
    assert [line for line in lines if line != line.rstrip()] == [], "these end in spaces"
    assert lines[-1] == "", "the page does not end in a line feed"
    assert lines[-2] != "", "the page ends in an empty line"


def test_pages_name_no_option_that_a_program_does_not_have(options: dict[str, set[str]]) -> None:
    known = OTHER_PROGRAMS.union(*options.values())
    assert {page.name: unknown for page in PAGES if (unknown := options_in(read(page)) - known)} == {}


def test_commands_in_pages_have_the_options_that_they_are_given(options: dict[str, set[str]]) -> None:
    wrong = []
    for page in PAGES:
        for line in commands_in(read(page)):
            # A line of prose may name several programs; a command that can be pasted names one.
            programs = [name for name in options if name in line]
            if len(programs) == 1 and line.startswith("    "):
                wrong += [f"{page.name}: {line}"] * bool(options_in(line) - options[programs[0]] - OTHER_PROGRAMS)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_recipes_exist(page: Path) -> None:
    text = read(page)
    assert set(TRAIN_COMMAND.findall(text)) <= set(TRAIN_COMMANDS)
    assert set(re.findall(r"--recipe ([a-z]\w*)", text)) <= RECIPES.keys() | PICTURE_RECIPES.keys()


def test_the_performer_finds_every_key() -> None:
    rows = [line.split("|") for line in read(ROOT / "docs/performing.md").split("\n") if line[:1] == "|"]
    # Tables without keys have two columns.
    keys = [row[3].strip() for row in rows if len(row) == 5]
    assert sorted(keys[2:]) == sorted(control.label for control in CONTROLS.values() if control.label)
