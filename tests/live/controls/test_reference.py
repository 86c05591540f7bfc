"""The table of controls for readers: `--list-controls` and docs/controls.md."""

from live.controls.reference import PAGE, controls_page, list_controls
from live.controls.table import CONTROLS


def test_the_list_has_a_line_for_every_control_with_its_address_and_range() -> None:
    head, *lines = list_controls().splitlines()
    assert head.split() == ["name", "keys", "OSC", "type", "range", "meaning"]
    for control, line in zip(CONTROLS.values(), lines, strict=True):
        for part in (control.name, control.label, f"/{control.name} ", control.type, control.range, control.meaning):
            assert part in line


def test_the_page_has_a_row_for_every_control() -> None:
    rows = [line for line in controls_page().splitlines() if line.startswith("| ")]
    assert {row.split("`")[1] for row in rows if "`" in row} == {f"/{name}" for name in CONTROLS}
    assert sum("`" in row for row in rows) == len(CONTROLS)


def test_the_page_in_docs_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == controls_page(), "write it anew: python -m live.controls.reference"
