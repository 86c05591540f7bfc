"""Translators, for real and short: they learn, resume exactly, and become bundles that keep the contract."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tests.train.pictures import discs, write, write_side_by_side
from train.__main__ import main
from train.errors import BundleError, SizeError
from train.evaluation.bundle_runner import CameraGraph, open_bundle
from train.models.generator import parameter_count
from train.pix2pix import export as export_room
from train.pix2pix.metrics import Yardstick
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Pairs
from train.pix2pix.recipes import PICTURE_RECIPES
from train.pix2pix.translator import PairDiscriminators, PaperDiscriminator, Translator, TranslatorConfig, check_size
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import PictureFacts
from train.training.loop import train
from train.training.trainer import TrainingConfig, TrainingOptions

ROOT = Path(__file__).parents[3]
SMALL = TranslatorConfig(channels=(16, 32), blocks=(0, 1))
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    a, b = (np.stack(side) for side in zip(*discs(20), strict=True))
    return Pairs("pairs", tuple(map(str, range(20))), a, b, "0" * 64, "")


def training(pairs: Pairs, seed: int = 0) -> PairTrainer:
    recipe = PICTURE_RECIPES["hinge"]
    return PairTrainer(TrainingConfig(2, 2e-3, seed=seed), recipe, SMALL, pairs, CPU, bf16=False)


def losses(run: PairTrainer, steps: int) -> list[float]:
    values: list[float] = []
    train(run, steps=steps, minutes=None, on_step=lambda scalars: bool(values.append(float(scalars["loss/l1"]))))
    return values


# ----------------------------------------------------------------------------
# Networks and training.


def test_the_papers_networks_are_the_papers() -> None:
    translator = Translator(TranslatorConfig(network="unet256"))
    assert parameter_count(translator) == pytest.approx(54.4e6, rel=1e-3)
    seen, picture = torch.zeros(1, 3, 256, 256), torch.rand(1, 3, 256, 256)
    with torch.no_grad():
        assert translator(picture).shape == (1, 3, 256, 256)
        assert PaperDiscriminator(3)(seen, picture)[0][-1].shape == (1, 1, 30, 30)
        assert not torch.equal(translator(picture), translator(picture))  # dropout, in training
        translator.eval()
        assert torch.equal(translator(picture), translator(picture))


@pytest.mark.parametrize("size", [(100, 96), (16, 16), (0, 0)])
def test_sizes_it_cannot_take_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SizeError, match="multiples of 16"):
        check_size(size, TranslatorConfig())
    with pytest.raises(SizeError, match="multiples of 256"):
        check_size((256, 144), TranslatorConfig(network="unet256"))


def test_every_weight_is_reached_by_the_gradient() -> None:
    torch.manual_seed(0)
    generator = Translator(SMALL)
    for _ in range(4):  # a last convolution that begins at zero hides those before it in the first steps only
        generator.zero_grad()
        (generator(torch.rand(1, 3, 48, 48)) - torch.rand(1, 3, 48, 48)).abs().mean().backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                assert parameter.grad is not None
                parameter -= 1e-2 * parameter.grad
    assert all(parameter.grad.abs().sum() > 0 for parameter in generator.parameters() if parameter.grad is not None)


def test_judges_see_both_sides() -> None:
    torch.manual_seed(0)
    judges = PairDiscriminators(3).eval()
    seen, shown = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64)
    for here, no_camera, no_picture in zip(
        judges(seen, shown), judges(0 * seen, shown), judges(seen, 0 * shown), strict=True
    ):
        assert not torch.allclose(here[-1], no_camera[-1])
        assert not torch.allclose(here[-1], no_picture[-1])


def test_it_learns(pairs: Pairs) -> None:
    run = training(pairs)
    values = losses(run, 50)
    assert sum(values[-5:]) < 0.6 * sum(values[:5])
    assert run.samples_per_step == 2


def test_a_resumed_training_is_the_uninterrupted_one(pairs: Pairs, tmp_path: Path) -> None:
    whole = training(pairs)
    losses(whole, 6)
    first = training(pairs)
    losses(first, 3)
    save_checkpoint(tmp_path / "c.pt", first.state_dict())
    second = training(pairs, seed=99)  # whatever it began with is overwritten
    second.load_state_dict(load_checkpoint(tmp_path / "c.pt"))
    losses(second, 6)
    for a, b in zip(whole.generator.parameters(), second.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_a_user_does_not_say_is_the_recipes() -> None:
    paper = PICTURE_RECIPES["paper"].usual
    assert TrainingOptions().over(paper) == TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0, seed=0)
    assert TrainingOptions(batch=3, seed=0).over(paper) == TrainingConfig(3, 2e-4, 0.0, 0)


# ----------------------------------------------------------------------------
# Measuring.


def test_the_truth_is_best_and_the_mean_picture_is_nothing(pairs: Pairs) -> None:
    yardstick = Yardstick(pairs.a, pairs.b, None)
    nulls = yardstick.nulls()
    assert yardstick.measure(list(pairs.b)).l1 == 0
    assert yardstick.score(yardstick.measure(list(pairs.b))) == 1
    assert yardstick.score(nulls["mean picture"]) == 0
    assert yardstick.score(nulls["input"]) == 0
    nearer = yardstick.measure(list((pairs.b * 0.9).astype(np.uint8)))
    assert nearer.l1 == pytest.approx(0.1 * pairs.b.mean(), rel=0.1)
    assert 0 < yardstick.score(nearer) < 1


def test_perception_counts_where_it_is_installed(pairs: Pairs) -> None:
    yardstick = Yardstick(pairs.a, pairs.b, lambda pictures: np.stack([p.mean((0, 1)) / 9 for p in pictures]))
    blue = yardstick.measure(list(pairs.b[..., ::-1]))
    true = yardstick.measure(list(pairs.b))
    assert blue.kernel_distance is not None
    assert true.kernel_distance is not None
    assert blue.kernel_distance > true.kernel_distance + 1


# ----------------------------------------------------------------------------
# The commands.


def studio(folder: Path, *words: str) -> tuple[int, str, str]:
    """A command as if called in a folder: exit code, what was said, what was complained of."""
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        return main(list(words)), said.getvalue(), complained.getvalue()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pairs, pictures, and a run and a bundle of each."""
    folder = tmp_path_factory.mktemp("work")
    write_side_by_side(folder / "discs", discs(12))
    for number, (_, b) in enumerate(discs(6)):
        write(folder / f"reds/{number}.png", b)
    for kind, source in (("pairs", "discs"), ("pictures", "reds")):
        code, _, complained = studio(
            folder, "fit", f"--{kind}", source, "--out", f"runs/{kind}", "--steps", "2", "--size", "48x48"
        )
        assert code == 0, complained
        for made in ("pairs.png", "run.json", "checkpoint.pt", "best.pt", "samples/step-000002.png"):
            assert (folder / "runs" / kind / made).stat().st_size > 0, made
        code, said, complained = studio(folder, "export", f"runs/{kind}", "--out", f"models/{kind}")
        assert code == 0, complained
        assert "parity over" in said
    return folder


