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
    from matcher.counterfactuals import what_if
    from matcher.encoding import Directory
    from matcher.evaluation import (
        Expectations,
        by_group,
        calibration_curve,
        calibration_line,
        coverage,
        cross_fitted,
        exposure,
        first_choice_gain,
        judge,
        log_score,
        mae,
        ndcg,
        pit_deciles,
        policy_value,
        randomised_pit,
        rank_correlation,
        rank_correlation_within,
        rmse,
    )
    from matcher.evaluation.backtest import backtest
    from matcher.evaluation.panel import Panel
    from matcher.evaluation.past import Past
    from matcher.evaluation.placing import place_chance
    from matcher.evaluation.preview import preview
    from matcher.evaluation.shift import shift
    from matcher.evaluation.trial import Champion, trial
    from matcher.exploration import seed_of
    from matcher.learning import (
        Choice,
        experience_curve,
        factor_curve,
        learned_from_choices,
        learned_from_ratings,
        out_of_fold,
    )
    from matcher.moving import moves
    from matcher.outlook import ClinicModel
    from matcher.ranking import RULES, rank
    from matcher.simulation import SimulatedClinic, simulate
    from matcher.slot import who_fits
    from matcher.weights import CLIENT_BOUNDS, CLIENT_STEPS, PRESETS, emphasised, normalised
    from matcher.weights import DEFAULT as DEFAULT_WEIGHTS

_HOMES = {
    "CLIENT_BOUNDS": ("matcher.weights", "CLIENT_BOUNDS"),
    "CLIENT_STEPS": ("matcher.weights", "CLIENT_STEPS"),
    "DEFAULT_WEIGHTS": ("matcher.weights", "DEFAULT"),
    "PRESETS": ("matcher.weights", "PRESETS"),
    "RULES": ("matcher.ranking", "RULES"),
    "AllianceModel": ("matcher.alliance", "AllianceModel"),
    "Champion": ("matcher.evaluation.trial", "Champion"),
    "Choice": ("matcher.learning", "Choice"),
    "ClinicModel": ("matcher.outlook", "ClinicModel"),
    "Directory": ("matcher.encoding", "Directory"),
    "Expectations": ("matcher.evaluation", "Expectations"),
    "Panel": ("matcher.evaluation.panel", "Panel"),
    "Past": ("matcher.evaluation.past", "Past"),
    "SimulatedClinic": ("matcher.simulation", "SimulatedClinic"),
    "backtest": ("matcher.evaluation.backtest", "backtest"),
    "by_group": ("matcher.evaluation", "by_group"),
    "calibration_curve": ("matcher.evaluation", "calibration_curve"),
    "calibration_line": ("matcher.evaluation", "calibration_line"),
    "coverage": ("matcher.evaluation", "coverage"),
    "cross_fitted": ("matcher.evaluation", "cross_fitted"),
    "emphasised": ("matcher.weights", "emphasised"),
    "experience_curve": ("matcher.learning", "experience_curve"),
    "exposure": ("matcher.evaluation", "exposure"),
    "factor_curve": ("matcher.learning", "factor_curve"),
    "first_choice_gain": ("matcher.evaluation", "first_choice_gain"),
    "judge": ("matcher.evaluation", "judge"),
    "learned_from_choices": ("matcher.learning", "learned_from_choices"),
    "learned_from_ratings": ("matcher.learning", "learned_from_ratings"),
    "log_score": ("matcher.evaluation", "log_score"),
    "mae": ("matcher.evaluation", "mae"),
    "moves": ("matcher.moving", "moves"),
    "ndcg": ("matcher.evaluation", "ndcg"),
    "normalised": ("matcher.weights", "normalised"),
    "out_of_fold": ("matcher.learning", "out_of_fold"),
    "pit_deciles": ("matcher.evaluation", "pit_deciles"),
    "place_chance": ("matcher.evaluation.placing", "place_chance"),
    "policy_value": ("matcher.evaluation", "policy_value"),
    "preview": ("matcher.evaluation.preview", "preview"),
    "randomised_pit": ("matcher.evaluation", "randomised_pit"),
    "rank": ("matcher.ranking", "rank"),
    "rank_correlation": ("matcher.evaluation", "rank_correlation"),
    "rank_correlation_within": ("matcher.evaluation", "rank_correlation_within"),
    "rmse": ("matcher.evaluation", "rmse"),
    "seed_of": ("matcher.exploration", "seed_of"),
    "shift": ("matcher.evaluation.shift", "shift"),
    "simulate": ("matcher.simulation", "simulate"),
    "threads": ("matcher.alliance", "threads"),
    "trial": ("matcher.evaluation.trial", "trial"),
    "what_if": ("matcher.counterfactuals", "what_if"),
    "who_fits": ("matcher.slot", "who_fits"),
}

__all__ = [
    "CLIENT_BOUNDS",
    "CLIENT_STEPS",
    "DEFAULT_WEIGHTS",
    "PRESETS",
    "RULES",
    "AllianceModel",
    "Champion",
    "Choice",
    "ClinicModel",
    "Directory",
    "Expectations",
    "Panel",
    "Past",
    "SimulatedClinic",
    "backtest",
    "by_group",
    "calibration_curve",
    "calibration_line",
    "coverage",
    "cross_fitted",
    "emphasised",
    "experience_curve",
    "exposure",
    "factor_curve",
    "first_choice_gain",
    "judge",
    "learned_from_choices",
    "learned_from_ratings",
    "log_score",
    "mae",
    "moves",
    "ndcg",
    "normalised",
    "out_of_fold",
    "pit_deciles",
    "place_chance",
    "policy_value",
    "preview",
    "randomised_pit",
    "rank",
    "rank_correlation",
    "rank_correlation_within",
    "rmse",
    "seed_of",
    "shift",
    "simulate",
    "threads",
    "trial",
    "what_if",
    "who_fits",
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
