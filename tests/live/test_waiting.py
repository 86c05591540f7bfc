"""The search for what is missing, in the foreground and in the background."""

import threading
from collections.abc import Callable

import pytest

import live.waiting
from live.errors import CameraError, ControlError, DisplayError
from live.waiting import BackgroundSearch, Search
from tests.live.waiting import wait_until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.waiting, "RETRY_SECONDS", 0.01)


def after(reasons: list[str], *, may_pass: bool = True) -> Callable[[], str]:
    """Return a function that fails for these reasons, one after the other, and then returns "it"."""

    def open() -> str:
        if reasons:
            raise DisplayError(f"{reasons.pop(0)}; do something", may_pass=may_pass)
        return "it"

    return open


class Opened:
    """Something that was opened."""

    closed = False

    def close(self) -> None:
        self.closed = True


def never(_: Opened) -> None:
    """Fail the test: nothing is to be handed on."""
    pytest.fail("it was found")


def opened_after(errors: list[Exception]) -> Callable[[], Opened]:
    """Return a function that fails with these errors, one after the other, and then opens."""

    def open() -> Opened:
        if errors:
            raise errors.pop(0)
        return Opened()

    return open


def test_each_reason_is_said_once_and_that_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    search = Search("display 1", after(["none", "none", "only one", "none"]))
    seen: list[str] = []
    assert search.wait(threading.Event(), lambda: seen.append(search.missing)) == "it"
    assert (seen, search.missing) == (["none", "none", "only one", "none"], "")
    assert capsys.readouterr().out.splitlines() == [
        "waiting for display 1: none",
        "waiting for display 1: only one",
        "display 1 is there",
    ]


def test_what_is_there_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert Search("display 1", after([])).wait(threading.Event(), pytest.fail) == "it"
    assert capsys.readouterr().out == ""


def test_waiting_ends_when_it_is_told_to() -> None:
    stopping = threading.Event()
    assert Search("display 1", after(["none"] * 9)).wait(stopping, stopping.set) is None


def test_what_waiting_does_not_help_is_raised_at_once() -> None:
    with pytest.raises(DisplayError, match="broken"):
        Search("display 1", after(["broken"], may_pass=False)).attempt()
    with pytest.raises(DisplayError, match="broken"):
        BackgroundSearch("display 1", opened_after([DisplayError("broken")]), never)


def test_a_search_in_the_background_hands_on_what_it_finds_once() -> None:
    found: list[Opened] = []
    search = BackgroundSearch(
        "OSC", opened_after([ControlError("taken; give another", may_pass=True)] * 3), found.append
    )
    assert search.missing in ("taken", "")
    wait_until(lambda: found)
    search.close()
    assert (len(found), search.missing) == (1, "")
    assert not found[0].closed


def test_a_search_in_the_background_reports_what_came_and_is_of_no_use(capsys: pytest.CaptureFixture[str]) -> None:
    errors: list[Exception] = [CameraError("none", may_pass=True), CameraError("two of this name")]
    search = BackgroundSearch("camera 1", opened_after(errors), never)
    search._thread.join(100)
    assert capsys.readouterr().err.endswith("error: two of this name\n")
    assert search.missing
    search.close()


def test_an_error_that_nobody_expected_is_said_once_and_does_not_end_a_search(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: list[Opened] = []
    errors: list[Exception] = [CameraError("none", may_pass=True), *[RuntimeError("a driver failed")] * 3]
    search = BackgroundSearch("camera 1", opened_after(errors), found.append)
    wait_until(lambda: found)
    search.close()
    assert capsys.readouterr().out.splitlines() == [
        "waiting for camera 1: none",
        "waiting for camera 1: RuntimeError: a driver failed",
        "camera 1 is there",
    ]


def test_what_comes_after_the_end_of_a_search_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.waiting, "CLOSING_SECONDS", 0.01)
    late, opening, hanging = Opened(), threading.Event(), threading.Event()
    errors = [CameraError("none", may_pass=True)]

    def open() -> Opened:
        if errors:
            raise errors.pop()
        opening.set()
        hanging.wait(100)
        return late

    search = BackgroundSearch("camera 1", open, never)
    assert opening.wait(100)
    search.close()
    hanging.set()
    wait_until(lambda: late.closed)
