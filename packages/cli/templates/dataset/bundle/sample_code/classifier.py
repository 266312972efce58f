"""The sample code: everybody's classifier. It answers with the size of the training animal nearest in weight."""


class Classifier:
    def __init__(self, examples):
        """examples: a list of (weight in kg, size)."""
        self.examples = examples

    def predict(self, weight):
        return min(self.examples, key=lambda example: abs(example[0] - weight))[1]
