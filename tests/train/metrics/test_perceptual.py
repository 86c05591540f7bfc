"""The perceptual network: its distances, and that nothing is downloaded for it."""

import cv2
import numpy as np
import pytest
import torch

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.errors import RunError
from train.images.pixels import from_bytes
from train.metrics.perceptual import PerceptualDistance, kernel_distance, open_features
from train.models.generator import GeneratorConfig
from train.training.film_trainer import FilmTrainer
from train.training.recipes import RECIPES
from train.training.trainer import TrainingConfig


def test_the_kernel_distance_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    draws = [kernel_distance(*rng.standard_normal((2, 40, 8))) for _ in range(300)]
    error = np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws)) < 4 * error
    one, other = rng.standard_normal((2, 40, 8))
    assert kernel_distance(one, other + 1) > 10 * np.std(draws)


def test_the_perceptual_network_comes_with_its_weights(hats_film: Film, monkeypatch: pytest.MonkeyPatch) -> None:

    def nothing(*arguments: object, **named: object) -> None:
        raise AssertionError("nothing may be downloaded")

    monkeypatch.setattr("socket.socket.connect", nothing)
    features = open_features()
    assert features
    sharp = [np.asarray(frame) for frame in hats_film.frames[48:64]]
    seen = features(sharp)
    assert seen.shape == (16, 1280)
    near = kernel_distance(seen[::2], seen[1::2])
    blurred = features([cv2.GaussianBlur(frame, (0, 0), 2) for frame in sharp[1::2]])
    assert kernel_distance(seen[::2], blurred) > near + 0.05


def test_a_blur_is_seen_and_can_be_descended_from(hats_film: Film) -> None:
    sharp = from_bytes(torch.from_numpy(np.array(hats_film.frames[48:52])).permute(0, 3, 1, 2))
    blurred = from_bytes(
        torch.from_numpy(np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in hats_film.frames[48:52]])).permute(
            0, 3, 1, 2
        )
    )
    distance = PerceptualDistance()
    assert distance(sharp, sharp).abs().max() < 1e-6
    slightly, much = distance(sharp + 0.02, sharp), distance(blurred, sharp)
    assert (much > 3 * slightly).all()
    seen = blurred.clone().requires_grad_(True)
    distance(seen, sharp).sum().backward()
    assert seen.grad is not None
    better = blurred - 0.01 * seen.grad.sign()
    assert (distance(better, sharp) < much).all()
    assert not any(weight.requires_grad for weight in distance.parameters())


def test_a_recipe_learns_from_it(hats_windows: FilmWindows, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
    weights = []
    for name in ("guided", "guided-perceptual"):
        run = FilmTrainer(TrainingConfig(batch=2), RECIPES[name], shape, hats_windows, torch.device("cpu"), bf16=False)
        run.step()
        networks = (run.generator.recurrence.paint, run.generator.enlarger)
        weights.append([network.head.weight.clone() for network in networks])
    assert not any(torch.equal(plain, perceptual) for plain, perceptual in zip(*weights, strict=True))
    monkeypatch.setattr("train.metrics.perceptual.find_spec", lambda name: None)
    with pytest.raises(RunError, match="perceptual"):
        PerceptualDistance()
