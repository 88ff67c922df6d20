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
    from matcher.evaluation.panel import Panel
    from matcher.evaluation.preview import preview
    from matcher.evaluation.trial import Champion, trial
    from matcher.moving import moves
    from matcher.outlook import ClinicModel
    from matcher.ranking import rank
    from matcher.simulation import SimulatedClinic, simulate
    from matcher.weights import CLIENT_BOUNDS, CLIENT_STEPS, PRESETS, emphasised, normalised
    from matcher.weights import DEFAULT as DEFAULT_WEIGHTS

_HOMES = {
    "AllianceModel": ("matcher.alliance", "AllianceModel"),
    "CLIENT_BOUNDS": ("matcher.weights", "CLIENT_BOUNDS"),
    "CLIENT_STEPS": ("matcher.weights", "CLIENT_STEPS"),
    "Champion": ("matcher.evaluation.trial", "Champion"),
    "ClinicModel": ("matcher.outlook", "ClinicModel"),
    "DEFAULT_WEIGHTS": ("matcher.weights", "DEFAULT"),
    "Directory": ("matcher.encoding", "Directory"),
    "PRESETS": ("matcher.weights", "PRESETS"),
    "Panel": ("matcher.evaluation.panel", "Panel"),
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
    "preview": ("matcher.evaluation.preview", "preview"),
    "randomised_pit": ("matcher.evaluation", "randomised_pit"),
    "rank": ("matcher.ranking", "rank"),
    "rank_correlation": ("matcher.evaluation", "rank_correlation"),
    "rank_correlation_within": ("matcher.evaluation", "rank_correlation_within"),
    "rmse": ("matcher.evaluation", "rmse"),
    "simulate": ("matcher.simulation", "simulate"),
    "threads": ("matcher.alliance", "threads"),
    "trial": ("matcher.evaluation.trial", "trial"),
}

__all__ = [
    "CLIENT_BOUNDS",
    "CLIENT_STEPS",
    "DEFAULT_WEIGHTS",
    "PRESETS",
    "AllianceModel",
    "Champion",
    "ClinicModel",
    "Directory",
    "Panel",
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
    "preview",
    "randomised_pit",
    "rank",
    "rank_correlation",
    "rank_correlation_within",
    "rmse",
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
