"""Real headless Chromium, driven through its DevTools protocol over two pipes. No library is needed for it."""

import base64
import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Self

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root
    "--no-first-run",
    "--disable-background-networking",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-pipe",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


def _pipe() -> tuple[int, int]:
    """Return the two ends of a pipe, as descriptors that leave the first ten free."""
    ends = os.pipe()
    copies = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return copies[0], copies[1]


class PageError(AssertionError):
    """A script of the page raised."""


class Browser:
    """A browser with one page.

    Args:
        profile: Folder of its profile, which it makes.
    """

    def __init__(self, profile: Path) -> None:
        answers, their_end = _pipe()
        our_end, requests = _pipe()
        # Chromium reads from descriptor 3 and writes to 4, which only a shell can promise.
        command = ["bash", "-c", f'exec "$@" 3<&{our_end} 4>&{their_end} {our_end}<&- {their_end}>&-', "chromium"]
        self._process = subprocess.Popen(
            [*command, "chromium", *ARGUMENTS, f"--user-data-dir={profile}"],
            pass_fds=(our_end, their_end),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(our_end)
        os.close(their_end)
        self._requests = os.fdopen(requests, "wb", buffering=0)
        self._answers = answers
        self._rest = b""  # of what was read, after the last answer
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        """Errors of the page: its console's, and exceptions that nothing caught."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.close()
        self._process.kill()
        self._process.wait()
        os.close(self._answers)

    def _call(self, method: str, **given: Any) -> Any:
        self._number += 1
        request = {"id": self._number, "method": method, "params": given}
        if self._session:
            request["sessionId"] = self._session
        self._requests.write(json.dumps(request).encode() + b"\0")
        while True:
            answer = json.loads(self._read())
            self._listen(answer)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _read(self) -> bytes:
        parts = [self._rest]
        while b"\0" not in parts[-1]:
            parts.append(os.read(self._answers, 2**20))
            assert parts[-1], "Chromium ended"
        answer, _, self._rest = b"".join(parts).partition(b"\0")
        return answer

    def _listen(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            self.said.append(
                event["params"]["exceptionDetails"].get("exception", {}).get("description", "an exception")
            )
        if event.get("method") == "Runtime.consoleAPICalled" and event["params"]["type"] == "error":
            self.said.append(" ".join(str(each.get("value")) for each in event["params"]["args"]))

    def open(self, address: str) -> None:
        """Open a page, and forget what the one before said."""
        self.said.clear()
        self._call("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, or what a promise becomes."""
        done = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise PageError(done["exceptionDetails"].get("exception", {}).get("description", script))
        return done["result"].get("value")

    def wait_for(self, condition: str, seconds: float = 60) -> None:
        """Wait until an expression in the page is true."""
        asked = (
            "new Promise((resolve) => { const end = performance.now() + "
            f"{1000 * seconds}; const ask = () => (({condition}) || performance.now() > end) "
            f"? resolve(Boolean({condition})) : setTimeout(ask, 20); ask(); }})"
        )
        assert self.run(asked), f"not within {seconds:g} s: {condition}; the page said {self.said}"

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, with the gesture that browsers ask for."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y = self.run(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({box})")
        # Controls that are hidden come back when the pointer moves.
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def resize(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Give the page another size."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def save_screenshot(self, path: Path) -> None:
        """Save what the page shows as a PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))
