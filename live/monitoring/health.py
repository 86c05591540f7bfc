"""Health of a show over HTTP: one GET, answered with 200 while frames are shown, else with 503."""

import errno
from collections.abc import Callable

from live.errors import OutputError
from live.process.json_server import Answer, JsonServer


class HealthServer(JsonServer):
    """Answers every GET in a thread of its own.

    Args:
        host: Address of this machine at which to listen.
        port: TCP port; 0 for any free one.
        seconds_since_frame: Returns the seconds since a frame was shown; None if there was none yet.
        fresh_seconds: Returns the longest time without a frame that counts as healthy.

    Raises:
        OutputError: The port is not available, which may pass.
    """

    def __init__(
        self,
        host: str,
        port: int,
        seconds_since_frame: Callable[[], float | None],
        *,
        fresh_seconds: Callable[[], float],
    ) -> None:
        def answer(path: str, client: str) -> Answer:
            seconds = seconds_since_frame()
            healthy = seconds is not None and seconds <= fresh_seconds()
            body = {"healthy": healthy, "seconds_since_frame": None if seconds is None else round(seconds, 2)}
            return 200 if healthy else 503, body

        try:
            super().__init__(host, port, answer, name="health")
        except OSError as error:
            raise OutputError(
                f"cannot answer --health at {host}:{port} ({error.strerror}); give another address",
                may_pass=error.errno != errno.EACCES,
            ) from error
