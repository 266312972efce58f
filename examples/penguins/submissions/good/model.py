"""Nearest neighbours: what were the five most similar training birds?"""

from collections import Counter
from math import dist
from statistics import fmean, pstdev

NEIGHBOURS = 5


class Model:
    def fit(self, rows, answers):
        self.answers = answers
        self.numbers = {key: [row[key] for row in rows] for key in rows[0] if isinstance(rows[0][key], float)}
        # Millimetres and grams cannot be compared, standard deviations can.
        self.scale = {key: (fmean(values), pstdev(values)) for key, values in self.numbers.items()}
        self.labels = {key: sorted({row[key] for row in rows if row[key]}) for key in rows[0] if key not in self.scale}
        self.points = [self.point(row) for row in rows]

    def point(self, row):
        """Numbers in standard deviations from the mean; each label as zeros and a one, all zeros when unknown."""
        numbers = [(row[key] - mean) / spread for key, (mean, spread) in self.scale.items()]
        labels = [float(row[key] == label) for key, values in self.labels.items() for label in values]
        return numbers + labels

    def predict(self, row):
        point = self.point(row)
        order = sorted(range(len(self.points)), key=lambda index: dist(point, self.points[index]))
        nearest = [self.answers[index] for index in order[:NEIGHBOURS]]
        return Counter(nearest).most_common(1)[0][0] if isinstance(nearest[0], str) else fmean(nearest)
