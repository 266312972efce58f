"""Fails as real submissions do: it works on most birds, and nobody thought of the ones whose sex is unknown."""

from statistics import fmean


class Model:
    def fit(self, rows, answers):
        self.typical = {}
        for sex in ("female", "male"):
            group = [answer for row, answer in zip(rows, answers) if row["sex"] == sex]
            self.typical[sex] = max(set(group), key=group.count) if isinstance(group[0], str) else fmean(group)

    def predict(self, row):
        return self.typical[row["sex"].lower()]  # row["sex"] is None for a bird whose sex is unknown
