"""Rapport's matcher: domain objects and arrays in, ranked and explained results out.

The nouns (``Intake``, ``Therapist``, ``Rating`` …) stand in ``matcher.entities``, the words in ``matcher.vocabulary``,
the errors in ``matcher.errors``; all that computes and is public stands here. Names load when they are first used, so
that what needs one of them does not wait for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.alliance import AllianceModel, threads
    from matcher.encoding import Directory
    from matcher.evaluation import (
        by_group,
        calibration_curve,
        calibration_line,
        coverage,
        exposure,
        first_choice_gain,
        judge,
        log_score,
        mae,
        ndcg,
        pit_deciles,
        randomised_pit,
        rank_correlation,
        rank_correlation_within,
        rmse,
    )
    from matcher.evaluation.shift import shift
    from matcher.evaluation.trial import Champion, trial
    from matcher.moving import moves
    from matcher.outlook import ClinicModel
    from matcher.ranking import rank
    from matcher.simulation import SimulatedClinic, simulate
    from matcher.weights import DEFAULT as DEFAULT_WEIGHTS
    from matcher.weights import PRESETS, emphasised, normalised

_HOMES = {
    "AllianceModel": ("matcher.alliance", "AllianceModel"),
    "Champion": ("matcher.evaluation.trial", "Champion"),
    "ClinicModel": ("matcher.outlook", "ClinicModel"),
    "DEFAULT_WEIGHTS": ("matcher.weights", "DEFAULT"),
    "Directory": ("matcher.encoding", "Directory"),
    "PRESETS": ("matcher.weights", "PRESETS"),
    "SimulatedClinic": ("matcher.simulation", "SimulatedClinic"),
    "by_group": ("matcher.evaluation", "by_group"),
    "calibration_curve": ("matcher.evaluation", "calibration_curve"),
    "calibration_line": ("matcher.evaluation", "calibration_line"),
    "coverage": ("matcher.evaluation", "coverage"),
    "emphasised": ("matcher.weights", "emphasised"),
    "exposure": ("matcher.evaluation", "exposure"),
    "first_choice_gain": ("matcher.evaluation", "first_choice_gain"),
    "judge": ("matcher.evaluation", "judge"),
    "log_score": ("matcher.evaluation", "log_score"),
    "mae": ("matcher.evaluation", "mae"),
    "moves": ("matcher.moving", "moves"),
    "ndcg": ("matcher.evaluation", "ndcg"),
    "normalised": ("matcher.weights", "normalised"),
    "pit_deciles": ("matcher.evaluation", "pit_deciles"),
    "randomised_pit": ("matcher.evaluation", "randomised_pit"),
    "rank": ("matcher.ranking", "rank"),
    "rank_correlation": ("matcher.evaluation", "rank_correlation"),
    "rank_correlation_within": ("matcher.evaluation", "rank_correlation_within"),
    "rmse": ("matcher.evaluation", "rmse"),
    "shift": ("matcher.evaluation.shift", "shift"),
    "simulate": ("matcher.simulation", "simulate"),
    "threads": ("matcher.alliance", "threads"),
    "trial": ("matcher.evaluation.trial", "trial"),
}

__all__ = [
    "DEFAULT_WEIGHTS",
    "PRESETS",
    "AllianceModel",
    "Champion",
    "ClinicModel",
    "Directory",
    "SimulatedClinic",
    "by_group",
    "calibration_curve",
    "calibration_line",
    "coverage",
    "emphasised",
    "exposure",
    "first_choice_gain",
    "judge",
    "log_score",
    "mae",
    "moves",
    "ndcg",
    "normalised",
    "pit_deciles",
    "randomised_pit",
    "rank",
    "rank_correlation",
    "rank_correlation_within",
    "rmse",
    "shift",
    "simulate",
    "threads",
    "trial",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
