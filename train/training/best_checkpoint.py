"""Choice of the checkpoint that is exported: the averaged generator whose validation scored best."""

from __future__ import annotations

from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import Run
from train.training.trainer import Trainer
from train.training.validation import ValidationResult


class BestCheckpoint:
    """The best.pt of a run, the score that it has, and the patience with which a better one is awaited.

    Attributes:
        score: of best.pt; None: there is none yet.
        without_progress: validations of this session since the best score.
    """

    def __init__(self, run: Run, patience: int, score: float | None = None) -> None:
        """Start without a checkpoint, or with one of this score."""
        self.run, self.patience, self.score = run, patience, score
        self.without_progress = 0

    @classmethod
    def resume(cls, run: Run, patience: int) -> BestCheckpoint:
        """Continue with the best.pt of an earlier session, if there is one."""
        return cls(run, patience, load_checkpoint(run.best)["score"] if run.best.is_file() else None)

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
        if self.score is not None and result.score <= self.score:
            self.without_progress += 1
            return False
        self.without_progress = 0
        save_checkpoint(self.run.best, {**trainer.averaged_state(), "score": result.score, "report": result.report})
        self.score = result.score  # only now: what a full disk has refused is not kept
        return True
