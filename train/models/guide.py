"""The guide: a coarse picture of what comes next, and where it says all that there is."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

GUIDE_PITCH = 2  # pixels of the small frame, in width and height, that are one place of the guide
EVEN_RAMP = 0.5 / 127.5  # of unevenness, over which a place goes from even to uneven
FAITHFUL = 3.0 / 127.5  # a place where the film differs from its guide by at most three levels
UNFAITHFUL_SHARE = 0.05  # of the even places, at most
MOST_UNEVEN = 2.5 / 127.5  # what differs by more from its neighbours is a thing, not a surface


def enlarged(guide: Tensor) -> Tensor:
    """Enlarge planes of the guide, [B, C, rows, columns] float, to the size of the small frame, [B, C, h, w]."""
    return F.interpolate(guide, scale_factor=float(GUIDE_PITCH), mode="bilinear")


def even_places(guide: Tensor, evenness: Tensor) -> Tensor:
    """Return how far each place of a guide is even, [B, 1, rows, columns] 0…1: the film has nothing finer there.

    Args:
        guide: [B, 3, rows, columns] float −1…1.
        evenness: of the film, of `find_evenness`.
    """
    return (1 - (_unevenness(guide) - evenness) / EVEN_RAMP).clamp(0, 1)


def find_evenness(guides: Tensor, frames: Tensor) -> Tensor:
    """Return how uneven a place of a film's guides may be and still count as even: float [].

    In a drawing with flat colours, an even guide says all that there is; on grass it does not. So it is read off the
    film: as much as leaves one even place of twenty unfaithful. Where nothing does, no place is even.

    Args:
        guides: [n, 3, rows, columns] float −1…1, of some film frames.
        frames: [n, 3, h, w] float −1…1, the same as small frames.
    """
    differ = (frames - enlarged(guides)).abs().amax(1, keepdim=True)
    uneven, order = _unevenness(guides).flatten().sort()
    is_unfaithful = (F.max_pool2d(differ, GUIDE_PITCH) > FAITHFUL).flatten()[order]
    shares = is_unfaithful.cumsum(0) / torch.arange(1, len(order) + 1)
    ends = F.pad(uneven.diff() > 0, (0, 1), value=True)  # of equally uneven places, all count or none
    found = uneven[ends & (shares <= UNFAITHFUL_SHARE) & (uneven <= MOST_UNEVEN)]
    return found.max() if len(found) else torch.tensor(-EVEN_RAMP)


def _unevenness(guide: Tensor) -> Tensor:
    """Return how far each place differs from the mean of its 3×3 neighbours, [B, 1, rows, columns].

    The channel that differs most counts. A slope, such as a sky that shades from one colour to another, is even.
    """
    around = F.avg_pool2d(F.pad(guide, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return (guide - around).abs().amax(1, keepdim=True)
