"""What the tests of hostile files share, in both halves: limits on a refusal, and files that were changed anywhere."""

import contextlib
import random
import resource
import time
from collections.abc import Iterator

import pytest

SECONDS, MIB = 3.0, 512


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """Let this process take no more memory inside the block than a refusal may."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (used + MIB * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


@pytest.fixture(autouse=True)
def at_once_and_in_little_memory() -> Iterator[None]:
    """Fail a test that computes for longer, or takes more memory, than a refusal may."""
    began = time.process_time()
    with limited_memory():
        yield
    assert time.process_time() - began < SECONDS


def mutated(data: bytes, seed: int) -> bytes:
    """Return the data with some bytes changed, left out or put in."""
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(1 + chance.randrange(6)):
        place = chance.randrange(len(changed))
        changed[place : place + chance.randrange(40)] = chance.randbytes(chance.randrange(40))
    return bytes(changed)
