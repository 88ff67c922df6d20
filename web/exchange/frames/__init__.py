"""Tables of ids and covariates, in CSV or Parquet, as numpy columns: the files of the model on files alone.

Ids are text. An empty cell is missing. A column that is not named in ``kinds`` is a covariate: numbers where every cell
that is not empty is a finite number, else text. Whatever cannot be taken is a BadFrame that names the place.
"""

from web.exchange.frames.kinds import CLIENTS, PAIRS, RATINGS, THERAPISTS, Kind
from web.exchange.frames.predictions import PREDICTIONS, writing_predictions
from web.exchange.frames.reading import Frame, Wanted, read_blocks, read_frame
from web.exchange.frames.refusal import BadFrame

__all__ = [
    "CLIENTS",
    "PAIRS",
    "PREDICTIONS",
    "RATINGS",
    "THERAPISTS",
    "BadFrame",
    "Frame",
    "Kind",
    "Wanted",
    "read_blocks",
    "read_frame",
    "writing_predictions",
]
