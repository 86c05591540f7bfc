"""Options of the page of a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, Token

from live.reading.values import read_whole_number
from train.errors import OutputError

DEFAULT_PORT = 8091
LAST_PORT = 65535


def _port_or_switch(_type: object, tokens: Sequence[Token]) -> int:
    text = tokens[0].value
    try:
        return read_whole_number(text, 0, LAST_PORT)
    except ValueError:
        raise ValueError(f"{text} is no port; give a number up to {LAST_PORT}, or nothing behind --page") from None


@dataclass(frozen=True)
class Page:
    """The page on which a training can be watched."""

    page: Annotated[int | bool, Parameter(converter=_port_or_switch, metavar="[PORT]", show_default=False)] = False
    """Show the training on a page, to browsers of this machine alone, at http://127.0.0.1:PORT/ (8091; 0 for any free
    one): curves, samples, the time left, and buttons to stop and to export it."""
    runtime: Path | None = None
    """Unpacked npm package onnxruntime-web, by which that page can also play the best network (docs/web.md)."""

    def __post_init__(self) -> None:
        if self.runtime and self.port is None:
            raise OutputError("--runtime is for the page of --page; add it, or leave --runtime out")
        if self.runtime and not self.runtime.is_dir():
            raise OutputError(f"--runtime {self.runtime} is no folder; give the unpacked npm package onnxruntime-web")

    @property
    def port(self) -> int | None:
        """The port; None: there is to be no page."""
        if self.page is False:
            return None
        return DEFAULT_PORT if self.page is True else self.page


NO_PAGE = Page()
