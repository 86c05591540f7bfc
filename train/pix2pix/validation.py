"""Pictures that were kept aside, painted by the averaged generator as it is now."""

from __future__ import annotations

from pathlib import Path

import torch

from train.images.contact_sheet import write_picture
from train.metrics.perceptual import open_features
from train.pix2pix.metrics import Yardstick, paint, pairs_sheet, seen_of, spread
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Pairs
from train.training.validation import ValidationResult

MOST = 64  # pictures that are painted: of many, some are enough


class HeldOutValidation:
    """Paint what was kept aside and measure it."""

    def __init__(self, training: PairTrainer, pairs: Pairs) -> None:
        self.training = training
        some = spread(pairs.held_out, MOST)
        self.yardstick = Yardstick(pairs.a[some], pairs.b[some], open_features())

    def __call__(self, path: Path) -> ValidationResult:
        """Leaves PATH.png: what is seen, what is made of it, what was true."""
        training, yardstick = self.training, self.yardstick
        with torch.autocast(training.device.type, torch.bfloat16, enabled=training.bf16):
            painted = list(paint(training.ema, yardstick.a, training.device))
        figures = yardstick.measure(painted)
        seen = seen_of(training.ema.reduce, yardstick.a)
        write_picture(path, pairs_sheet({"seen": seen, "ours": painted, "true": list(yardstick.b)}))
        values = {"l1": figures.l1}
        if figures.kernel_distance is not None:
            values["kid"] = figures.kernel_distance
        return ValidationResult(f"{len(painted)} pictures kept aside", yardstick.score(figures), values, [])
