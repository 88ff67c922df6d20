"""Other people's libraries, run by the python of ``.bench-env``: ``elsewhere.py METHOD GIVEN FOUND SETTING``.

GIVEN holds codes (client and therapist first), numbers and scores, NaN where a score is asked for; FOUND gets the
predictions of those rows. No score that is asked for can be seen from here. ``SETTING`` is JSON.
"""

from __future__ import annotations

import json
import sys

import numpy as np

CLIENT, THERAPIST = 0, 1
SEED = 0


def catboost(codes, numbers, score, trees, rate, depth, without_client=False):
    """Boosted symmetric trees, every code a category; without the client's where all that are asked for are new."""
    from catboost import CatBoostRegressor, Pool

    codes = codes[:, 1:] if without_client else codes
    cells = np.column_stack([codes.astype(object), numbers.astype(object)])
    categories, asked = list(range(codes.shape[1])), np.isnan(score)
    model = CatBoostRegressor(
        iterations=trees, learning_rate=rate, depth=depth, thread_count=1, random_seed=SEED, verbose=0,
        allow_writing_files=False,
    )  # fmt: skip
    model.fit(Pool(cells[~asked], score[~asked], cat_features=categories))
    return model.predict(Pool(cells[asked], cat_features=categories))


def gpboost_mixed(codes, numbers, score, groups, fixed=(), slopes=()):
    """A mixed model: intercepts of (products of) codes, slopes (group, number), fixed levels of codes and numbers."""
    import gpboost

    asked = np.isnan(score)
    design = np.column_stack([np.ones(len(score)), *(_levels(codes[:, at]) for at in fixed), numbers])
    grouping, more, whose = _groups(codes, numbers, groups, slopes)
    model = gpboost.GPModel(
        group_data=grouping[~asked],
        group_rand_coef_data=None if more is None else more[~asked],
        ind_effect_group_rand_coef=whose,
        likelihood="gaussian",
        num_parallel_threads=1,
    )
    model.fit(y=score[~asked], X=design[~asked])
    found = model.predict(
        group_data_pred=grouping[asked],
        group_rand_coef_data_pred=None if more is None else more[asked],
        X_pred=design[asked],
        predict_var=False,
    )
    return found["mu"]


def gpboost_trees(codes, numbers, score, groups, features, trees, rate, leaves, least):
    """Boosted trees on ``features`` (codes) and all numbers, with random intercepts of (products of) codes.

    The variances are estimated once, before the trees: estimated anew in every round, they take minutes a tree. Scores
    are taken in units of the residual's sd, without which its steps are too long by the inverse of its variance.
    """
    import gpboost

    asked = np.isnan(score)
    cells = np.column_stack([codes[:, features], numbers]).astype(float)
    grouping, _, _ = _groups(codes, numbers, groups, ())
    mean = score[~asked].mean()
    before = gpboost.GPModel(group_data=grouping[~asked], likelihood="gaussian", num_parallel_threads=1)
    before.fit(y=score[~asked] - mean)
    variances = np.asarray(before.get_cov_pars(format_pandas=False)).ravel()
    unit = np.sqrt(variances[0])
    model = gpboost.GPModel(group_data=grouping[~asked], likelihood="gaussian", num_parallel_threads=1)
    model.set_optim_params(params={"init_cov_pars": variances / variances[0]})
    params = {
        "learning_rate": rate, "num_leaves": leaves, "min_data_in_leaf": least, "verbose": -1, "num_threads": 1,
        "seed": SEED,
    }  # fmt: skip
    scaled = (score[~asked] - mean) / unit
    data = gpboost.Dataset(cells[~asked], scaled, categorical_feature=list(range(len(features))))
    booster = gpboost.train(
        params=params, train_set=data, gp_model=model, num_boost_round=trees, train_gp_model_cov_pars=False
    )
    found = booster.predict(data=cells[asked], group_data_pred=grouping[asked], predict_var=False)
    return mean + unit * found["response_mean"]


def surprise_svd(codes, numbers, score, factors, epochs, penalty):
    """Funk's matrix factorisation with biases: ids alone."""
    from surprise import SVD

    return _surprise(codes, score, SVD(n_factors=factors, n_epochs=epochs, reg_all=penalty, random_state=SEED))


