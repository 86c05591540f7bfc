"""JSON over HTTP: every GET is answered by a function, in a thread of its own."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer

# A client that sends nothing keeps others waiting for so long.
CLIENT_SECONDS = 1.0

Answer = tuple[int, object]
"""Status, and a JSON value; None for an answer without content."""


class JsonServer:
    """Answers every GET, one after the other. Nothing that a client sends changes anything.

    Args:
        host: Address of this machine at which to listen.
        port: TCP port; 0 for any free one.
        answer: Returns the answer to a request: its path with the query, and the address of the client.
        name: Name of the thread.
        is_heard: Returns whether a client of an address is answered. Others are cut off.

    Raises:
        OSError: The port is not available.
    """

    def __init__(
        self,
        host: str,
        port: int,
        answer: Callable[[str, str], Answer],
        *,
        name: str,
        is_heard: Callable[[str], bool] = lambda _: True,
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = CLIENT_SECONDS

            def do_GET(self) -> None:
                status, value = answer(self.path, self.client_address[0])
                content = b"" if value is None else (json.dumps(value) + "\n").encode()
                self.send_response(status)
                # One connection that stays open would keep all others out.
                self.send_header("Connection", "close")
                if content:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Print nothing."""

        class Server(HTTPServer):
            def server_bind(self) -> None:
                """Bind, without asking the network for this machine's name as the base class does."""
                TCPServer.server_bind(self)
                self.server_name, self.server_port = "", self.server_address[1]

            def verify_request(self, request: object, client_address: tuple[str, int]) -> bool:
                return is_heard(client_address[0])

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing about a client that went away."""

        self._server = Server((host, port), Handler)
        self.port: int = self._server.server_address[1]
        """TCP port at which it listens."""
        self._name = name
        self._thread = threading.Thread(target=self._server.serve_forever, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening. A client that still talks is not waited for."""
        stopping = threading.Thread(target=self._server.shutdown, name=f"end {self._name}", daemon=True)
        stopping.start()
        stopping.join(2 * CLIENT_SECONDS)
        self._server.server_close()
