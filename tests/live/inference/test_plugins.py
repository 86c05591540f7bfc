"""Plug-in providers: taken if they work and are faster, and one line says why if not."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import onnxruntime as ort
import pytest

from live.bundle.bundle import Bundle, read_bundle
from live.doctor.case import Case
from live.doctor.plugins import check_plugins
from live.errors import ProviderError
from live.inference.options import InferenceOptions
from live.inference.plugins import PLUGINS, devices
from live.inference.selection import open_model
from live.inference.sessions import Candidate, Provider, missing_reason, open_candidate
from live.settings import Settings
from live.timings import Timings
from tests.live.bundles import make_model, write_bundle

ACCELERATORS: tuple[Provider, ...] = ("cuda", "coreml", *PLUGINS)
pytestmark = pytest.mark.skipif(
    any(not missing_reason(each) for each in ACCELERATORS), reason="this machine has one of its own"
)

MODULE = PLUGINS["webgpu"].module
# ONNX Runtime's own CPU provider, as if it came from a plug-in: registered by hand, chosen by its device.
WORKING = """
import onnxruntime
onnxruntime.register_execution_provider_library = lambda name, path: None
def get_library_path(): return ""
def get_ep_name(): return "CPUExecutionProvider"
"""
NO_LIBRARY = "def get_library_path(): return __file__\ndef get_ep_name(): return 'WebGpuExecutionProvider'\n"
WITHOUT_DEVICES = WORKING.replace('"CPUExecutionProvider"', '"WebGpuExecutionProvider"')
CRASHING = "import os\nos.abort()\n"
ANY, NONE = 1e-6, 1e6
Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a plug-in of this source."""
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(ort, "register_execution_provider_library", ort.register_execution_provider_library)

    def write(source: str) -> None:
        (tmp_path / "site" / f"{MODULE}.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    sys.modules.pop(MODULE, None)
    devices.cache_clear()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read_bundle(write_bundle(tmp_path / "b", make_model(camera=True)), 0)


def opened(bundle: Bundle, faster: float = ANY, provider: str = "auto") -> str:
    options = InferenceOptions(provider="webgpu" if provider == "webgpu" else "auto")
    return open_model(bundle, options, Timings(), faster=faster, wait=True).label


def test_a_plugin_that_shows_the_same_and_is_faster_takes_over(
    bundle: Bundle, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(WORKING)
    assert opened(bundle) == "WebGPU"
    assert "WebGPU takes over" in capsys.readouterr().out
    assert opened(bundle, NONE) == "CPU"
    assert "WebGPU is not used: a step takes" in capsys.readouterr().out
    assert opened(bundle, NONE, "webgpu") == "WebGPU", "a provider that was asked for need not be fast"


@pytest.mark.parametrize(
    ("source", "reason"),
    [(NO_LIBRARY, "fp32: "), (WITHOUT_DEVICES, "fp32: it finds no device here"), (CRASHING, "its process crashed")],
)
def test_a_plugin_that_fails_or_crashes_is_one_line(
    bundle: Bundle, install: Install, capsys: pytest.CaptureFixture[str], source: str, reason: str
) -> None:
    install(source)
    assert opened(bundle) == "CPU"
    said = capsys.readouterr().out
    assert f"WebGPU is not used: {reason}" in said or (source == CRASHING and reason in said)
    assert said.count("\n") == 1
    with pytest.raises(ProviderError, match=r"^WebGPU: .*use --provider cpu instead"):
        opened(bundle, provider="webgpu")


def test_a_plugin_that_is_not_installed_is_named_only_where_it_was_asked_for(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert opened(bundle) == "CPU"
    assert capsys.readouterr().out == ""
    with pytest.raises(ProviderError, match=r"^WebGPU: onnxruntime-ep-webgpu is not installed; "):
        opened(bundle, provider="webgpu")


def test_the_doctor_names_plugins_and_their_devices(install: Install) -> None:
    case = Case(Settings())
    assert check_plugins(case).state == "not applicable"
    install(WORKING)
    found = check_plugins(case)
    assert (found.state, found.fact) == ("ok", "WebGPU: CPU")


def test_the_doctor_warns_of_a_plugin_without_a_device(install: Install) -> None:
    install(WITHOUT_DEVICES)
    found = check_plugins(Case(Settings()))
    assert (found.state, found.fact) == ("warning", "WebGPU: finds no device")


def test_a_plugin_is_given_the_buffers_in_each_step(bundle: Bundle, install: Install) -> None:
    """Plug-ins copy what is bound to them at that moment: WebGPU saw the first input for ever."""
    install(WORKING)
    model = open_candidate(bundle, Candidate("webgpu", "fp32"))
    bindings = list(model._bindings)
    for _ in range(2):
        model.step(None, 1.0)
    assert not {id(each) for each in bindings} & {id(each) for each in model._bindings}
