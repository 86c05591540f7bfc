"""Figures of generated pictures: their distance from the targets, the baselines and the score."""

import numpy as np
import pytest
import torch

from tests.train.pictures import discs
from train.pix2pix.metrics import PairReference, evenly_spaced, pairs_sheet, reduced_pictures, translate
from train.pix2pix.pairs import Pairs
from train.pix2pix.translator import CameraStep, Reduction, Translator, TranslatorConfig


def test_the_targets_score_1_and_the_baselines_0(pairs: Pairs) -> None:
    reference = PairReference(pairs.a, pairs.b, None)
    nulls = reference.nulls()
    targets = reference.measure(list(pairs.b))
    assert targets.l1 == 0
    assert reference.score(targets) == 1
    assert list(nulls) == ["mean picture", "input"]
    assert reference.score(nulls["mean picture"]) == 0
    assert reference.score(nulls["input"]) == 0


def test_a_picture_near_the_target_scores_in_between(pairs: Pairs) -> None:
    reference = PairReference(pairs.a, pairs.b, None)
    near = reference.measure(list((pairs.b * 0.9).astype(np.uint8)))
    assert near.l1 == pytest.approx(0.1 * pairs.b.mean(), rel=0.1)
    assert 0 < reference.score(near) < 1


def test_the_kernel_distance_counts_where_features_are_available(pairs: Pairs) -> None:
    reference = PairReference(pairs.a, pairs.b, lambda pictures: np.stack([p.mean((0, 1)) / 9 for p in pictures]))
    blue, targets = reference.measure(list(pairs.b[..., ::-1])), reference.measure(list(pairs.b))
    assert blue.kernel_distance is not None
    assert targets.kernel_distance is not None
    assert blue.kernel_distance > targets.kernel_distance + 1


def test_the_score_is_the_mean_of_both_figures(pairs: Pairs) -> None:
    """Features that are always equal give a kernel distance of 0, which counts as half of the score."""
    with_features = PairReference(pairs.a, pairs.b, lambda pictures: np.zeros((len(pictures), 3)))
    without = PairReference(pairs.a, pairs.b, None)
    near = list((pairs.b * 0.9).astype(np.uint8))
    score = without.score(without.measure(near))
    assert with_features.score(with_features.measure(near)) == pytest.approx((1 + score) / 2)


def test_a_single_picture_has_no_kernel_distance(pairs: Pairs) -> None:
    reference = PairReference(pairs.a[:1], pairs.b[:1], lambda pictures: np.zeros((len(pictures), 3)))
    assert reference.measure(list(pairs.b[:1])).kernel_distance is None


def test_translate_gives_the_frames_of_the_exported_step(pairs: Pairs) -> None:
    torch.manual_seed(0)
    translator = Translator(TranslatorConfig(channels=(16, 32), blocks=(0, 1))).eval()
    frames = list(translate(translator, pairs.a[:3], torch.device("cpu")))
    with torch.no_grad():
        expected = [CameraStep(translator)(torch.from_numpy(camera)).numpy() for camera in pairs.a[:3]]
    assert np.array_equal(frames, expected)


def test_what_a_generator_of_pairs_sees_is_the_camera_picture(pairs: Pairs) -> None:
    assert np.array_equal(reduced_pictures(Reduction("pairs"), pairs.a), pairs.a)


def test_what_a_generator_of_pictures_sees_is_grey_and_coarse() -> None:
    pictures = np.stack([b for _, b in discs(3, (128, 128))])
    seen = np.stack(reduced_pictures(Reduction("pictures"), pictures))
    assert seen.shape == pictures.shape
    assert (seen == seen[..., :1]).all()
    steps = np.abs(np.diff(seen[..., 0].astype(int), axis=2))
    assert steps.max() < np.abs(np.diff(pictures[..., 0].astype(int), axis=2)).max() / 2  # no hard edges


@pytest.mark.parametrize(("count", "most", "expected"), [(5, 8, 5), (8, 8, 8), (9, 8, 5), (100, 8, 8)])
def test_items_are_taken_at_even_distances_and_no_more_than_asked(count: int, most: int, expected: int) -> None:
    taken = evenly_spaced(list(range(count)), most)
    assert len(taken) == expected <= most
    assert len(set(np.diff(taken))) == 1


def test_a_sheet_shows_at_most_eight_pairs_two_per_row(pairs: Pairs) -> None:
    sheet = pairs_sheet({"input": list(pairs.a), "target": list(pairs.b)})
    columns, rows = 2 * 2, 7 / 2  # of 20 pairs every third, 7 in all
    assert sheet.shape[1] // 48 == columns
    assert sheet.shape[0] // (48 + 18) == np.ceil(rows)
