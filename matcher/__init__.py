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
    from matcher.assignment import POLICIES as ASSIGNMENT_POLICIES
    from matcher.assignment import (
        Assignment,
        AssignmentProblem,
        assign,
        below_floor,
        blocking_pairs,
        breaches,
        compared,
        proof_of,
        regrets,
        shortages,
        totals,
    )
    from matcher.counterfactuals import what_if
    from matcher.development import acknowledged_effect, self_view, strengths, told
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
    from matcher.evaluation.pathway import pathway
    from matcher.evaluation.preview import preview
    from matcher.evaluation.shift import shift
    from matcher.evaluation.trial import Champion, trial
    from matcher.evaluation.waiting import waiting_times
    from matcher.exploration import seed_of
    from matcher.floods import Flood, flooded
    from matcher.learning import (
        Choice,
        experience_curve,
        factor_curve,
        learned_from_choices,
        learned_from_ratings,
        out_of_fold,
    )
    from matcher.measures import INSTRUMENTS, Instrument, band, reliable_change, score
    from matcher.moving import moves
    from matcher.outlook import ClinicModel
    from matcher.ranking import RULES, rank
    from matcher.scarcity import Flow, place_prices, scarcity_prices, scarcity_trial, year_of_arrivals
    from matcher.simulation import SimulatedClinic, simulate
    from matcher.slot import nearness, who_fits
    from matcher.suppression import closed_spans, is_told, told_cells
    from matcher.trajectory import CoursePrior, Thresholds, expected_course, thresholds, watch
    from matcher.weekly import Moved, moved
    from matcher.weights import CLIENT_BOUNDS, CLIENT_STEPS, PRESETS, emphasised, normalised
    from matcher.weights import DEFAULT as DEFAULT_WEIGHTS

_HOMES = {
    "ASSIGNMENT_POLICIES": ("matcher.assignment", "POLICIES"),
    "CLIENT_BOUNDS": ("matcher.weights", "CLIENT_BOUNDS"),
    "CLIENT_STEPS": ("matcher.weights", "CLIENT_STEPS"),
    "DEFAULT_WEIGHTS": ("matcher.weights", "DEFAULT"),
    "INSTRUMENTS": ("matcher.measures", "INSTRUMENTS"),
    "PRESETS": ("matcher.weights", "PRESETS"),
    "RULES": ("matcher.ranking", "RULES"),
    "AllianceModel": ("matcher.alliance", "AllianceModel"),
    "Assignment": ("matcher.assignment", "Assignment"),
    "AssignmentProblem": ("matcher.assignment", "AssignmentProblem"),
    "AtPlace": ("matcher.evaluation.placing", "AtPlace"),
    "Champion": ("matcher.evaluation.trial", "Champion"),
    "Choice": ("matcher.learning", "Choice"),
    "ClinicModel": ("matcher.outlook", "ClinicModel"),
    "CoursePrior": ("matcher.trajectory", "CoursePrior"),
    "Directory": ("matcher.encoding", "Directory"),
    "Expectations": ("matcher.evaluation", "Expectations"),
    "Flood": ("matcher.floods", "Flood"),
    "Flow": ("matcher.scarcity", "Flow"),
    "Instrument": ("matcher.measures", "Instrument"),
    "Moved": ("matcher.weekly", "Moved"),
    "Panel": ("matcher.evaluation.panel", "Panel"),
    "Past": ("matcher.evaluation.past", "Past"),
    "SimulatedClinic": ("matcher.simulation", "SimulatedClinic"),
    "Thresholds": ("matcher.trajectory", "Thresholds"),
    "acknowledged_effect": ("matcher.development", "acknowledged_effect"),
    "assign": ("matcher.assignment", "assign"),
    "at_place": ("matcher.evaluation.placing", "at_place"),
    "backtest": ("matcher.evaluation.backtest", "backtest"),
    "band": ("matcher.measures", "band"),
    "below_floor": ("matcher.assignment", "below_floor"),
    "blocking_pairs": ("matcher.assignment", "blocking_pairs"),
    "breaches": ("matcher.assignment", "breaches"),
    "by_group": ("matcher.evaluation", "by_group"),
    "calibration_curve": ("matcher.evaluation", "calibration_curve"),
    "calibration_line": ("matcher.evaluation", "calibration_line"),
    "closed_spans": ("matcher.suppression", "closed_spans"),
    "compared": ("matcher.assignment", "compared"),
    "coverage": ("matcher.evaluation", "coverage"),
    "cross_fitted": ("matcher.evaluation", "cross_fitted"),
    "emphasised": ("matcher.weights", "emphasised"),
    "expected_course": ("matcher.trajectory", "expected_course"),
    "experience_curve": ("matcher.learning", "experience_curve"),
    "exposure": ("matcher.evaluation", "exposure"),
    "factor_curve": ("matcher.learning", "factor_curve"),
    "first_choice_gain": ("matcher.evaluation", "first_choice_gain"),
    "is_told": ("matcher.suppression", "is_told"),
    "flooded": ("matcher.floods", "flooded"),
    "judge": ("matcher.evaluation", "judge"),
    "learned_from_choices": ("matcher.learning", "learned_from_choices"),
    "learned_from_ratings": ("matcher.learning", "learned_from_ratings"),
    "log_score": ("matcher.evaluation", "log_score"),
    "mae": ("matcher.evaluation", "mae"),
    "moved": ("matcher.weekly", "moved"),
    "moves": ("matcher.moving", "moves"),
    "ndcg": ("matcher.evaluation", "ndcg"),
    "normalised": ("matcher.weights", "normalised"),
    "out_of_fold": ("matcher.learning", "out_of_fold"),
    "pathway": ("matcher.evaluation.pathway", "pathway"),
    "pit_deciles": ("matcher.evaluation", "pit_deciles"),
    "place_prices": ("matcher.scarcity", "place_prices"),
    "policy_value": ("matcher.evaluation", "policy_value"),
    "preview": ("matcher.evaluation.preview", "preview"),
    "proof_of": ("matcher.assignment", "proof_of"),
    "randomised_pit": ("matcher.evaluation", "randomised_pit"),
    "rank": ("matcher.ranking", "rank"),
    "rank_correlation": ("matcher.evaluation", "rank_correlation"),
    "rank_correlation_within": ("matcher.evaluation", "rank_correlation_within"),
    "regrets": ("matcher.assignment", "regrets"),
    "reliable_change": ("matcher.measures", "reliable_change"),
    "rmse": ("matcher.evaluation", "rmse"),
    "scarcity_prices": ("matcher.scarcity", "scarcity_prices"),
    "scarcity_trial": ("matcher.scarcity", "scarcity_trial"),
    "score": ("matcher.measures", "score"),
    "seed_of": ("matcher.exploration", "seed_of"),
    "self_view": ("matcher.development", "self_view"),
    "shift": ("matcher.evaluation.shift", "shift"),
    "shortages": ("matcher.assignment", "shortages"),
    "simulate": ("matcher.simulation", "simulate"),
    "strengths": ("matcher.development", "strengths"),
    "threads": ("matcher.alliance", "threads"),
    "thresholds": ("matcher.trajectory", "thresholds"),
    "told": ("matcher.development", "told"),
    "told_cells": ("matcher.suppression", "told_cells"),
    "totals": ("matcher.assignment", "totals"),
    "trial": ("matcher.evaluation.trial", "trial"),
    "waiting_times": ("matcher.evaluation.waiting", "waiting_times"),
    "watch": ("matcher.trajectory", "watch"),
    "what_if": ("matcher.counterfactuals", "what_if"),
    "nearness": ("matcher.slot", "nearness"),
    "who_fits": ("matcher.slot", "who_fits"),
    "year_of_arrivals": ("matcher.scarcity", "year_of_arrivals"),
}

