"""The page of a training over HTTP, for browsers of this machine alone."""

from __future__ import annotations

import json
import mimetypes
import os
import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from train.errors import OutputError
from train.watching.view import View

HOST = "127.0.0.1"
CLIENT_SECONDS = 10.0  # that a client may keep a thread waiting
PAGE = Path(__file__).parent / "page"
SAMPLE = re.compile(r"step-\d{6,}\.(?:png|mp4)")
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
TYPES |= {".wasm": "application/wasm", ".webm": "video/webm", ".onnx": "application/octet-stream"}
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The player shares memory among threads, which browsers allow to pages with these alone.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing from elsewhere, nothing to elsewhere, and no other page may lay this one under its own buttons.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; worker-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
}


class PageServer:
    """Serves the page of a training in threads of its own."""

    def __init__(self, view: View, port: int) -> None:
        """Listen at a port; 0 for any free one.

        Raises:
            OutputError: the port is taken, or not allowed.
        """
        try:
            self._server = _Server((HOST, port), _handler(view))
        except OSError as error:
            raise OutputError(
                f"no page on port {port} ({error.strerror}); give another --page PORT, or --page 0 for any free one"
            ) from error
        self._view = view
        self.address = f"http://{HOST}:{self._server.server_port}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="page", daemon=True
        )
        self._thread.start()

    def close(self, seconds: float = 2.0) -> None:
        """Send the last state to the pages that are open, and stop; a browser is waited for no longer than this."""
        self._view.last_state.set()
        for stream in list(self._server.streams):
            stream.join(seconds)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # On Windows it would share the port with another server.
    allow_reuse_address = os.name != "nt"

    def __init__(self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        self.streams: set[threading.Thread] = set()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind, without asking the network for this machine's name as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about a client that went away."""


def _handler(view: View) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.view = view
    return Handler


class _Handler(BaseHTTPRequestHandler):
    timeout = CLIENT_SECONDS
    server: _Server
    view: View

    # Requests that are answered.

    def _own_names(self) -> set[str]:
        port = self.server.server_port
        names = {f"{name}:{port}" for name in (HOST, "localhost")}
        return names | {HOST, "localhost"} if port == 80 else names  # browsers leave it out

    def _is_for_us(self) -> bool:
        """Return whether the request names this server. A foreign name that leads here (DNS rebinding) does not."""
        return self.headers.get("Host") in self._own_names()

    def _is_ours(self) -> bool:
        """Return whether the request comes from this server's own page."""
        return self.headers.get("Origin") in {f"http://{name}" for name in self._own_names()}

    # Reading.

    def do_GET(self) -> None:
        """Answer with the page, its state, curves, samples, or the player."""
        if not self._is_for_us():
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        address = urlsplit(self.path)
        name = unquote(address.path).removeprefix("/") or "index.html"
        if name == "states":
            self._send_states()
        elif name == "points":
            begin = parse_qs(address.query).get("from", ["0"])[0]
            self._send_json(self.view.points(int(begin) if begin.isascii() and begin.isdecimal() else 0))
        elif name.startswith("samples/"):
            self._send_sample(name.removeprefix("samples/"))
        elif name.startswith("player/"):
            self._send_file(self.view.file_of_player(name.removeprefix("player/") or "index.html"))
        else:
            self._send_file(PAGE / name if name in {path.name for path in PAGE.iterdir()} else None)

    def _send_states(self) -> None:
        """Send the state as it changes (server-sent events), until the page closes or the training has ended."""
        thread = threading.current_thread()
        self.server.streams.add(thread)
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for state in self.view.states():
                self.wfile.write(f"data: {json.dumps(state)}\n\n".encode())
        except OSError:
            self.close_connection = True  # the page was closed
        finally:
            self.server.streams.discard(thread)

    def _send_sample(self, name: str) -> None:
        is_video = name.endswith(".mp4")
        try:
            content = (self.view.video if is_video else self.view.picture)(name) if SAMPLE.fullmatch(name) else None
        except OSError:
            content = None
        if content is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        else:
            self._send(content, "video/mp4" if is_video else "image/png")

    def _send_file(self, path: Path | None) -> None:
        if path is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        else:
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            self._send(path.read_bytes(), kind)

    # Acting.

    def do_POST(self) -> None:
        """Stop the training, export its best checkpoint, or make the player of it; answer with the state."""
        address = urlsplit(self.path)
        if not (self._is_for_us() and self._is_ours()):
            self._refuse(HTTPStatus.FORBIDDEN)
        elif self._act(address.path, overwrite=address.query == "replace"):
            self._send_json(self.view.state())
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def _act(self, path: str, *, overwrite: bool) -> bool:
        """Return False if there is no such action."""
        view = self.view
        if path == "/stop":
            view.stop()
        elif path == "/export":
            view.exporter.start(overwrite=overwrite)
        elif path == "/play" and view.player:
            view.player.start(overwrite=True)
        else:
            return False
        return True

    # Answers.

    def _send_json(self, value: Any) -> None:
        self._send(json.dumps(value).encode(), "application/json")

    def _send(self, content: bytes, kind: str) -> None:
        """Send content, or the range of it that is asked for, as videos are."""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        begin, end = 0, len(content)
        if wanted and int(wanted[1]) < len(content):
            begin = int(wanted[1])
            end = min(end, int(wanted[2]) + 1) if wanted[2] else end
            self.send_response(HTTPStatus.PARTIAL_CONTENT)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(content)}")
        else:
            self.send_response(HTTPStatus.OK)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(max(0, end - begin)))
        self.end_headers()
        self.wfile.write(memoryview(content)[begin:end])

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def end_headers(self) -> None:
        """Add our headers."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        """Name the server without versions."""
        return "ninety-seconds-train"

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing about requests."""
