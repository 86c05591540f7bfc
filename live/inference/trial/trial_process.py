"""Process of a trial: checks and opens networks and takes one step of each, with little time and memory.

Only `live.inference.trial.trial` starts it. On stdin it gets a line of JSON, with the name, bytes and limits of each
network, and then the networks. It prints an empty line for each that is well, and ends at the first that is not.
"""

import contextlib
import io
import json
import math
import sys
import time

import numpy as np
import onnxruntime as ort

from live.bundle.graph_contract import check_results
from live.errors import BundleError
from live.inference.model import NUMPY_TYPES
from live.inference.session_options import session_options

BEYOND_MEMORY_EXIT_CODE, REFUSED_EXIT_CODE = 3, 4
# Imports of this module took so much computing where the time that a network may take was found right. Where they take
# longer, a sound network does, too.
IMPORT_SECONDS = 0.25
# The copies of the weights that ONNX Runtime makes are no fault of a network.
COPIES = 3


def main() -> None:
    """Try the networks of stdin one after the other."""
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    slowness = max(1.0, time.process_time() / IMPORT_SECONDS)
    for name, size, seconds, memory in json.loads(sys.stdin.buffer.readline()):
        network = sys.stdin.buffer.read(size)
        _limit(slowness * seconds, memory + COPIES * size)
        try:
            check_results(network, name)
            _take_step(network)
        except BundleError as error:
            print(error, flush=True)
            sys.exit(REFUSED_EXIT_CODE)
        # The show says itself what else ONNX Runtime refuses. A lack of memory has many forms, without a common parent.
        except Exception as error:
            if isinstance(error, MemoryError) or "alloc" in str(error):
                sys.exit(BEYOND_MEMORY_EXIT_CODE)
        print(flush=True)


def _take_step(network: bytes) -> None:
    options = session_options()
    # The limit counts the time of all threads.
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    session.run(None, {put.name: np.zeros(put.shape, NUMPY_TYPES[put.type]) for put in session.get_inputs()})


def _limit(seconds: float, memory: int) -> None:
    """Let this process compute for so many seconds more, and take so many bytes more, where the system can do that."""
    with contextlib.suppress(ImportError):  # Windows
        import resource

        _set(resource.RLIMIT_CORE, 0)
        _set(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds))
        with contextlib.suppress(OSError), open("/proc/self/statm") as file:
            _set(resource.RLIMIT_DATA, int(file.read().split()[5]) * resource.getpagesize() + memory)


def _set(limit: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
