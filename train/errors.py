"""What a user of the studio can get wrong. Each is shown as one line that says what to do; exit code 2."""


class TrainError(Exception):
    """Parent of all errors that a user can cause and mend; its text is the whole message."""


class FilmError(TrainError):
    """The film cannot be read, or holds nothing that a network could learn."""


class SizeError(TrainError):
    """The picture size is one that the network cannot take."""


class RunError(TrainError):
    """The run folder is missing, damaged, or belongs to a training with other settings."""


class ExportError(TrainError):
    """The exported graph does not do what the checkpoint does."""


class OutputError(TrainError):
    """What is to be written exists already, or cannot be written."""


class BundleError(TrainError):
    """The bundle is missing, damaged, or nothing that could be rolled out."""


class PicturesError(TrainError):
    """The folder of pictures or pairs cannot be read, or holds too little that a network could learn."""


class RecipeError(TrainError):
    """There is no recipe of this name."""
