"""The mixed model written down plainly, with dense matrices of all ratings: slow, and nothing to get wrong."""

from __future__ import annotations

import numpy as np


def indicators(labels):
    """(n, levels) matrix of ones and zeros, levels sorted."""
    levels = sorted(set(labels))
    return np.array([[float(label == level) for level in levels] for label in labels])


class Dense:
    """y = Xb + Σ Z u + e, Var u = σ² λ I, Var e = σ² / weight; ``weight`` counts ratings."""

    def __init__(self, y, x, groups, weight=None):
        self.y, self.x, self.groups = np.asarray(y, float), np.asarray(x, float), groups
        self.weight = np.ones(len(self.y)) if weight is None else np.asarray(weight, float)

    def covariance(self, ratios):
        return np.diag(1 / self.weight) + sum(ratio * z @ z.T for ratio, z in zip(ratios, self.groups, strict=True))

    def criterion(self, ratios, *, restricted=True):
        """-2 log L with the residual variance at its best."""
        inverse = np.linalg.inv(self.covariance(ratios))
        information = self.x.T @ inverse @ self.x
        residual = self.y - self.x @ np.linalg.solve(information, self.x.T @ inverse @ self.y)
        freedom = self.weight.sum() - (self.x.shape[1] if restricted else 0)
        determinant = np.linalg.slogdet(self.covariance(ratios))[1] + np.log(self.weight).sum()
        if restricted:
            determinant += np.linalg.slogdet(information)[1]
        return determinant + freedom * (1 + np.log(2 * np.pi * (residual @ inverse @ residual) / freedom))

    def posterior(self, ratios, variance, x_new, groups_new):
        """Mean and covariance of x_new b + Σ Z_new u given y, b with a flat prior (kriging with unknown mean)."""
        inverse = np.linalg.inv(self.covariance(ratios))
        information = np.linalg.inv(self.x.T @ inverse @ self.x)
        beta = information @ self.x.T @ inverse @ self.y
        cross = sum(r * new @ z.T for r, new, z in zip(ratios, groups_new, self.groups, strict=True))
        prior = sum(r * new @ new.T for r, new in zip(ratios, groups_new, strict=True))
        left = x_new - cross @ inverse @ self.x
        mean = x_new @ beta + cross @ inverse @ (self.y - self.x @ beta)
        return mean, variance * (prior - cross @ inverse @ cross.T + left @ information @ left.T)
