"""A show with an operator window."""

from collections.abc import Callable, Iterator

import pytest

import live.show.window_show
from live.controls.table import HELP
from live.display.operator.operator_window import OperatorWindow
from live.display.operator.view import OperatorView
from live.errors import SettingsError
from live.settings import parse_settings
from tests.live.scripted_window import Perform, ScriptedWindow


class KeptWindow(OperatorWindow):
    """A real operator window that keeps its newest view."""

    newest: OperatorView | None = None

    @property
    def view(self) -> OperatorView:
        assert self.newest
        return self.newest

    def start(self, read: Callable[[], OperatorView | None]) -> None:
        def keep() -> OperatorView | None:
            self.newest = read()
            return self.newest

        super().start(keep)


@pytest.fixture
def operators(monkeypatch: pytest.MonkeyPatch) -> list[KeptWindow]:
    """The operator windows of the shows of a test."""
    made: list[KeptWindow] = []

    class Window(KeptWindow):
        def __init__(self, title: str, wanted: str | None, audience: str | None) -> None:
            super().__init__(title, wanted, audience)
            made.append(self)

    monkeypatch.setattr(live.show.window_show, "OperatorWindow", Window)
    return made


def test_the_audiences_window_shows_the_picture_alone_while_it_is_open(
    perform: Perform, operators: list[KeptWindow]
) -> None:
    seen: list[ScriptedWindow] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: operators and operators[0].newest)
        assert not window.hud
        yield ["h"]
        yield ["u"]
        yield from window.until(lambda: operators[0].view.help == HELP and "trail 0.1" in operators[0].view.notices)
        yield ["shift+4"]
        yield from window.until(lambda: operators[0].view.stored_presets == {4})
        view = operators[0].view
        assert dict(view.hud)["seed"] == "3"
        assert next(meter for meter in view.parameters if meter.label == "trail").text == "0.1"
        assert {meter.label for meter in view.machine} >= {"step", "window", "frames/s", "late, 10 s"}
        assert view.picture.shape == window.shown[-1].shape
        assert (window.hud, window.help, window.notices) == ({}, (), ())
        # It has crashed, so HUD and help are where they were before.
        process = operators[0]._process
        assert process
        process.kill()
        yield from window.until(lambda: window.hud and window.help == HELP)
        seen.append(window)

    assert perform(script, "--operator", "--hud")[0] == 0
    assert seen


def test_keys_of_the_operator_window_play_the_show(perform: Perform, operators: list[KeptWindow]) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: operators and operators[0].newest)
        operators[0]._keys.put("b")
        yield from window.until(lambda: not window.shown[-1].any() and not operators[0].view.picture.any())
        operators[0]._keys.put("b")
        operators[0].held_key = "u"
        operators[0]._keys.put("u")
        yield from window.until(lambda: dict(operators[0].view.hud).get("feedback") == "trail +1")

    assert perform(script, "--operator")[0] == 0


@pytest.mark.parametrize("other", ["--kiosk", "--headless"])
def test_what_an_operator_window_does_not_go_with(other: str) -> None:
    with pytest.raises(SettingsError, match="--operator"):
        parse_settings(["--operator", other])
