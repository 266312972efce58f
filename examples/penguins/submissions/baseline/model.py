"""The least a model can do: the most common species, the mean mass. Anything useful must beat it."""

from collections import Counter
from statistics import fmean


class Model:
    def fit(self, rows, answers):
        if isinstance(answers[0], str):
            self.answer = Counter(answers).most_common(1)[0][0]
        else:
            self.answer = fmean(answers)

    def predict(self, row):
        return self.answer
