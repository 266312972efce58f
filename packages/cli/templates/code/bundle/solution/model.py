"""An example submission, run before the environment is published. It need not be good."""


def predict(a, b):
    return 4
