"""TensorRT's engines: built once for a network, a GPU and the versions of all libraries, and kept.

An engine takes minutes to build. It lies in a folder of the user's cache, and the folder's name depends on everything
that the engine depends on. An engine that cannot be opened is deleted and built again: it is a copy of work, never the
only one.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import onnxruntime as ort

from live.console import say
from live.paths import home_folder

Session = TypeVar("Session")

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
QUERY_SECONDS = 10
BROKEN = "deserialize"  # in ONNX Runtime's message of an engine that it cannot read
LIBRARIES = {"Windows": "nvinfer_10.dll", "Linux": "libnvinfer.so.10"}


def missing() -> str:
    """Return why TensorRT cannot be used; empty if it may work."""
    if "TensorrtExecutionProvider" not in ort.get_available_providers():
        return "this ONNX Runtime is built without it"
    return "" if _library() else "its library is not installed"


def open_session(model_bytes: bytes, *, open_with: Callable[[dict[str, str]], Session]) -> Session:
    """Return the session that `open_with` makes of TensorRT's options, which name the folder of this network's engines.

    Broken engines are deleted and built again. Raises what else `open_with` raises.
    """
    folder = cache_folder() / key(model_bytes)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return open_with(_options(folder))
    except Exception as error:
        if BROKEN not in str(error).lower():
            raise
    shutil.rmtree(folder, ignore_errors=True)
    say(f"TensorRT's engine in {folder} was broken; it is built again")
    folder.mkdir(parents=True, exist_ok=True)
    return open_with(_options(folder))


def cache_folder() -> Path:
    """Return the folder of the engines of all networks."""
    if platform.system() == "Windows":
        root = Path(os.environ.get("LOCALAPPDATA", home_folder() / "AppData" / "Local"))
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", home_folder() / ".cache"))
    return root / "ninety-seconds-after" / "tensorrt"


def key(model_bytes: bytes) -> str:
    """Return a name of all that an engine depends on: network, GPU and driver, and both libraries' versions."""
    depends = (hashlib.sha256(model_bytes).hexdigest(), _gpu(), _version(), ort.__version__)
    return hashlib.sha256(repr(depends).encode()).hexdigest()[:24]


def _options(folder: Path) -> dict[str, str]:
    # Without trt_fp16_enable each layer has the network's own type: the film memory of the fp16 one stays in fp32.
    return {
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(folder),
        # A CUDA graph would be captured once for both bindings, but their buffers differ.
        "trt_cuda_graph_enable": "0",
    }


def _gpu() -> str:
    try:
        asked = subprocess.run(QUERY, capture_output=True, text=True, check=True, timeout=QUERY_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return asked.stdout.strip()


def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(LIBRARIES.get(platform.system(), LIBRARIES["Linux"]))
    except OSError:
        return None


def _version() -> int:
    """Return TensorRT's version as one number; 0 without it."""
    library = _library()
    return int(library.getInferLibVersion()) if library else 0
