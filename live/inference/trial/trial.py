"""Trial of a bundle's networks: their shapes and first steps, in a process that has little time and memory.

A network whose opening or step never ends, or takes all memory, shows that here, and not in the process of the show.
"""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import get_args

from live.bundle.bundle import Bundle, Precision, network_path
from live.errors import BundleError
from live.inference.options import InferenceOptions
from live.inference.sessions import TRIED, Provider, missing_reason
from live.inference.trial.trial_process import BEYOND_MEMORY_EXIT_CODE, REFUSED_EXIT_CODE

# Bounds of the computing of one core, and of the memory, for each million of pixels: one at least.
SECONDS, MIB = 3.0, 512
PIXELS, MOST_PIXELS = 2**20, 2**23
# The only limit where the system counts no computing. A machine may be so busy that an honest step takes long, and one
# of low priority much longer.
HANGING_SECONDS, HANGING_IN_BACKGROUND_SECONDS = 60.0, 600.0
ROOT = Path(__file__).parents[3]
# Run from here, so that it needs neither an installed package nor the present folder.
COMMAND = "import sys; sys.path.insert(0, {root!r}); from live.inference.trial.trial_process import main; main()"
LOW_PRIORITY = "import os; getattr(os, 'nice', int)(10); "


class Trial:
    """Trial of the networks that a show may open. It begins at once, beside whatever else is opened.

    Args:
        bundle: The bundle.
        options: What the user asked for; None for all networks of the bundle.
        hanging_seconds: Longest time for all of them, however busy the machine is; None for the usual one.
        background: True if a show plays meanwhile: then the process computes when nothing else does, where the system
            can do that.
    """

    def __init__(
        self,
        bundle: Bundle,
        options: InferenceOptions | None = None,
        hanging_seconds: float | None = None,
        *,
        background: bool = False,
    ) -> None:
        share = min(max(bundle.graph.height * bundle.graph.width, PIXELS), MOST_PIXELS) / PIXELS
        self.seconds = SECONDS * share
        """Seconds of one core that a network may take; on a slow machine it is more."""
        self.mib = round(MIB * share)
        """Memory that it may take, in MiB."""
        usual_seconds = HANGING_IN_BACKGROUND_SECONDS if background else HANGING_SECONDS
        self._hanging_seconds = usual_seconds if hanging_seconds is None else hanging_seconds
        self._error: Exception | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-c", (LOW_PRIORITY if background else "") + COMMAND.format(root=str(ROOT))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the show.
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._run, args=[bundle, options], name="trial", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until all networks have taken a step.

        Raises:
            BundleError: One is refused by its shapes, or takes too much time or memory.
        """
        self._thread.join()
        if self._error:
            raise self._error

    def close(self) -> None:
        """End the trial if it still runs."""
        self._process.kill()
        self._thread.join()

    def _run(self, bundle: Bundle, options: InferenceOptions | None) -> None:
        try:
            self._try(_networks(bundle, options))
        # For `wait`.
        except Exception as error:
            self._error = error

    def _try(self, networks: Sequence[tuple[Path, bytes]]) -> None:
        """Raise `BundleError` if one of these files and their content takes too much."""
        process = self._process
        assert process.stdin
        assert process.stdout
        timer = threading.Timer(self._hanging_seconds, process.kill)
        timer.start()
        try:
            head = [(str(path), len(network), self.seconds, self.mib * 2**20) for path, network in networks]
            # It may have ended already.
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(json.dumps(head).encode() + b"\n")
                for _, network in networks:
                    pipe.write(network)
            with process.stdout as pipe:
                lines = pipe.read().decode("utf-8", "replace").split("\n")[:-1]
            code = process.wait()
        finally:
            timer.cancel()
        if code == REFUSED_EXIT_CODE:
            raise BundleError(lines[-1])
        if len(lines) == len(networks):
            return
        path, _ = networks[len(lines)]
        if code == BEYOND_MEMORY_EXIT_CODE:
            bound = f"takes more than {self.mib} MiB of memory"
        elif code == -getattr(signal, "SIGXCPU", 0):
            bound = f"takes more than about {self.seconds:.3g} s on one core"
        else:
            bound = f"ends or hangs its process (exit code {code})"
        raise BundleError(f"{path}: the network's first step {bound}; use a smaller model, or export it again")


def try_networks(bundle: Bundle) -> None:
    """Try all networks of a bundle, and wait until each has taken a step.

    Raises:
        BundleError: One is refused by its shapes, or takes too much time or memory.
    """
    with closing(Trial(bundle)) as trial:
        trial.wait()


def _networks(bundle: Bundle, options: InferenceOptions | None) -> Sequence[tuple[Path, bytes]]:
    """Return the networks that are to be tried: their files and contents."""
    precisions: tuple[Precision, ...] = get_args(Precision)
    found = []
    for each in precisions:
        if bundle.has(each) and (options is None or _may_open(each, options)):
            # The search for the best provider passes over a network that breaks the contract.
            with suppress(BundleError):
                found.append((network_path(bundle.folder, each), bundle.in_precision(each).model_bytes))
    return found


def _may_open(precision: Precision, options: InferenceOptions) -> bool:
    """Return whether a show may open the network of a precision."""
    if options.precision != "auto":
        return precision in ("fp32", options.precision)
    accelerators: tuple[Provider, ...] = ("cuda", *TRIED)
    on_gpu = options.provider != "cpu" and not all(missing_reason(each) for each in accelerators)
    return {"fp32": True, "fp16": on_gpu, "int8": options.provider in ("auto", "cpu")}[precision]
