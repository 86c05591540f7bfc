"""The command `run_live.py` with parts that fail on request: the webcam's driver, and the steps of the network.

What they do stands in files of the folder that the environment variable names: "does" for the driver
(`tests.live.scripted_capture`), "step" for the steps: "work", "hang", "broken" (each fails), and once only: "fail",
"memory", "nan".
"""

import errno
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

FOLDER = "CAMPAIGN_FOLDER"
# The campaign waits for what the status says.
STATUS_SECONDS = 0.25
# Frames of NaN, which a broken driver of a GPU may leave.
NOT_A_NUMBER = float("nan")


def main() -> int:
    """Run a show with the faulty parts in place."""
    import live.camera.devices
    import live.camera.webcam
    import live.monitoring.monitor
    from live.app import main as run_show
    from live.camera.devices import Device
    from live.inference.model import Model
    from tests.live.scripted_capture import open_scripted

    folder = Path(os.environ[FOLDER])
    webcam = Device(0, "/dev/video0", str(folder), "A Camera")
    live.camera.devices.list_devices = lambda **_: [webcam] if (folder / "does").read_text() != "absent" else []
    live.camera.webcam.Webcam = partial(live.camera.webcam.Webcam, open_capture=open_scripted)  # type: ignore[assignment,misc]
    live.monitoring.monitor.STATUS_SECONDS = STATUS_SECONDS
    step = Model.step

    def faulty_step(model: Model, *arguments: Any, **named: Any) -> Any:
        try:
            deed = (folder / "step").read_text()
        except OSError as error:
            # A show that has no descriptor left takes steps all the same.
            if error.errno != errno.EMFILE:
                raise
            deed = "work"
        while deed == "hang":
            time.sleep(1)
        if deed in ("fail", "memory", "nan"):
            (folder / "step").write_text("work")
        if deed == "memory":
            raise MemoryError
        if deed in ("fail", "broken"):
            raise RuntimeError("a kernel failed")
        if deed == "nan":
            model.set_context(model.context() * NOT_A_NUMBER)
        return step(model, *arguments, **named)

    Model.step = faulty_step  # type: ignore[assignment,method-assign]
    return run_show()


if __name__ == "__main__":
    from live.process.ending import run_to_the_end

    if "--supervise" in sys.argv:
        from live.supervision.supervisor import main as supervise

        run_to_the_end(supervise)
    run_to_the_end(main)
