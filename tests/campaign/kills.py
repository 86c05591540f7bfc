"""Sub-campaign of kills: shows that are killed while they record, at any moment."""

import os
import random
import signal
import statistics
import sys
import time
from functools import partial
from pathlib import Path

from tests.campaign.at_once import at_once
from tests.campaign.report import seconds, table
from tests.campaign.results import Results
from tests.campaign.stage import Stage, write_campaign_bundle

LATEST_SECONDS = 3.0
MOST_LOST_SECONDS = 1.0
KIND = "kill"
HEAD = ("SIGKILL while recording", "playable", "lost, median", "lost, at most")


def kill_table(times: int, folder: Path, results: Results | None = None, *, shows: int = 1) -> tuple[str, list[str]]:
    """Kill shows, and report progress on stderr.

    Args:
        times: Number of shows. Each has its own moment, the same in every campaign.
        folder: Empty folder for their files.
        results: Outcomes so far, which are not made again; None for none.
        shows: Number of shows at the same time.

    Returns:
        The table, and a line for everything that was not as expected.
    """
    results, bundle = results or Results(None), write_campaign_bundle(folder / "model")
    left = range(len(results.of(KIND)), times)
    for number, lost_seconds in at_once(partial(_kill_one, bundle=bundle), left, shows, folder):
        results.add(KIND, {"lost": lost_seconds})
        print(f"kill {number + 1}: {seconds(lost_seconds)} lost", file=sys.stderr, flush=True)
    lost: list[float] = [each["lost"] for each in results.of(KIND)[:times]]
    playable = [each for each in lost if each != float("inf")]
    troubles = [
        f"kill {number + 1}: {seconds(each)} lost" for number, each in enumerate(lost) if each > MOST_LOST_SECONDS
    ]
    row = (times, len(playable), seconds(statistics.median(lost)), seconds(max(lost)))
    return table(HEAD, [row]), troubles


def _kill_one(number: int, folder: Path, bundle: Path) -> float:
    """Kill the show of this number some time after its first frames. Return the seconds that its recording lacks."""
    after = random.Random(number).uniform(0.0, LATEST_SECONDS)
    stage = Stage(folder, bundle)
    try:
        stage.screen.start()
        stage.start((), {}, supervised=False)
        if not stage.shows():
            return float("inf")
        time.sleep(after)
        assert stage.process is not None
        os.kill(stage.process.pid, signal.SIGKILL)
        stage.process.wait()
        return stage.lost_seconds()
    finally:
        stage.close()
