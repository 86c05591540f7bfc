"""Validation on held-out pictures, translated by the averaged generator as it is now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from train.images.contact_sheet import write_picture
from train.metrics.perceptual import open_features
from train.pix2pix.metrics import PairReference, evenly_spaced, pairs_sheet, reduced_pictures, translate
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Pairs
from train.training.validation import ValidationResult

MAX_PICTURES = 64  # enough for the figures, also of a large folder


class HeldOutValidation:
    """Translate the held-out pictures and measure the result."""

    name = "sample"

    def __init__(self, trainer: PairTrainer, pairs: Pairs) -> None:
        self.trainer = trainer
        indices = evenly_spaced(pairs.held_out_indices, MAX_PICTURES)
        self.reference = PairReference(pairs.a[indices], pairs.b[indices], open_features())

    def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
        """Validate, and write a contact sheet to PATH.png: input, output, target."""
        trainer, reference = self.trainer, self.reference
        with trainer.autocast():
            generated = []
            for picture in translate(trainer.ema, reference.a, trainer.device):
                generated.append(picture)
                on_progress(len(generated) / len(reference.a))
        figures = reference.measure(generated)
        inputs = reduced_pictures(trainer.ema.reduction, reference.a)
        write_picture(path, pairs_sheet({"input": inputs, "output": generated, "target": list(reference.b)}))
        values = {"l1": figures.l1}
        if figures.kernel_distance is not None:
            values["kid"] = figures.kernel_distance
        return ValidationResult(f"{len(generated)} held-out pictures", reference.score(figures), values)
