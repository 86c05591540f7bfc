"""Access over OSC: which machines are heard, and what each may move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from live.controls.control import Control
from live.controls.table import CONTROLS, SAFE_CONTROLS


@dataclass(frozen=True)
class OscAccess:
    """Access of this machine and of others."""

    allowed: Sequence[IPv4Network] | None = None
    """Machines that are heard; None for all that reach the server."""
    for_others: Mapping[str, Control] = field(default_factory=lambda: SAFE_CONTROLS)
    """Controls that other machines may move, by their names. This machine moves all of the table."""

    def is_heard(self, sender: str) -> bool:
        """Return whether a machine is heard, by its address."""
        return self.allowed is None or any(IPv4Address(sender) in network for network in self.allowed)

    def controls_for(self, sender: str) -> Mapping[str, Control]:
        """Return the controls that a machine may move, by their names."""
        # No network delivers a packet that says it comes from here.
        return CONTROLS if IPv4Address(sender).is_loopback else self.for_others