def surprise_baseline(codes, numbers, score, client, therapist):
    """Damped biases of client and therapist: ids alone."""
    from surprise import BaselineOnly

    options = {"method": "als", "n_epochs": 20, "reg_u": client, "reg_i": therapist}
    return _surprise(codes, score, BaselineOnly(bsl_options=options, verbose=False))


def _surprise(codes, score, model):
    from surprise import Dataset, Reader

    asked = np.isnan(score)
    scale = (float(np.nanmin(score)), float(np.nanmax(score)))
    data = Dataset(Reader(rating_scale=scale))
    rated = [(c, t, y, None) for c, t, y in zip(codes[~asked, 0], codes[~asked, 1], score[~asked], strict=True)]
    model.fit(data.construct_trainset(rated))
    return np.array([model.predict(c, t).est for c, t in codes[asked, :2]])


def lightfm_order(codes, numbers, score, client_features, therapist_features, factors, epochs, rate, penalty):
    """A hybrid factorisation: clients and therapists as sums of their features' vectors, logistic loss.

    It orders and gives no scores; it knows liked and disliked alone: at least the mean score, or below. Its order is
    put on the scale of the scores by least squares within the ratings it has seen.
    """
    from lightfm import LightFM
    from scipy import sparse

    asked = np.isnan(score)
    liked = np.where(score[~asked] >= score[~asked].mean(), 1, -1).astype(np.float32)
    place = (codes[~asked, CLIENT], codes[~asked, THERAPIST])
    shape = (codes[:, CLIENT].max() + 1, codes[:, THERAPIST].max() + 1)
    likes = sparse.coo_matrix((liked, place), shape=shape)
    users = _described(codes, numbers, CLIENT, shape[0], client_features, known=place[0])
    items = _described(codes, numbers, THERAPIST, shape[1], therapist_features, known=place[1])
    model = LightFM(
        no_components=factors, loss="logistic", learning_rate=rate, item_alpha=penalty, user_alpha=penalty,
        random_state=SEED,
    )  # fmt: skip
    model.fit(likes, user_features=users, item_features=items, epochs=epochs, num_threads=1)
    pairs = np.ascontiguousarray(codes[:, :2].T, dtype=np.int32)
    order = model.predict(*pairs, item_features=items, user_features=users, num_threads=1)
    slope, level = np.polyfit(order[~asked], score[~asked], 1)
    return level + slope * order[asked]


def _described(codes, numbers, side, n, features, known):
    """(n, …) sparse: an indicator of each id that was seen, levels of codes, numbers as they are."""
    from scipy import sparse

    first = np.full(n, -1)
    first[codes[::-1, side]] = np.arange(len(codes))[::-1]
    first = np.maximum(first, 0)
    seen = np.isin(np.arange(n), known).astype(float)
    parts = [sparse.diags(seen)]
    parts += [sparse.csr_matrix(_levels(codes[:, at], drop=0)[first]) for at in features["codes"]]
    parts += [sparse.csr_matrix(numbers[:, [at]][first]) for at in features["numbers"]]
    return sparse.hstack(parts).tocsr().astype(np.float32)


def _levels(values, drop=1):
    """Indicators of all levels but the first ``drop``."""
    levels = np.unique(values)
    return (values[:, None] == levels[drop:]).astype(float)


def _groups(codes, numbers, groups, slopes):
    """Group labels (n, groups), numbers with slopes, and to which group (from 1) each slope belongs."""
    labels = np.column_stack([_product(codes[:, list(group)]) for group in groups])
    if not slopes:
        return labels, None, None
    return labels, np.column_stack([numbers[:, at] for _, at in slopes]), [group + 1 for group, _ in slopes]


def _product(columns):
    return np.unique(columns, axis=0, return_inverse=True)[1].ravel()


if __name__ == "__main__":
    method, given, found, setting = sys.argv[1:]
    with np.load(given) as arrays:
        np.save(found, globals()[method](**arrays, **json.loads(setting)))
