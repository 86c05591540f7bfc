"""Shows at the same time, each with a process of its own that watches it."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

# New interpreters: a copy of this process would have copies of its threads' locks.
PROCESSES = multiprocessing.get_context("spawn")


def at_once(
    work: Callable[[Job, Path], Result], jobs: Sequence[Job], number: int, folder: Path
) -> Iterator[tuple[Job, Result]]:
    """Do jobs, and yield each with its result as soon as it is done.

    All that still runs is ended when the iterator is closed, or when it raises.

    Args:
        work: Does a job in a new folder, which it removes. Both must be picklable.
        jobs: The jobs, in the order in which they begin.
        number: Number of jobs at the same time.
        folder: Folder for the folders of the jobs.

    Raises:
        RuntimeError: The process of a job ended, for example by an exception, which is on stderr.
    """
    left = iter(jobs)
    processes: list[BaseProcess] = []
    busy: dict[Connection, Job] = {}

    def begin(connection: Connection) -> None:
        """Send the next job, if there is one."""
        for job in left:
            connection.send(job)
            busy[connection] = job
            return

    try:
        connections = []
        for each in range(min(number, len(jobs))):
            ours, theirs = PROCESSES.Pipe()
            processes.append(PROCESSES.Process(target=_serve, args=[work, folder / f"stage-{each + 1}", theirs]))
            processes[-1].start()
            theirs.close()
            connections.append(ours)
        for ours in connections:
            begin(ours)
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                job = busy.pop(ready)
                try:
                    result: Result = ready.recv()
                except EOFError:
                    raise RuntimeError(f"the process that watched {job} ended") from None
                begin(ready)
                yield job, result
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _serve(work: Callable[[Job, Path], Result], folder: Path, connection: Connection) -> None:
    """Do the jobs that come until a signal comes."""
    # In a terminal they reach the campaign, too, which ends this process. Not ignored: the shows would inherit that.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    while True:
        try:
            job = connection.recv()
        except EOFError:
            # The campaign was killed.
            return
        connection.send(work(job, folder))
