"""Cuts the source table into the bundle's input and reference data. Run it again and nothing changes.

usage: python3 build-data.py        (from any directory)

Every bird with measurements is used once: half of them to train on, a quarter to test in the development
phase, a quarter in the final phase, each with the species in proportion. The birds are shuffled first. Taking
every fourth row of the source instead would go wrong: the two birds of a nest are neighbours in it, so one sex
would be trained on and the other tested.
"""

import csv
import hashlib
import random
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source" / "penguins.csv"
SOURCE_SHA256 = "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"
TARGETS = {"species": "species", "body-mass": "body_mass_g"}


def write(path, rows, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    content = SOURCE.read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{SOURCE} is not the published table: its SHA-256 differs")
    birds = list(csv.DictReader(content.decode("utf-8").splitlines()))
    columns = list(birds[0])
    # Two birds were never measured; eleven have no sex, nine of them measured: an empty cell.
    birds = [bird for bird in birds if bird["bill_length_mm"] != "NA"]
    birds = [{key: "" if value == "NA" else value for key, value in bird.items()} for bird in birds]

    random.Random("penguins").shuffle(birds)
    birds.sort(key=lambda bird: bird["species"])  # stable: still shuffled within a species
    train = birds[0::4] + birds[2::4]
    tests = {"development": birds[1::4], "final": birds[3::4]}
    for phase, test in tests.items():
        random.Random(phase).shuffle(test)  # or the order would give the species away
        test = [{"id": f"{phase[0]}{number:03}", **bird} for number, bird in enumerate(test, start=1)]
        for task, target in TARGETS.items():
            features = [column for column in columns if column != target]
            name = f"{task}-{phase}"
            write(HERE / "bundle" / "input_data" / name / "train.csv", train, [*features, target])
            write(HERE / "bundle" / "input_data" / name / "test.csv", test, ["id", *features])
            write(HERE / "bundle" / "reference_data" / name / "answers.csv", test, ["id", *features, target])


if __name__ == "__main__":
    main()
