"""The walls of the house: which room may import which, and what a room may load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the top down. A room imports from the layers below its own and from itself, never sideways or upwards.
LIVE_LAYERS = (
    ("live.benchmark",),
    ("live.app",),
    ("live.doctor", "live.web"),
    ("live.show", "live.render"),
    ("live.settings",),
    ("live.playback",),
    ("live.inference",),
    ("live.camera", "live.bundle", "live.effects"),
    ("live.supervision",),
    ("live.controls", "live.display", "live.outputs", "live.monitoring"),
    ("live.modulation", "live.tempo"),
    ("live.audio",),
    ("live.stats", "live.option_types", "live.images", "live.decoding"),
    ("live.files", "live.frame", "live.geometry", "live.latest_slot", "live.timings", "live.waiting"),
    ("live.process",),
    ("live.console",),
    ("live.errors", "live.paths"),
    ("live.reading",),
)
TRAIN_LAYERS = (
    ("train.__main__",),
    ("train.pix2pix",),
    ("train.export",),
    ("train.training",),
    ("train.evaluation",),
    ("train.metrics",),
    ("train.data", "train.watching"),
    ("train.runtime", "train.models"),
    ("train.images", "train.sample_film"),
    ("train.console",),
    ("train.errors",),
)
# Rooms and modules of the stage from which the studio imports too: what both halves do alike stands here, once. They
# import nothing of the stage but each other, and so raise no error of the show: each half says its own line. The stage
# imports nothing of the studio.
FOR_BOTH_HALVES = (
    "live.decoding",
    "live.reading",
    "live.images.frame_figures",
    "live.bundle.bounds",
    "live.process.cores",
    "live.paths",
    "live.frame",
)
# Libraries and the rooms that may import them. `train` may import torch anywhere, `live` nowhere.
LIBRARY_ROOMS = {
    ("live", "torch"): set[str](),
    ("live", "train"): set[str](),
    ("live", "tensorboard"): set[str](),
    ("live", "onnxruntime"): {"live.inference", "live.benchmark"},
    ("live", "pygame"): {"live.display", "live.controls.midi.ports"},
    ("live", "pythonosc"): {"live.controls.osc"},
    ("live", "link"): {"live.tempo.link_session"},
    ("live", "miniaudio"): {"live.audio.inputs"},
    ("live", "pyvirtualcam"): {"live.outputs.virtual_camera_process"},
    ("live", "cyndilib"): {"live.outputs.devices.ndi", "live.camera.programs.ndi"},
    ("live", "SpoutGL"): {"live.outputs.devices.spout", "live.camera.programs.spout"},
    ("live", "syphon"): {"live.outputs.devices.syphon", "live.camera.programs.syphon"},
    ("live", "onnx"): {"live.bundle.graph_contract", "live.benchmark", "live.web"},
    ("train", "pygame"): set[str](),
    ("train", "pyvirtualcam"): set[str](),
    ("train", "onnxruntime"): {"train.evaluation.bundle_runner", "train.export.quantization"},
}


def module_name(path: Path) -> str:
    """Return the dotted name of a file; that of its folder for `__init__.py`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(half: str) -> dict[str, Path]:
    """Return every module of `live` or `train` by its dotted name."""
    return {module_name(path): path for path in sorted((ROOT / half).rglob("*.py"))}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the dotted name of every module that a file imports, inside functions too."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*inside, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from live.inference import sessions` imports a module, not a name of one.
                inner = ROOT.joinpath(*name.split("."), f"{alias.name}.py")
                yield f"{name}.{alias.name}" if inner.is_file() else name


