"""`python -m live.web.serve`: show a page to the browsers of this machine.

Browsers load neither modules nor networks from a disk. And they share memory among threads only for pages that come
with two headers, which this server sends.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from live.console import accept_any_text, report, say
from live.errors import OutputError, SettingsError, ShowError
from live.option_types import WholeNumber
from live.web.folder import FACTS

USER_ERROR_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130
HOST = "127.0.0.1"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A page that was written anew is shown anew.
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webp": "image/webp",
}

app = App(
    name="python -m live.web.serve",
    help=f"Show a page to browsers of this machine, on {HOST} alone, until Ctrl-C.",
    help_format="plaintext",
    version_flags=(),
    result_action="return_value",
)


class PageHandler(SimpleHTTPRequestHandler):
    """Answers requests for the files of a folder, with the headers that threads need."""

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        """Return the type of a file. What the system says of it counts less than what browsers insist on."""
        return TYPES.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        """Add our headers."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing about requests."""


def page_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a page, which listens already.

    Args:
        folder: The page.
        port: 0 for any free one.

    Raises:
        ShowError: The folder is no page, or the port is taken.
    """
    if not (folder / FACTS).is_file():
        raise SettingsError(f"{folder} is no page; give a folder that python -m live.web wrote")
    try:
        return ThreadingHTTPServer((HOST, port), partial(PageHandler, directory=str(folder)))
    except OSError as error:
        raise OutputError(f"cannot listen on port {port} ({error.strerror}); give another --port") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a page until Ctrl-C.

    Returns:
        The exit code: 130 after Ctrl-C, or 2 after an error that the user can fix.
    """
    accept_any_text()
    try:
        app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        report(SettingsError(f"{' '.join(str(error).split()).rstrip('.')}; see --help"))
        return USER_ERROR_EXIT_CODE
    except ShowError as error:
        report(error)
        return USER_ERROR_EXIT_CODE
    except KeyboardInterrupt:
        return INTERRUPTED_EXIT_CODE
    return 0


@app.default
def serve(
    folder: Path, /, *, port: Annotated[WholeNumber, Parameter(validator=Number(gte=0, lte=65535))] = 8090
) -> None:
    """Serve a page.

    Parameters
    ----------
    folder:
        Page that `python -m live.web` wrote.
    port:
        TCP port; 0 for any free one.
    """
    with page_server(folder, port) as server:
        say(f"http://{HOST}:{server.server_port}/ (Ctrl-C ends it)")
        server.serve_forever()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
