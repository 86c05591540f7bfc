"""Outcomes of a campaign in a file, so that one that was ended goes on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Results:
    """Outcomes by kind, a line of JSON each.

    Args:
        path: The file. Outcomes that it holds already count. None to keep nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self._outcomes: list[tuple[str, Mapping[str, Any]]] = [tuple(json.loads(line)) for line in lines]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the outcomes of a kind so far, oldest first."""
        return [outcome for name, outcome in self._outcomes if name == kind]

    def add(self, kind: str, outcome: Mapping[str, Any]) -> None:
        """Add an outcome."""
        self._outcomes.append((kind, outcome))
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps([kind, outcome]) + "\n")
