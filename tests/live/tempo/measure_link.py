"""Beat of a real show against that of another program: `python -m tests.live.tempo.measure_link --seconds 600`.

The show plays the shipped model in real time, without a window. After half of the time, the other program changes the
tempo from 97 to 133.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

import numpy as np

from live.app import main
from live.controls.remote import RemoteControls, open_remote_controls
from tests.live.tempo.link_peer import Peer, seconds_apart

INTERVAL_SECONDS = 0.1
SETTLING_SECONDS = 1.0
SHOW = ("--no-window", "--link", "--seed", "1", "--tail", "0")


def measure(opened: list[RemoteControls], seconds: float, errors: list[float]) -> None:
    """Collect differences in seconds, from the moment at which the beat is that of the session, and end the show."""
    with closing(Peer(97)) as peer:
        while not (opened and opened[0].beat.leader == "Ableton Link"):
            time.sleep(INTERVAL_SECONDS)
        beat = opened[0].beat
        for bpm in (97, 133):
            peer.read(bpm)
            time.sleep(SETTLING_SECONDS)
            end = time.monotonic() + seconds / 2
            while time.monotonic() < end:
                errors.append(seconds_apart(beat, peer))
                time.sleep(INTERVAL_SECONDS)
    opened[0].pending.put("quit", None)


def command() -> None:
    """Play, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    seconds = parser.parse_args().seconds
    opened: list[RemoteControls] = []
    errors: list[float] = []

    @contextmanager
    def kept(*arguments: object, **options: object) -> Iterator[RemoteControls]:
        with open_remote_controls(*arguments, **options) as remote:  # type: ignore[arg-type]
            opened.append(remote)
            yield remote

    threading.Thread(target=measure, args=(opened, seconds, errors), daemon=True).start()
    with patch("live.show.window_show.open_remote_controls", kept):
        main(SHOW)
    apart = 1000 * np.abs(errors)
    p50, p99 = np.percentile(apart, [50, 99])
    print(f"{len(apart)} readings, ms apart: p50 {p50:.2f}, p99 {p99:.2f}, most {apart.max():.2f}")


if __name__ == "__main__":
    command()
