"""Ingestion program: runs the submitted code, one case at a time.

usage: ingestion.py INPUT_DATA OUTPUT SUBMISSION

INPUT_DATA    the input data of the task
SUBMISSION    the submission: model.py must define a function predict(a, b) that returns a number
OUTPUT        predictions.json is written here; the scoring program finds it in its input, under res/

The reference data is not on this machine: whatever a submission does, it cannot read the answers.
"""

import json
import sys
import traceback
from pathlib import Path


def fail(message):
    """A wrong submission ends here. The participant reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def load_predict(folder):
    """The submission's function predict."""
    if not (folder / "model.py").is_file():
        fail("there is no model.py at the top level of the submission")
    sys.path.insert(0, str(folder))  # so that model.py can import files beside it
    try:
        from model import predict
    # SystemExit too: a submission that calls exit() must not end this program as if all went well.
    except (Exception, SystemExit):
        traceback.print_exc()
        fail("the function predict could not be imported from model.py (see above)")
    return predict


def main():
    input_data, output, submission = map(Path, sys.argv[1:4])
    cases = json.loads((input_data / "cases.json").read_text(encoding="utf-8"))
    predict = load_predict(submission)
    predictions = {}
    for done, case in enumerate(cases, start=1):
        try:
            predictions[case["id"]] = float(predict(case["a"], case["b"]))
        except (Exception, SystemExit):
            traceback.print_exc()
            fail(f"predict failed on case {case['id']} (see above)")
        # benchgen shows lines of this form as progress.
        print(f"Processing: {done}/{len(cases)} ({100 * done // len(cases)}%)", flush=True)
    (output / "predictions.json").write_text(json.dumps(predictions), encoding="utf-8")


if __name__ == "__main__":
    main()
