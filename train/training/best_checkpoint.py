"""Choice of the checkpoint that is exported: the averaged generator whose validation scored best."""

from __future__ import annotations

from collections.abc import Sequence

from train.errors import RunError
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import Run
from train.training.trainer import Trainer
from train.training.validation import ValidationResult


class BestCheckpoint:
    """The best.pt of a run, the score that it has, and the patience with which a better one is awaited.

    Scores of different bars cannot be compared: those of an earlier version, or of a machine with or without the
    network of wholeness. The first validation of a session that counts other bars than best.pt replaces it.

    Attributes:
        score: of best.pt; None: there is none yet.
        without_progress: validations of this session since the best score, in the training's last stage.
    """

    def __init__(self, run: Run, patience: int, score: float | None = None, labels: Sequence[str] = ()) -> None:
        """Start without a checkpoint, or with one of this score, of the bars with these labels."""
        self.run, self.patience, self.score = run, patience, score
        self._labels = list(labels)
        self.without_progress = 0

    @classmethod
    def resume(cls, run: Run, patience: int) -> BestCheckpoint:
        """Continue with the best.pt of an earlier session, if there is one."""
        if not run.best.is_file():
            return cls(run, patience)
        kept = load_checkpoint(run.best)
        try:
            return cls(run, patience, float(kept["score"]), [row["label"] for row in kept.get("report", [])])
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"{run.best} is not as `fit` writes it; delete it and train again") from error

    @classmethod
    def start(cls, run: Run, patience: int) -> BestCheckpoint:
        """Start anew, and delete the best.pt of an earlier training in this folder."""
        run.best.unlink(missing_ok=True)
        return cls(run, patience)

    @property
    def out_of_patience(self) -> bool:
        """True if the score has not improved for as many validations as the patience allows."""
        return self.without_progress >= self.patience

    def offer(self, trainer: Trainer, result: ValidationResult) -> bool:
        """Write best.pt if this validation of the averaged generator scored best; return True if it did.

        Raises:
            OutputError: it scored best, and cannot be written.
        """
        labels = [check.bar.label for check in result.checks]
        if self.score is not None and labels == self._labels and result.score <= self.score:
            self.without_progress += trainer.stage == trainer.last_stage
            return False
        self.without_progress = 0
        save_checkpoint(self.run.best, {**trainer.averaged_state(), "score": result.score, "report": result.report})
        self.score, self._labels = result.score, labels  # only now: what a full disk has refused is not kept
        return True
