"""Validation on held-out pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from train.pix2pix.metrics import PairReference, pairs_sheet, translate
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Pairs
from train.pix2pix.recipes import PICTURE_RECIPES
from train.pix2pix.translator import TranslatorConfig
from train.pix2pix.validation import HeldOutValidation
from train.training.trainer import TrainingConfig


def test_the_averaged_generator_is_measured_on_the_held_out_pairs_alone(pairs: Pairs, tmp_path: Path) -> None:
    shape = TranslatorConfig(channels=(16, 32), blocks=(0, 1))
    cpu = torch.device("cpu")
    trainer = PairTrainer(TrainingConfig(), PICTURE_RECIPES["hinge"], shape, pairs, cpu, bf16=False)
    with torch.no_grad():
        for weight in trainer.generator.parameters():
            weight.zero_()  # not the averaged one
    shares: list[float] = []
    result = HeldOutValidation(trainer, pairs)(tmp_path / "sheet.png", shares.append)
    a, b = (side[pairs.held_out_indices] for side in (pairs.a, pairs.b))
    assert shares == pytest.approx([(i + 1) / len(a) for i in range(len(a))])
    frames = list(translate(trainer.ema, a, cpu))
    assert result.figures["l1"] == pytest.approx(PairReference(a, b, None).measure(frames).l1)
    assert 0 <= result.score <= 1
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    expected = pairs_sheet({"input": list(a), "output": frames, "target": list(b)})
    assert np.array_equal(sheet[:, :, ::-1], expected)
