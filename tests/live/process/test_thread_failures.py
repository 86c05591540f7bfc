"""A thread that ends by a defect, as the log and stderr tell it."""

import threading

import pytest

from live.process.thread_failures import noted_thread_failures


def test_what_ends_a_thread_is_in_the_log_and_on_stderr(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    printed: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda failure: printed.append(failure.exc_type))
    usual = threading.excepthook

    def fail() -> None:
        raise ZeroDivisionError("a defect\nin many lines")

    with noted_thread_failures():
        thread = threading.Thread(target=fail, name="webcam supervisor")
        thread.start()
        thread.join()
    assert printed == [ZeroDivisionError]
    assert threading.excepthook is usual
    said, trace = (record.getMessage() for record in caplog.records)
    assert said == (
        "a defect ended the thread webcam supervisor (ZeroDivisionError: a defect); the show goes on without it"
    )
    assert trace.startswith("Traceback")
