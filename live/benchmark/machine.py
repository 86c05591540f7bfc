"""Facts of this machine and of the installed versions, to be written beside every figure."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import onnxruntime as ort

from live.inference.session_options import session_options
from live.process.cores import usable_cores

# Processor features that make convolutions faster, as Linux names them.
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16", "asimd")
PACKAGES = {
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime"),
    "numpy": ("numpy",),
    "pygame": ("pygame", "pygame-ce"),
    "onnx": ("onnx",),
}


def machine() -> dict[str, str]:
    """Return what is known of this machine, in words, by name."""
    options = session_options()
    return {
        "cpu": _cpu_model() or platform.processor() or platform.machine(),
        "cores": f"{usable_cores()} usable",
        "flags": " ".join(sorted(_cpu_flags().intersection(FLAGS))) or "unknown",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "threads": f"{options.intra_op_num_threads} of the network's own",
        "providers": ", ".join(ort.get_available_providers()),
        "python": platform.python_version(),
        **{name: _version(names) for name, names in PACKAGES.items()},
    }


def _cpu_model() -> str:
    if platform.system() == "Darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return _cpuinfo("model name")


def _cpu_flags() -> set[str]:
    return set(f"{_cpuinfo('flags')} {_cpuinfo('Features')}".split())


def _cpuinfo(key: str) -> str:
    """Return what Linux says of the first core; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


def _version(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
