"""Ableton Link: a real session of two programs of this machine; and a library that fails, in place of the real one."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from types import ModuleType

import pytest

from live.errors import ControlError
from live.tempo.beat import Beat
from live.tempo.link_session import LinkSession
from tests.live.tempo.link_peer import Peer, seconds_apart
from tests.live.waiting import wait_until

# A beat that is further away from that of the others is no longer together.
MOST_SECONDS_APART = 0.02
SESSION_SECONDS = 10.0
# In which two programs of one machine find each other, if multicast works there at all.
FINDING_SECONDS = 20.0


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A peer at 97 beats a minute. Skips the test where programs of this machine cannot find each other."""
    pytest.importorskip("link", reason="LinkPython-extern, of the extra link, is not installed")
    with closing(Peer(97)) as peer:
        with closing(Peer(97)) as another:
            end = time.monotonic() + FINDING_SECONDS
            while not (peer.read().others and another.read().others):
                if time.monotonic() > end:
                    pytest.skip("multicast does not work on this machine")
                time.sleep(0.05)
        yield peer


@pytest.mark.slow
def test_the_beat_is_that_of_the_session_and_goes_on_without_it(peer: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    beat = Beat()
    with closing(LinkSession(beat)) as link:
        wait_until(lambda: beat.leader == "Ableton Link")
        assert beat.bpm == pytest.approx(peer.read().bpm)
        assert not beat.tap()
        assert not beat.set_tempo(60)
        end = time.monotonic() + SESSION_SECONDS
        while time.monotonic() < end:
            assert abs(seconds_apart(beat, peer)) < MOST_SECONDS_APART
            time.sleep(0.1)
        count = beat.position
        peer.read(133.0)
        wait_until(lambda: beat.bpm == pytest.approx(133))
        time.sleep(0.2)
        assert abs(seconds_apart(beat, peer)) < MOST_SECONDS_APART
        assert beat.position - count < 4, "the count goes on, too"
        others = link.others
        peer.close()
        wait_until(lambda: link.others < others)
        if not link.others:
            wait_until(lambda: beat.leader is None)
            assert str(beat) == "133 BPM, Ableton Link"
            assert beat.set_tempo(60)
    assert "Ableton Link: 1 other, " in capsys.readouterr().out


@pytest.mark.slow
def test_whoever_joins_later_takes_the_tempo_and_the_bar_of_the_show(peer: Peer) -> None:
    peer.close()
    beat = Beat()
    with closing(LinkSession(beat)) as link:
        time.sleep(0.5)
        if link.others:
            pytest.skip("another session is in this network")
        beat.set_tempo(84)
        beat.tap()
        count, began = beat.position, time.monotonic()
        time.sleep(1.0)
        with closing(Peer(150)) as later:
            wait_until(lambda: beat.leader == "Ableton Link")
            wait_until(lambda: later.read().bpm == pytest.approx(84))
            time.sleep(0.5)
            expected = count + (time.monotonic() - began) * 84 / 60
            assert beat.position == pytest.approx(expected, abs=0.05)
            assert abs(seconds_apart(beat, later)) < MOST_SECONDS_APART


class FailingLink:
    """A library that cannot open its sockets, at first."""

    failures = 2

    def __init__(self, bpm: float) -> None:
        self.enabled = False
        if FailingLink.failures:
            FailingLink.failures -= 1
            raise RuntimeError("no network")

    def numPeers(self) -> int:
        return 0

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"no {name}")


def test_a_session_that_fails_is_one_line_and_the_own_tempo_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ModuleType("link")
    library.Link = FailingLink  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "link", library)
    beat = Beat()
    with closing(LinkSession(beat, retry_seconds=0.01)):
        wait_until(lambda: FailingLink.failures == 0)
        assert beat.set_tempo(90)
        time.sleep(0.3)
    assert capsys.readouterr().out.splitlines() == [
        "Ableton Link: no network; it is tried again",
        "Ableton Link: no captureAppSessionState; it is tried again",
    ]
    assert beat.runs


def test_without_the_library_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(ControlError, match=r"--link needs LinkPython-extern; pip install -e .*link"):
        LinkSession(Beat())
