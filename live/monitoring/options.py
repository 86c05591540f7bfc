"""Options of what a show tells to the outside."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Group, Parameter

from live.option_types import read_address


@Parameter(name="*", group=Group("Monitoring", sort_key=7))
@dataclass(frozen=True, kw_only=True)
class MonitoringOptions:
    """Log, status file and health of a show."""

    log: Path | None = None
    """File to which everything that is said is added, with its time. It is rotated at 1 MB; five old ones are kept."""
    status: Path | None = None
    """JSON file with the state of the show, which is replaced every few seconds."""
    health: str | None = None
    """[HOST:]PORT at which an HTTP GET is answered: 200 while frames are shown, else 503. Without HOST, on this
    machine only."""

    def __post_init__(self) -> None:
        _ = self.health_address

    @property
    def health_address(self) -> tuple[str, int] | None:
        """(host, port) of --health."""
        return None if self.health is None else read_address("--health", self.health)
