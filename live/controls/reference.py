"""The table of controls for readers: as text for `--list-controls`, as Markdown for docs/controls.md.

`python -m live.controls.reference` writes the page anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from live.controls.control import Control, Group, Parameter
from live.controls.table import CONTROLS

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"
INTRODUCTION = """\
# Controls

Everything that can be done while a show runs. Each control has keys and an OSC address, and can be
paired with a MIDI knob or button. `python run_live.py --list-controls` prints the same table.

- **Keys** work in the window of the show; H shows them there.
- **Parameters**: a key that is held repeats, faster and faster. With Ctrl, its steps are ten times
  finer. With Alt, some keys move a second parameter. With Shift, a letter or an arrow sets its
  parameter to the default: Shift + F the zoom, Alt + Shift + O the contrast. `0` sets all to their
  defaults.
- **Quitting**: Esc leaves the help, then the learning, then fullscreen. When there is nothing left
  to leave, Esc or Q pressed twice within two seconds ends the show. A message `/quit` ends it at
  once, and a kiosk has none of these keys.
- **Other keyboards**: letters go by the layout, and by place where it has no Latin ones (Cyrillic,
  Greek). The number row and the two keys to its right always go by place: on AZERTY, `1` … `9`
  need no Shift, and `)` is slower, `=` faster. The number pad recalls presets, too.
- **Models**: F1 … F9 need more than one `--model`. Some notebooks want Fn with them.
- **OSC**: begin with `--osc 9000`, and send for example `/zoom 0.5` or `/blackout 1` to UDP port
  9000 of this machine. A number outside a float's range counts as the end of the range. Other
  messages are ignored, counted, and said once for each kind. Other machines are heard only if
  `--osc-allow` names them ([performing.md](performing.md)).
- **A surface that follows**: `--osc-feedback HOST:PORT` sends the parameters, toggles, faders, and
  the numbers of `/recall`, `/model`, `/shot` and `/seed` to the same addresses, whenever one
  changes. `/refresh` sends them all. `--midi-feedback` moves motor faders and lights lamps.
- **A program that asks**: `--osc-query 9001` tells it over HTTP what OSC can move (OSCQuery).
- **How often**: each action is done ten times a second at most, single steps sixty times, presets
  recalled four times, presets and pictures stored once, and recordings and fullscreen switched
  every two seconds. A few more are possible after a pause. Keys are counted apart from OSC and
  MIDI. A toggle that is set to 0 or 1 too often takes the last state a little later.
- **MIDI**: begin with `--midi`, press L, touch a control (its key, or OSC) and move a knob. The
  middle of a knob is the default of its parameter. A control without a key is touched over OSC, or
  written into the map.
- **Tempo**: Enter, `/tap`, `/tempo`, the clock of the MIDI device or an Ableton Link session
  (`--link`) set it. With `--quantize beat` or `bar`, what begins anew (`/reseed_from_end`, `/shot`,
  `/seed` …), another model and presets that are recalled wait for the next beat or bar.
- **Choices** are numbers over OSC, and names in presets and on the command line.
- **Faders** are moved like parameters, over OSC or by a MIDI knob. They have no keys, and presets
  do not hold them.
- **Presets** are TOML files whose keys are the names of parameters. Shift and a digit stores one,
  the digit recalls it. A line `glide = 4` in the file makes the parameters move there in four
  seconds. A table `[modulation]` binds parameters to waves or to the camera's movement
  ([performing.md](performing.md)). A line `model = 2` chooses a model.
- Every parameter is also an option: `--camera-mix 0.5`.

This page is made from `live/controls/table.py`: `python -m live.controls.reference` writes it.
"""


def list_controls() -> str:
    """Return the whole table as text, one control a line: name, keys, OSC address, type, range and meaning."""
    rows = [
        ("name", "keys", "OSC", "type", "range", "meaning"),
        *(
            (name, control.label, f"/{name}", control.type, control.range, control.meaning)
            for name, control in CONTROLS.items()
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join((*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    )


def controls_page() -> str:
    """Return docs/controls.md: the introduction, and a Markdown table for each group of controls."""
    sections = [INTRODUCTION]
    for group in get_args(Group):
        controls = [control for control in CONTROLS.values() if control.group == group]
        sections.append("\n".join(_section(group, controls)))
    return "\n".join(sections)


def _section(title: str, controls: list[Control]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| Keys | OSC | Type | Range | Meaning |"
    yield "|---|---|---|---|---|"
    for control in controls:
        span, meaning = control.range, control.meaning
        if isinstance(control, Parameter):
            span = f"{span}, default {control.text(control.default)}"
            # The help says what the keys do, in their order.
            meaning = "; ".join(filter(None, (control.help, meaning.removeprefix("feedback: "))))
        yield f"| {control.label} | `/{control.name}` | {control.type} | {span} | {meaning} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(controls_page(), encoding="utf-8")
