"""Cuts the source table into a public pool and a secret test. Run it again and nothing changes.

usage: python3 build-data.py        (from any directory)

Two thirds of the wines of each cultivator go to the pool participants choose from, one third to the test.
"""

import csv
import hashlib
import random
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source" / "wine_data.csv"
SOURCE_SHA256 = "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede"
MEASUREMENTS = (
    "alcohol malic_acid ash alcalinity_of_ash magnesium total_phenols flavanoids nonflavanoid_phenols "
    "proanthocyanins color_intensity hue od280_od315 proline"
).split()


def write(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main():
    content = SOURCE.read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{SOURCE} is not the published table: its SHA-256 differs")
    # The first line holds counts, not names. The last cell is the cultivator: 0, 1 or 2.
    wines = list(csv.reader(content.decode("ascii").splitlines()))[1:]
    random.Random("wine").shuffle(wines)
    wines.sort(key=lambda wine: wine[-1])  # stable: still shuffled within a cultivator
    test, pool = wines[0::3], wines[1::3] + wines[2::3]
    # Shuffled again, or the order would give the cultivator away.
    random.Random("test").shuffle(test)
    random.Random("pool").shuffle(pool)

    numbered = [[f"w{number:02}", *wine] for number, wine in enumerate(test, start=1)]
    bundle = HERE / "bundle"
    write(bundle / "public_data" / "pool.csv", [*MEASUREMENTS, "cultivator"], pool)
    write(bundle / "sample_code" / "test.csv", ["id", *MEASUREMENTS], [wine[:-1] for wine in numbered])
    write(bundle / "reference_data" / "answers.csv", ["id", *MEASUREMENTS, "cultivator"], numbered)


if __name__ == "__main__":
    main()
