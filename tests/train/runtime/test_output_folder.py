"""Output folders are written whole or not at all, and replace nothing else."""

import json
from pathlib import Path

import pytest

from train.errors import OutputError
from train.runtime.output_folder import check_replaceable, distinct_names, files_of_report, written_whole

FILES = frozenset({"a.txt", "b.txt"})


def test_a_free_path_may_be_written(tmp_path: Path) -> None:
    check_replaceable(tmp_path / "free", "report", FILES, overwrite=False)


def test_a_folder_of_the_kind_is_replaced_only_on_request(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(OutputError, match="--overwrite"):
        check_replaceable(tmp_path, "report", FILES, overwrite=False)
    check_replaceable(tmp_path, "report", FILES, overwrite=True)


@pytest.mark.parametrize("name", ["thesis.txt", "a.txt/c.txt"])
def test_foreign_files_are_never_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    out = tmp_path if name == "thesis.txt" else tmp_path / name
    with pytest.raises(OutputError, match="will not be replaced"):
        check_replaceable(out, "report", FILES, overwrite=True)


def test_a_whole_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    for content in ("first", "second"):
        with written_whole(out, "report") as folder:
            (folder / f"{content}.txt").write_text(content)
    assert [path.name for path in out.iterdir()] == ["second.txt"]
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def interrupt_while_writing(out: Path) -> None:
    with written_whole(out, "report") as folder:
        (folder / "b.txt").touch()
        raise KeyboardInterrupt


def test_a_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with written_whole(out, "report") as folder:
        (folder / "a.txt").touch()
    with pytest.raises(KeyboardInterrupt):
        interrupt_while_writing(out)
    assert [path.name for path in out.iterdir()] == ["a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the report cannot be written"), written_whole(tmp_path / "out", "report"):
        raise OSError("No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_report_lists_its_files(tmp_path: Path) -> None:
    assert files_of_report(tmp_path) == set()
    (tmp_path / "figures.json").write_text("[]")
    assert files_of_report(tmp_path) == set()
    (tmp_path / "figures.json").write_text(json.dumps({"files": ["figures.json", "a.txt"]}))
    assert files_of_report(tmp_path) == {"figures.json", "a.txt"}


def test_equal_names_are_numbered() -> None:
    assert distinct_names(["hats", "hats", "bunny", "hats"]) == ["hats", "hats-2", "bunny", "hats-3"]
