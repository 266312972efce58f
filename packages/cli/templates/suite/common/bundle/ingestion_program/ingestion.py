"""Ingestion program: runs a task of an evaluation suite against the run's model, through the gateway.

usage: ingestion.py INPUT_DATA OUTPUT SUBMISSION

INPUT_DATA    suite.json: which task, with which arguments; task/: its files; datasets/: what it loads
OUTPUT        what the suite logs, as the suite writes it, and suite.json: which version of it did
SUBMISSION    model.json: what the run is made against, with limit, epochs and concurrency where they were given

driver.py knows the suite; everything here is the same for each.
"""

import json
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from threading import Lock
from typing import Optional
from urllib.parse import quote

import dataset_store


@dataclass(frozen=True)
class Settings:
    """What a driver is told of the run. What was not asked for is None: the suite's own default holds."""

    base_url: str
    api_key: str
    model: str
    limit: Optional[int]
    epochs: Optional[int]
    concurrency: int
    output: Path


def case_headers(case_id, epoch=1):
    """Headers by which the gateway knows which case a call is for. Ids may hold anything, headers may not."""
    return {"X-Case-Id": quote(str(case_id), safe=""), "X-Case-Epoch": str(epoch)}


class Progress:
    """Prints lines that benchgen shows as progress. May be used by several threads."""

    def __init__(self, total, done=0):
        self._total = total
        self._done = done
        self._lock = Lock()

    def step(self):
        with self._lock:
            self._done = min(self._done + 1, self._total)
            percent = 100 * self._done // self._total
            print(f"Processing: {self._done}/{self._total} ({percent}%)", flush=True)


def fail(message):
    """Ends the program. Whoever started the run reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def stay_here():
    """There is no network but the gateway, and only /tmp and the output last as long as the job."""
    home = os.environ.setdefault("HOME", "/tmp")
    os.environ.update(
        HF_HUB_OFFLINE="1",
        HF_DATASETS_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
        TOKENIZERS_PARALLELISM="false",
        HF_HOME=f"{home}/.cache/huggingface",
        XDG_CACHE_HOME=f"{home}/.cache",
        XDG_DATA_HOME=f"{home}/.local/share",
    )


def read_settings(submission, output):
    """From model.json and the environment."""
    names = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "MODEL_NAME")
    if any(name not in os.environ for name in names):
        fail("this environment evaluates a model, and the run names none: benchgen run ENVIRONMENT --model NAME")
    path = submission / "model.json"
    asked = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    base_url, api_key, model = (os.environ[name] for name in names)
    return Settings(
        base_url=base_url,
        api_key=api_key,
        model=model,
        limit=asked.get("limit"),
        epochs=asked.get("epochs"),
        concurrency=asked.get("concurrency") or 10,
        output=output,
    )


def check_version(spec, package):
    """The installed version of the suite. Another than the bundle was made with may score differently."""
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        fail(
            f"{sys.executable} does not have {package}: run in an image that has {package}=={spec['version']},"
            " or name a virtual environment that has it: BENCHGEN_EXPOSE=/opt/venv"
        )
    if version != spec["version"]:
        print(f"warning: made with {package} {spec['version']}, run with {version}", file=sys.stderr)
    return version


def main():
    input_data, output, submission = map(Path, sys.argv[1:4])
    settings = read_settings(submission, output)
    stay_here()
    spec = json.loads((input_data / "suite.json").read_text(encoding="utf-8"))
    task_directory = input_data / "task"
    task_directory.mkdir(exist_ok=True)
    os.chdir(task_directory)
    dataset_store.replay(input_data / "datasets", task_directory)
    version = check_version(spec, spec["package"])
    # Imported here: the suite reads its surroundings when it is imported.
    import driver

    driver.run(spec, settings)
    ran = {"name": spec["suite"], "task": spec["task"], "version": version, "made_with": spec["version"]}
    (output / "suite.json").write_text(json.dumps(ran), encoding="utf-8")


if __name__ == "__main__":
    # Drivers import this module by its name: let them find it, not a second copy.
    sys.modules["ingestion"] = sys.modules["__main__"]
    main()