@pytest.mark.parametrize("kind", ["pairs", "pictures"])
def test_the_bundle_keeps_the_contract(work: Path, kind: str) -> None:
    bundle = work / "models" / kind
    assert sorted(path.name for path in bundle.iterdir()) == ["README.md", "contact-sheet.png", "generator.onnx"]
    model = onnx.load(str(bundle / "generator.onnx"), load_external_data=False)
    assert [value.name for value in model.graph.input] == ["camera"]
    assert [value.name for value in model.graph.output] == ["frame"]
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert len(metadata.pop("pictures_sha256")) == 64
    assert metadata == {
        "format_version": "1",
        "title": {"pairs": "discs", "pictures": "reds"}[kind],
        "rights": "not stated",
        "frame_rate": "30",
        "stride": "1",
        "context_frames": "0",
        "camera_use": kind,
        "seed_shot_starts": "[]",
        "fit": "crop",
        "direction": "AtoB",
    }
    program = (
        "import sys; from pathlib import Path; from live.bundle.graph_contract import check_graph\n"
        "facts = check_graph(Path(sys.argv[1]).read_bytes(), 'g')\n"
        "assert (facts.inputs, facts.height, facts.width, facts.context_frames) == ({'camera'}, 48, 48, 0)"
    )  # in a process of its own: the studio never imports the stage
    command = [sys.executable, "-c", program, str(bundle / "generator.onnx")]
    held = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert held.returncode == 0, held.stderr
    graph = CameraGraph(bundle / "generator.onnx")
    (a, _), (other, _) = discs(2)
    assert graph.picture(a).shape == (48, 48, 3)
    assert np.array_equal(graph.picture(a), graph.picture(a))
    assert not np.array_equal(graph.picture(a), graph.picture(other))
    text = (bundle / "README.md").read_text(encoding="utf-8")
    assert "were kept aside" in text
    assert "at most" in text
    with pytest.raises(BundleError, match="no memory"):
        open_bundle(bundle)