def is_inside(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def room_of(module: str, layers: tuple[tuple[str, ...], ...]) -> tuple[int, str]:
    """Return the layer and the room of a module."""
    found = [(level, room) for level, rooms in enumerate(layers) for room in rooms if is_inside(module, room)]
    assert found, f"{module} stands in no layer of tests/test_walls.py"
    return found[0]


@pytest.mark.parametrize(("half", "layers"), [("live", LIVE_LAYERS), ("train", TRAIN_LAYERS)])
def test_imports_point_downwards(half: str, layers: tuple[tuple[str, ...], ...]) -> None:
    wrong = []
    for module, path in modules(half).items():
        if module == half:
            continue
        level, room = room_of(module, layers)
        for imported in sorted(imports(path)):
            if not imported.startswith(half + "."):
                continue
            other_level, other_room = room_of(imported, layers)
            if other_room != room and other_level <= level:
                wrong.append(f"{module} imports {imported}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("half", ["live", "train"])
def test_no_files_import_each_other(half: str) -> None:
    known = modules(half)
    graph = {module: {name for name in imports(path) if name in known} for module, path in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports go in a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize(("half", "library"), LIBRARY_ROOMS)
def test_a_library_stays_in_its_rooms(half: str, library: str) -> None:
    rooms = LIBRARY_ROOMS[half, library]
    importers = {m for m, path in modules(half).items() if any(is_inside(name, library) for name in imports(path))}
    strangers = {module for module in importers if not any(is_inside(module, room) for room in rooms)}
    assert strangers == set()
    unused = {room for room in rooms if not any(is_inside(module, room) for module in importers)}
    assert unused == set(), "rooms that no longer need the library"


@pytest.mark.parametrize("half", ["live", "train"])
def test_folders_explain_themselves(half: str) -> None:
    # A folder without modules holds files for browsers.
    folders = {path.parent for path in (ROOT / half).rglob("*.py")} - {ROOT / half}
    assert all((folder / "__init__.py").is_file() for folder in folders)
    full = {folder.name: count for folder in [ROOT / half, *folders] if (count := len(list(folder.glob("*.py")))) > 15}
    assert full == {}


def test_the_studio_imports_only_what_is_for_both_halves_of_the_stage() -> None:
    for half in ("live", "train"):
        for module, path in modules(half).items():
            if half == "live" and not any(is_inside(module, room) for room in FOR_BOTH_HALVES):
                continue
            of_the_stage = {name for name in imports(path) if is_inside(name, "live")}
            strangers = {name for name in of_the_stage if not any(is_inside(name, room) for room in FOR_BOTH_HALVES)}
            assert strangers == set(), f"{module} imports them"


def test_what_is_for_both_halves_loads_neither_window_nor_network_nor_command_line() -> None:
    names = [name for name in modules("live") if any(is_inside(name, room) for room in FOR_BOTH_HALVES)]
    packages = {"live", *(room.rpartition(".")[0] for room in FOR_BOTH_HALVES)}
    others = set(modules("live")) - {*packages, *names}
    heavy = {"cyclopts", "onnx", "onnxruntime", "pygame", "rich", "torch", "train"}
    assert loaded_one_by_one(names, watched=heavy | others) == {}


def test_run_live_imports_the_stage_alone() -> None:
    assert {name.split(".")[0] for name in imports(ROOT / "run_live.py")} == {"live", "sys", "typing"}


def loaded_by(program: str, *, watched: set[str]) -> set[str]:
    """Run a program in a process of its own and return which of the watched modules it loaded."""
    return set(ast.literal_eval(output_of(f"{program}\nimport sys; print(sorted({watched!r} & sys.modules.keys()))")))


def loaded_one_by_one(names: list[str], *, watched: set[str]) -> dict[str, list[str]]:
    """Import modules in a process, one after the other. Return those of which one loaded watched ones, and which."""
    program = (
        "import importlib, sys\n"
        "loaded, known = {}, set()\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        f"    if new := sorted({watched!r} & sys.modules.keys() - known):\n"
        "        loaded[name] = new\n"
        "    known.update(new)\n"
        "print(loaded)\n"
    )
    found: dict[str, list[str]] = ast.literal_eval(output_of(program))
    return found


def output_of(program: str) -> str:
    """Run a program in a process of its own and return the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_arithmetic_of_the_stage_loads_no_command_line() -> None:
    names = [
        "live.geometry",
        "live.frame",
        "live.files",
        "live.latest_slot",
        "live.timings",
        "live.images.scaling",
        "live.camera.shared_frames",
        "live.display.crossfade",
        "live.playback.fade",
        "live.playback.frame_clock",
    ]
    assert loaded_one_by_one(names, watched={"cyclopts", "rich", "pygame", "onnx", "onnxruntime", "av"}) == {}


def test_arithmetic_of_the_studio_loads_no_networks() -> None:
    names = [
        "train.images.pixels",
        "train.images.thumbnails",
        "train.images.contact_sheet",
        "train.metrics.film_statistics",
        "train.metrics.life_signs",
        "train.metrics.rollout_metrics",
        "train.metrics.patch_distance",
        "train.metrics.camera_metrics",
        "train.metrics.fidelity",
        "train.metrics.scoring",
        "train.data.film",
        "train.data.shots",
    ]
    watched = {"cyclopts", "onnx", "onnxruntime", "train.models.generator", "train.models.discriminators"}
    assert loaded_one_by_one(names, watched=watched) == {}


@pytest.mark.parametrize(
    "module",
    [
        "live.camera.webcam_process",
        "live.camera.programs.sources",
        "live.outputs.virtual_camera_process",
        "live.outputs.devices.ndi",
    ],
)
def test_a_process_of_its_own_loads_no_more_than_its_device_needs(module: str) -> None:
    program = (
        "import runpy\n"
        # Such a process first loads the command's own file, but not as a command.
        "runpy.run_path('run_live.py', run_name='__mp_main__')\n"
        f"import {module}\n"
    )
    assert loaded_by(program, watched={"av", "cyclopts", "onnx", "onnxruntime", "pygame", "torch"}) == set()


def test_a_show_loads_no_check_of_the_doctor() -> None:
    watched = {name for name in modules("live") if name.startswith("live.doctor.")}
    assert loaded_by("import live.app", watched=watched) == set()


def test_the_whole_stage_imports_where_torch_is_missing() -> None:
    blocked = "import sys\nfor name in ('torch', 'train', 'tensorboard'): sys.modules[name] = None\n"
    program = blocked + "\n".join(f"import {module}" for module in modules("live") if not module.endswith("__main__"))
    assert loaded_by(program, watched=set()) == set()


def test_durations_are_measured_by_clocks_that_nobody_sets() -> None:
    """The time of day jumps: by NTP after a start without a battery, by hand, in spring and autumn."""
    wall_clocks = {"time", "time_ns", "now", "today", "utcnow", "localtime", "gmtime", "ctime", "strftime"}
    found = {
        module
        for module, path in modules("live").items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in wall_clocks
        and isinstance(node.value, ast.Name)
        and node.value.id in {"time", "datetime", "date"}
    }
    # Opening hours, times in the status, and names of files. The log's times are those of `logging`.
    assert found == {"live.app", "live.files", "live.monitoring.monitor", "live.playback.opening_hours"}
