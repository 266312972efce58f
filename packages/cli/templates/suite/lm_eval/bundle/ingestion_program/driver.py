"""Runs a task, or a group of tasks, of the lm-evaluation-harness (lm_eval): those that have answers generated."""

import functools
import inspect
import json
import re
from pathlib import Path

from ingestion import Progress, fail
from lm_eval import simple_evaluate
from lm_eval.tasks import TaskManager
from lm_eval.utils import handle_non_serializable

from gateway_model import GatewayModel


def describe(spec):
    """What the task is, from loading it without running it."""
    known = inspect.signature(simple_evaluate).parameters
    unknown = [name for name in spec["args"] if name not in known]
    if unknown:
        raise ValueError(f"simple_evaluate of lm_eval has no argument {unknown[0]}")
    loaded = _manager(spec).load([_name(spec)])
    tasks = loaded["tasks"]
    for name, task in tasks.items():
        if task.OUTPUT_TYPE != "generate_until":
            raise ValueError(
                f"{name} compares likelihoods ({task.OUTPUT_TYPE}), which chat endpoints do not give."
                " Choose a variant that generates its answer."
            )
    first = next(iter(tasks.values()))
    metrics = [f"{metric},{one.name}" for one in first._filters for metric in first.higher_is_better()]
    return {
        "cases": sum(len(task.eval_docs) for task in tasks.values()),
        "metric": metrics[0],
        "metrics": [re.sub(r"\W+", "_", metric) for metric in metrics],
        "higher_is_better": bool(next(iter(first.higher_is_better().values()), True)),
    }


def run(spec, settings):
    """Runs the task as often as there are epochs, and leaves results and samples as log.json."""
    epochs = [_epoch(spec, settings, epoch) for epoch in range(1, (settings.epochs or 1) + 1)]
    document = {"task": _name(spec), "epochs": epochs}
    text = json.dumps(document, default=handle_non_serializable, ensure_ascii=False)
    (settings.output / "log.json").write_text(text, encoding="utf-8")


def _epoch(spec, settings, epoch):
    """Results, samples and calls of one repeat."""
    loaded = _manager(spec).load([_name(spec)])["tasks"]
    lengths = {name: min(len(task.eval_docs), settings.limit or len(task.eval_docs)) for name, task in loaded.items()}
    cases = sum(lengths.values())
    progress = Progress(cases * (settings.epochs or 1), done=cases * (epoch - 1))
    model = GatewayModel(settings, epoch, progress)
    found = _evaluate(spec, model, [_name(spec)], limit=settings.limit)
    failed = {(call["task"], call["doc"]) for call in model.calls if call["error"] is not None}
    if failed:
        # lm_eval knows no case without an answer: it would count them as wrong. Those that have one are evaluated
        # again, from the answers that were given.
        answered = {
            name: [doc for doc in range(length) if (name, doc) not in failed] for name, length in lengths.items()
        }
        answered = {name: docs for name, docs in answered.items() if docs}
        if not answered:
            fail(f"no case has an answer: {model.calls[0]['error']}")
        names = [_name(spec)] if len(answered) == len(lengths) else list(answered)
        model.repeat(answered)
        found = _evaluate(spec, model, names, samples=answered)
    return {
        "results": found["results"],
        "groups": found.get("groups") or {},
        "samples": found["samples"],
        "calls": model.calls,
    }


def _evaluate(spec, model, tasks, **options):
    return simple_evaluate(
        model=model,
        tasks=tasks,
        task_manager=_manager(spec),
        apply_chat_template=True,
        log_samples=True,
        **{**options, **spec["args"]},
    )


def _manager(spec):
    """Knows the tasks in the working directory, and the suite's own where they are needed."""
    if _is_file(spec):
        own = _all_tasks(False)
        try:
            own.load([_name(spec)])
            return own
        except (KeyError, ValueError):
            pass  # A group of the suite's own tasks, perhaps.
    return _all_tasks(True)


@functools.cache
def _all_tasks(defaults):
    """The suite's own take seconds to read: there are thousands."""
    return TaskManager(include_path=".", include_defaults=defaults)


def _is_file(spec):
    return spec["task"].partition("@")[0].endswith((".yaml", ".yml"))


def _name(spec):
    """`gsm8k`, `task.yaml@name`, or the task that task.yaml defines."""
    path, _, name = spec["task"].partition("@")
    if name or not _is_file(spec):
        return name or path
    found = re.search(r"^(?:task|group):\s*[\"']?([\w.+-]+)", Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{path} names neither a task nor a group")
    return found.group(1)
