"""The sample code: a classifier everybody gets, so that only the training data makes the difference.

It answers with the cultivator of the most similar training wine.
"""

from math import dist

# The mean and standard deviation of each measurement over all wines: grams and milligrams cannot be compared,
# standard deviations can.
SCALE = {
    "alcohol": (13.0, 0.8),
    "malic_acid": (2.34, 1.12),
    "ash": (2.36, 0.27),
    "alcalinity_of_ash": (19.5, 3.3),
    "magnesium": (99.7, 14.3),
    "total_phenols": (2.29, 0.63),
    "flavanoids": (2.03, 1.00),
    "nonflavanoid_phenols": (0.36, 0.12),
    "proanthocyanins": (1.59, 0.57),
    "color_intensity": (5.1, 2.3),
    "hue": (0.96, 0.23),
    "od280_od315": (2.61, 0.71),
    "proline": (746, 315),
}


class Classifier:
    def __init__(self, wines, cultivators):
        """wines: a list of dicts, measurement -> number. cultivators: a list of the same length."""
        self.known = [(point(wine), cultivator) for wine, cultivator in zip(wines, cultivators)]

    def predict(self, wine):
        here = point(wine)
        return min(self.known, key=lambda known: dist(here, known[0]))[1]


def point(wine):
    return [(wine[name] - mean) / deviation for name, (mean, deviation) in SCALE.items()]
