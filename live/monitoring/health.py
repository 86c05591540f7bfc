"""Health of a show over HTTP: one GET, answered with 200 while frames are shown, else with 503."""

import errno
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer

from live.errors import OutputError

# A client that sends nothing keeps others waiting for so long.
CLIENT_SECONDS = 1.0


class HealthServer:
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
        class Handler(BaseHTTPRequestHandler):
            timeout = CLIENT_SECONDS

            def do_GET(self) -> None:
                seconds = seconds_since_frame()
                healthy = seconds is not None and seconds <= fresh_seconds()
                body = {"healthy": healthy, "seconds_since_frame": None if seconds is None else round(seconds, 2)}
                content = (json.dumps(body) + "\n").encode()
                self.send_response(200 if healthy else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Print nothing."""

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise OutputError(
                f"cannot answer --health at {host}:{port} ({error.strerror}); give another address",
                may_pass=error.errno != errno.EACCES,
            ) from error
        self.port: int = self._server.server_address[1]
        """TCP port at which it listens."""
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening. A client that still talks is not waited for."""
        stopping = threading.Thread(target=self._server.shutdown, name="end health", daemon=True)
        stopping.start()
        stopping.join(2 * CLIENT_SECONDS)
        self._server.server_close()


class _Server(HTTPServer):
    def server_bind(self) -> None:
        """Bind, without asking the network for this machine's name as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about a client that went away."""
