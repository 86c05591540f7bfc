"""Bounded time: an action in a thread or in a process of its own, for which nobody waits longer than told."""

import os
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


class NoAnswerError(Exception):
    """An action did not end in time, or its process ended without an answer."""


def in_thread(action: Callable[[], T], seconds: float) -> T:
    """Return what `action` returns, or raise what it raises.

    Raises:
        NoAnswerError: It takes longer than `seconds`. Its thread is left behind, and ends with the process.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(action())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="check", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise NoAnswerError(f"no answer within {seconds:g} s")
    return results[0]


def in_process(function: Callable[..., T], *arguments: object, seconds: float) -> T:
    """Return what a function returns in a process of its own, or raise what it raises.

    Drivers may hang, crash or print: there, none of it reaches this process.

    Args:
        function: A function of a module. It, its arguments and its result can be pickled.
        arguments: Its arguments.
        seconds: Time for it, the start of the process included.

    Raises:
        NoAnswerError: The process takes longer, or ends without an answer.
    """
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sending, function, arguments), name="check", daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise NoAnswerError(f"no answer within {seconds:g} s")
        result, error = receiving.recv()
    except EOFError:
        process.join(1)
        raise NoAnswerError(f"its process crashed (exit code {process.exitcode})") from None
    finally:
        process.kill()
        process.join(1)
        receiving.close()
    if error is not None:
        raise error
    value: T = result
    return value


def _answer(connection: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    # Libraries in C print past Python's own streams.
    for descriptor in (1, 2):
        os.dup2(silence, descriptor)
    result: object = None
    failure: Exception | None = None
    try:
        result = function(*arguments)
    except Exception as error:
        failure = error
    try:
        connection.send((result, failure))
    # Some libraries' results and exceptions cannot be pickled.
    except Exception as error:
        connection.send((None, RuntimeError(str(failure or error))))
