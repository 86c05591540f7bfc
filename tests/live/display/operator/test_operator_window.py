"""The operator window in its process: what it does for the show, and what it never does to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import numpy as np
import pytest

from live.display.operator.operator_window import OperatorWindow, Target
from live.display.operator.process import run
from live.display.operator.view import OperatorView
from tests.live.display.operator.targets import crash, hang, press_keys
from tests.live.display.operator.test_drawing import VIEW
from tests.live.waiting import wait_until

Open = Callable[..., tuple[OperatorWindow, list[OperatorView]]]


@pytest.fixture
def open_operator() -> Iterator[Open]:
    """Opens operator windows, and closes them. Each comes with the views that it has asked for."""
    with ExitStack() as windows:

        def opened(
            target: Target = run, *, wanted: str | None = None, view: OperatorView = VIEW
        ) -> tuple[OperatorWindow, list[OperatorView]]:
            window = OperatorWindow("test", wanted, "0", retry_seconds=0.1, stall_seconds=1.0, target=target)
            windows.enter_context(closing(window))
            asked: list[OperatorView] = []

            def read() -> OperatorView:
                asked.append(view)
                return view

            window.start(read)
            return window, asked

        yield opened


def test_a_real_window_shows_one_view_after_the_other(dummy_display: None, open_operator: Open) -> None:
    window, asked = open_operator()
    wait_until(lambda: window.poll() or len(asked) >= 3)
    assert window.is_open


def test_a_show_that_cannot_be_read_is_read_again_and_does_not_end(
    dummy_display: None, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[OperatorView] = []

    def read() -> OperatorView:
        asked.append(VIEW)
        if len(asked) == 1:
            raise OSError("no descriptor is left")
        return VIEW

    with closing(OperatorWindow("test", None, "0", retry_seconds=0.1, stall_seconds=1.0, target=run)) as window:
        window.start(read)
        wait_until(lambda: window.poll() or len(asked) >= 3)
    assert "the operator window is missing: OSError: no descriptor is left" in capsys.readouterr().out


def test_keys_are_handed_on_and_the_user_may_close_it(open_operator: Open, capsys: pytest.CaptureFixture[str]) -> None:
    window, asked = open_operator(press_keys)
    wait_until(lambda: window.held_key)
    assert (window.poll(), window.held_key) == (["a"], "a")
    wait_until(lambda: not window.is_open)
    assert window.held_key is None
    assert len(asked) == 3
    wait_until(lambda: "the operator window is closed" in capsys.readouterr().out)


@pytest.mark.parametrize(
    ("target", "wanted", "reason"),
    [
        (run, "7", "there is no display 7"),
        (crash, None, "its process ended"),
        (hang, None, "it showed nothing for 1 s"),
    ],
)
def test_a_failure_is_said_once_and_the_window_tried_again(
    dummy_display: None,
    open_operator: Open,
    capsys: pytest.CaptureFixture[str],
    target: Target,
    wanted: str | None,
    reason: str,
) -> None:
    # More than fits into the pipe: a process that hangs does not take it.
    view = VIEW.__class__(**{**vars(VIEW), "picture": np.zeros((1000, 1000, 3), np.uint8)})
    window, _ = open_operator(target, wanted=wanted, view=view)
    processes: set[int] = set()

    def tried_again() -> bool:
        window.poll()
        process = window._process
        if process and process.pid:
            processes.add(process.pid)
        return len(processes) >= 3

    wait_until(tried_again)
    said = capsys.readouterr().out
    assert said.count("the operator window is missing") == 1
    window.close()
    assert "closed" not in capsys.readouterr().out
    assert reason in said