__all__ = [
    "ASSIGNMENT_POLICIES",
    "CLIENT_BOUNDS",
    "CLIENT_STEPS",
    "DEFAULT_WEIGHTS",
    "INSTRUMENTS",
    "PRESETS",
    "RULES",
    "AllianceModel",
    "Assignment",
    "AssignmentProblem",
    "AtPlace",
    "Champion",
    "Choice",
    "ClinicModel",
    "CoursePrior",
    "Directory",
    "Expectations",
    "Flood",
    "Flow",
    "Instrument",
    "Moved",
    "Panel",
    "Past",
    "SimulatedClinic",
    "Thresholds",
    "acknowledged_effect",
    "assign",
    "at_place",
    "backtest",
    "band",
    "below_floor",
    "blocking_pairs",
    "breaches",
    "by_group",
    "calibration_curve",
    "calibration_line",
    "closed_spans",
    "compared",
    "coverage",
    "cross_fitted",
    "emphasised",
    "expected_course",
    "experience_curve",
    "exposure",
    "factor_curve",
    "first_choice_gain",
    "flooded",
    "is_told",
    "judge",
    "learned_from_choices",
    "learned_from_ratings",
    "log_score",
    "mae",
    "moved",
    "moves",
    "ndcg",
    "nearness",
    "normalised",
    "out_of_fold",
    "pathway",
    "pit_deciles",
    "place_prices",
    "policy_value",
    "preview",
    "proof_of",
    "randomised_pit",
    "rank",
    "rank_correlation",
    "rank_correlation_within",
    "regrets",
    "reliable_change",
    "rmse",
    "scarcity_prices",
    "scarcity_trial",
    "score",
    "seed_of",
    "self_view",
    "shift",
    "shortages",
    "simulate",
    "strengths",
    "threads",
    "thresholds",
    "told",
    "told_cells",
    "totals",
    "trial",
    "waiting_times",
    "watch",
    "what_if",
    "who_fits",
    "year_of_arrivals",
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
