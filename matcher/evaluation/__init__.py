"""How good predictions and rankings are, against what happened or against a known truth."""

from matcher.evaluation.baselines import (
    BASELINES,
    Baseline,
    client_only,
    overall_mean,
    shrunken_therapist_mean,
    therapist_mean,
)
from matcher.evaluation.calibration import (
    calibration_curve,
    calibration_line,
    coverage,
    pit_deciles,
    randomised_pit,
)
from matcher.evaluation.crossfitting import Expectations, cross_fitted
from matcher.evaluation.fairness import by_group, exposure
from matcher.evaluation.gate import Comparison, Verdict, judge
from matcher.evaluation.metrics import (
    first_choice_gain,
    log_score,
    mae,
    ndcg,
    rank_correlation,
    rank_correlation_within,
    rmse,
)
from matcher.evaluation.off_policy import PolicyValue, policy_value
from matcher.evaluation.splits import Split, at_random, by_client, by_therapist, by_time

__all__ = [
    "BASELINES",
    "Baseline",
    "Comparison",
    "Expectations",
    "PolicyValue",
    "Split",
    "Verdict",
    "at_random",
    "by_client",
    "by_group",
    "by_therapist",
    "by_time",
    "calibration_curve",
    "calibration_line",
    "client_only",
    "coverage",
    "cross_fitted",
    "exposure",
    "first_choice_gain",
    "judge",
    "log_score",
    "mae",
    "ndcg",
    "overall_mean",
    "pit_deciles",
    "policy_value",
    "randomised_pit",
    "rank_correlation",
    "rank_correlation_within",
    "rmse",
    "shrunken_therapist_mean",
    "therapist_mean",
]
