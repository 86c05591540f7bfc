"""The commands' arguments: what has a place has no option of the same name."""

from pathlib import Path

import pytest

from tests.train.commands import run_train


@pytest.mark.parametrize(
    "words",
    [
        ("fit", "--film", "a.mkv", "--out", "run"),
        ("export", "--run", "run", "--out", "b"),
        ("sample-film", "--path", "a"),
    ],
    ids=lambda words: words[0],
)
def test_a_positional_argument_has_no_option(tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = run_train(tmp_path, *words)
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert not any(tmp_path.iterdir())
