"""Findings about a file, which its reader may want to say."""

from dataclasses import dataclass, field

from live.decoding.stills import READ_HEIC


@dataclass
class Findings:
    """Facts about a file that its reader may want to say; they grow while it is decoded."""

    damaged: int = 0
    """Packets that could not be decoded."""
    closed: list[float] = field(default_factory=list)
    """Seconds of each jump of the clock that was closed."""
    hdr: bool = False
    """True if a picture had more light than a usual screen."""
    interlaced: bool = False
    """True if a picture had two fields, of two moments."""
    left_out: str = ""
    """Kind of a HEIC that is left out, as the library that reads it is missing, such as "HEIC in tiles"."""
    transparent: bool = False
    """True if a picture had transparent parts."""

    def lines(self) -> list[str]:
        """Return what there is to say, in clauses that follow the name of the file."""
        said = []
        if self.damaged:
            said.append(f"is damaged: {self.damaged} packets could not be decoded; the rest is used")
        if self.closed:
            gaps = "a gap" if len(self.closed) == 1 else f"{len(self.closed)} gaps"
            said.append(f"has {gaps} in its clock: {sum(self.closed):.1f} s without a picture are left out")
        if self.hdr:
            said.append("is HDR; its light is mapped to that of a usual screen")
        if self.interlaced:
            said.append("is interlaced; the first field of each picture is shown, without combs")
        if self.left_out:
            said.append(f"is a {self.left_out}, which is left out; {READ_HEIC}")
        if self.transparent:
            said.append("has transparent parts, which are shown on white")
        return said
