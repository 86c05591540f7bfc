"""The page of a real short training in a real browser: it grows, shows a sample, stops, exports and plays."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from tests.live.web.browser import Browser
from tests.live.web.pages import runtime_folder
from tests.train.commands import environment, run_train
from train.runtime.checkpoint import load_checkpoint
from train.runtime.interrupt import interruptible
from train.runtime.run_folder import Run
from train.watching.options import Page
from train.watching.watched import watched

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
STEP = "Number(document.querySelector('#step').textContent.replace('step ', ''))"
# Three frames a second, so that the ninety seconds of a sample are a short rollout.
SMALL = ("--preset", "small", "--size", "64x48", "--batch", "2", "--stride", "8")


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


def text(browser: Browser, selector: str) -> str:
    return str(browser.run(f"document.querySelector({json.dumps(selector)}).textContent"))


@pytest.mark.timeout(900)
def test_a_training_is_watched_and_stopped(browser: Browser, hats_cut: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "train", "fit", str(hats_cut), "--out", "run", *SMALL]
    command += ["--minutes", "60", "--sample-minutes", "0.1", "--patience", "1000", "--page", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("page: http://127.0.0.1:")
        browser.open(line.split()[1])

        browser.wait_for(f"{STEP} > 0", 240)
        before = browser.run(STEP)
        browser.wait_for(f"{STEP} > {before}", 240)
        assert text(browser, "#title") == "hats-cut"

        browser.wait_for("document.querySelector('#video').currentTime > 0.3", 240)
        assert browser.run("document.querySelector('#video').duration") == pytest.approx(90, abs=1)
        browser.wait_for("/^\\d+ of 16 bars/.test(document.querySelector('#verdict').textContent)")
        # Sixteen bars and the score, each with a line or a point.
        browser.wait_for("document.querySelectorAll('#bars .curve path.dot[d]').length === 17")
        browser.wait_for("document.querySelectorAll('#bars rect[height]').length === 16")
        browser.wait_for("/ (s|min|h.*) left$/.test(document.querySelector('#left').textContent)")
        assert text(browser, "#export") == "Export to models/run"
        assert browser.run("document.querySelector('#play').hidden"), "no runtime was given"

        browser.click("#stop")
        browser.wait_for("document.querySelector('#stop').textContent === 'Stop now, and save?'")
        assert process.poll() is None, "one press stops nothing"
        browser.click("#stop")
        browser.wait_for("document.documentElement.dataset.phase === 'ended'", 240)
        rest, _ = process.communicate(timeout=240)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    steps = load_checkpoint(tmp_path / "run/checkpoint.pt")["steps"]
    assert f"saved at step {steps}; run the same command to continue" in rest
    assert text(browser, "#rest") == f"saved at step {steps}; run the same command to continue"
    assert browser.said == []


@pytest.mark.timeout(900)
def test_the_best_network_is_exported_and_plays(
    browser: Browser, hats_cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = runtime_folder()
    monkeypatch.setattr("train.training.fit.open_crop_features", lambda: None)
    done = run_train(tmp_path, "fit", hats_cut, "--out", "run", "--steps", "1", *SMALL)
    assert done.code == 0, done.err
    monkeypatch.chdir(tmp_path)
    page, printed = Page(page=0, runtime=runtime), io.StringIO()
    console = Console(file=printed, width=200)
    with interruptible() as interruption, watched(Run(Path("run")), page, console, interruption) as board:
        board.first_step = 2
        browser.open(printed.getvalue().split()[1])
        browser.wait_for("document.querySelector('#export').disabled === false")
        browser.click("#export")
        browser.wait_for("/models.run: (done|failed)$/.test(document.querySelector('#work-title').textContent)", 400)
        assert (tmp_path / "models/run/generator.onnx").is_file()
        assert "parity over" in text(browser, "#work-lines")
        browser.wait_for("document.querySelector('#export').textContent === 'Replace models/run'")

        browser.click("#play")
        dream = "document.querySelector('#player-frame').contentDocument"
        browser.wait_for(f"{dream}?.documentElement?.dataset.provider === 'wasm'", 400)
        browser.wait_for(f"{dream}.querySelector('#picture')?.hidden === false", 120)
        assert browser.said == []
    browser.wait_for("document.documentElement.dataset.phase === 'ended'")
