"""Curves of a training for TensorBoard, which a full disk interrupts but does not end."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]  # no stubs
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]  # no stubs
from torch.utils.tensorboard.summary import scalar

FORMAT = "brain.Event:2"


class Curves:
    """File of points, which keeps those that the disk does not take until it does.

    torch's `SummaryWriter` writes in a thread, which a full disk ends for good, with a traceback.
    """

    def __init__(self, folder: Path, first_step: int) -> None:
        """Prepare a new file; it is made with the first points.

        Args:
            folder: of TensorBoard's files, which is made if need be.
            first_step: older points from it on, of a session that was killed, are no longer shown.
        """
        self._path = folder / f"events.out.tfevents.{time.time():.6f}.{os.getpid()}"
        self._unwritten = bytearray()
        self._append(Event(step=first_step, file_version=FORMAT))
        self._append(Event(step=first_step, session_log=SessionLog(status=SessionLog.START)))

    def add(self, values: dict[str, float], step: int) -> None:
        """Add a point to some curves; points that the disk does not take are kept for the next call.

        Raises:
            OSError: the disk does not take them.
        """
        for name, value in values.items():
            self._append(Event(step=step, summary=scalar(name, value)))
        self.write()

    def write(self) -> None:
        """Write what the disk has not taken yet.

        Raises:
            OSError: it does not take it now.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab", buffering=0) as file:
            while self._unwritten:
                # A full disk may take a part of a point: the rest follows it later.
                del self._unwritten[: file.write(self._unwritten)]

    def _append(self, event: Event) -> None:
        event.wall_time = time.time()
        record = BytesIO()
        RecordWriter(record).write(event.SerializeToString())
        self._unwritten += record.getvalue()