def test_a_graph_that_does_something_else_is_not_exported(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = export_room.write_camera_graph

    def damaged(path: Path, translator: Translator, facts: PictureFacts) -> None:
        with torch.no_grad():
            translator.network.head.bias += 0.5
            whole(path, translator, facts)
            translator.network.head.bias -= 0.5

    monkeypatch.setattr(export_room, "write_camera_graph", damaged)
    code, _, complained = studio(work, "export", "runs/pairs", "--out", "models/damaged")
    assert code == 2
    assert "differs from the checkpoint" in complained
    assert not (work / "models/damaged").exists()


@pytest.mark.parametrize("damage", ["examples.npz", "run.json", "best.pt"])
def test_a_damaged_run_is_one_line(work: Path, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(work / "runs/pairs", broken)
    content = (broken / damage).read_bytes()
    for damaged in (b"", b"{}", content[: len(content) // 2]):
        (broken / damage).write_bytes(damaged)
        code, _, complained = studio(tmp_path, "export", "broken", "--out", "bundle")
        assert code == 2
        assert complained.count("\n") == 1
    assert not (tmp_path / "bundle").exists()


def test_pairs_that_were_kept_aside_are_measured(work: Path) -> None:
    code, said, complained = studio(
        work, "evaluate", "models/pairs", "models/pairs", "--pairs", "discs", "--out", "report"
    )
    assert code == 0, complained
    assert "the 1 pairs that were kept aside" in said
    assert sorted(path.name for path in (work / "report").iterdir()) == ["contact-sheet.png", "figures.json"]
    facts = json.loads((work / "report/figures.json").read_text(encoding="utf-8"))
    assert [model["name"] for model in facts["models"]] == ["pairs", "pairs-2"]
    assert [null["name"] for null in facts["nulls"]] == ["mean picture", "input"]
    assert facts["models"][0]["l1"] == facts["models"][1]["l1"]
    write_side_by_side(work / "others", discs(5))
    _, said, _ = studio(work, "evaluate", "models/pairs", "--pairs", "others", "--out", "report", "--overwrite")
    assert "all 5 pairs" in said


def test_the_same_command_goes_on_and_another_does_not(work: Path) -> None:
    same = ["fit", "--pairs", "discs", "--out", "runs/pairs", "--size", "48x48", "--steps", "3"]
    code, said, complained = studio(work, *same)
    assert code == 0, complained
    assert "resumed at step 2" in said
    for more, says in ((["--direction", "BtoA"], "direction AtoB → BtoA"), (["--batch", "3"], "batch 2 → 3")):
        code, _, complained = studio(work, *same, *more)
        assert code == 2
        assert says in complained


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fit", "--out", "run"], "give one of a FILM, --pairs DIR and --pictures DIR"),
        (["fit", "--pairs", "discs", "--pictures", "reds", "--out", "run"], "give one of"),
        (["fit", "film.mkv", "--pairs", "discs", "--out", "run"], "give one of"),
        (["fit", "--pairs", "nowhere", "--out", "run"], "there is no folder nowhere"),
        (["fit", "--pairs", "empty", "--out", "run"], "holds no pairs"),
        (["fit", "--pictures", "empty", "--out", "run"], "0 pictures that can be used"),
        (["fit", "--pairs", "discs", "--out", "run", "--size", "50x50"], "multiples of 16"),
        (["fit", "--pairs", "discs", "--out", "run", "--recipe", "guided"], "there are hinge, loose, paper"),
        (["fit", "--pairs", "discs", "--out", "run", "--stride", "2"], "for a film"),
        (["fit", "--pairs", "discs", "--out", "run", "--direction", "up"], "--direction"),
        (["fit", "--pictures", "reds", "--out", "run", "--direction", "BtoA"], "--direction is for --pairs"),
        (["evaluate", "--pairs", "discs", "--out", "r"], "give one bundle or more"),
        (["evaluate", "nowhere", "--pairs", "discs", "--out", "r"], "there is no bundle nowhere"),
        (["evaluate", "models/pictures", "--pairs", "discs", "--out", "r"], "not made of pairs"),
        (["evaluate", "models/pairs", "--pairs", "empty", "--out", "r"], "holds no pairs"),
        (["evaluate", "models/pairs", "--pairs", "discs", "--out", "models/pictures"], "will not be replaced"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(work: Path, words: list[str], says: str) -> None:
    (work / "empty").mkdir(exist_ok=True)
    code, _, complained = studio(work, *words)
    assert code == 2
    assert says in complained
    assert complained.count("\n") == 1
    assert not (work / "r").exists()
    assert not (work / "run").exists()
