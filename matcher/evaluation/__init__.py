"""How good predictions and rankings are, against what happened or against a known truth."""

from matcher.evaluation.metrics import first_choice_gain, ndcg, rank_correlation, rmse

__all__ = ["first_choice_gain", "ndcg", "rank_correlation", "rmse"]
