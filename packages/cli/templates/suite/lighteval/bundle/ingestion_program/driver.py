"""Runs a task of lighteval, or a family of tasks: those that have answers generated."""

import json
import sys
import tempfile

import datasets
from ingestion import Progress, fail
from lighteval.logging.evaluation_tracker import EnhancedJSONEncoder, EvaluationTracker
from lighteval.models.abstract_model import ModelConfig
from lighteval.models.model_input import GenerationParameters
from lighteval.pipeline import ParallelismManager, Pipeline, PipelineParameters
from lighteval.tasks.lighteval_task import LightevalTask
from lighteval.tasks.registry import Registry
from lighteval.tasks.requests import SamplingMethod

from gateway_model import GatewayModel

# The bundle's data may not be written beside.
datasets.disable_caching()


def describe(spec):
    """What the task is, from loading it without running it."""
    path, name = _source(spec)
    if "," in name:
        raise ValueError("it names several tasks: make an environment of each")
    config = _config(spec, "any")
    tasks = Registry(tasks=name, custom_tasks=path, load_multilingual=_multilingual(spec)).load_tasks()
    for task in tasks.values():
        _require_generative(task, config)
    LightevalTask.load_datasets(tasks)
    if any(doc.images for task in tasks.values() for doc in task.eval_docs()):
        raise ValueError("it shows images, which are not supported here")
    first = next(iter(tasks.values()))
    metrics = list(first.aggregation())
    better = first.metrics[0].higher_is_better
    return {
        "cases": sum(len(task.eval_docs()) for task in tasks.values()),
        "metric": metrics[0],
        "metrics": metrics,
        "higher_is_better": bool(better.get(metrics[0], True) if isinstance(better, dict) else better),
    }


def run(spec, settings):
    """Runs the task as often as there are epochs, and leaves results and details as log.json."""
    epochs = settings.epochs or 1
    document = {"metric": None, "epochs": []}
    progress = None
    for epoch in range(1, epochs + 1):
        model = GatewayModel(settings, _config(spec, settings.model), epoch)
        with tempfile.TemporaryDirectory() as logs:
            pipeline = _pipeline(spec, settings, model, logs)
        progress = progress or Progress(epochs * sum(map(len, pipeline.documents_dict.values())))
        model.progress = progress
        pipeline.evaluate()
        document["metric"] = next(iter(next(iter(pipeline.tasks_dict.values())).aggregation()))
        tracker = pipeline.evaluation_tracker
        document["epochs"].append({**tracker.results, "details": tracker.details, "calls": model.calls})
    text = json.dumps(document, cls=EnhancedJSONEncoder, ensure_ascii=False)
    (settings.output / "log.json").write_text(text, encoding="utf-8")


class _Pipeline(Pipeline):
    """Leaves out the cases that met an error: lighteval itself would count them as wrong."""

    def _init_tasks_and_requests(self, tasks):
        super()._init_tasks_and_requests(tasks)
        for docs in self.sampling_docs.values():
            # Some were drawn, in an order of its own.
            docs.sort(key=lambda doc: int(doc.id))
        for name, docs in self.documents_dict.items():
            seen = {}
            for doc in docs:
                # Numbers begin anew with each split.
                count = seen[doc.id] = seen.get(doc.id, 0) + 1
                doc.id = f"{name.split('|')[0]}/{doc.id}" + (f"-{count}" if count > 1 else "")

    def _run_model(self):
        outputs = super()._run_model()
        for method, responses in outputs.items():
            answered = [pair for pair in zip(self.sampling_docs[method], responses) if pair[1] is not None]
            if not answered:
                errors = (call["error"] for call in self.model.calls.values() if call["error"] is not None)
                fail(f"no case has an answer: {next(errors, 'there are no cases')}")
            self.sampling_docs[method] = [doc for doc, _ in answered]
            outputs[method] = [response for _, response in answered]
        return outputs


def _load_what_loads(load):
    """lighteval loads all of its tasks, whichever is asked for, and some ask the network for things when loaded."""

    def load_each(paths, *rest):
        configs = {}
        for path in paths:
            try:
                configs.update(load([path], *rest))
            except Exception as error:
                print(f"lighteval's tasks in {path.name} are left out: {error}", file=sys.stderr)
        return configs

    return staticmethod(load_each)


Registry._load_from_files = _load_what_loads(Registry._load_from_files)
Registry._load_from_subdirs = _load_what_loads(Registry._load_from_subdirs)


def _pipeline(spec, settings, model, logs):
    path, name = _source(spec)
    parameters = PipelineParameters(
        launcher_type=ParallelismManager.NONE,
        custom_tasks_directory=path,
        max_samples=settings.limit,
        load_tasks_multilingual=_multilingual(spec),
    )
    return _Pipeline(
        tasks=name,
        pipeline_parameters=parameters,
        evaluation_tracker=EvaluationTracker(output_dir=logs, save_details=False),
        model=model,
    )


def _require_generative(task, config):
    if any(method != SamplingMethod.GENERATIVE for method in task.sampling_methods):
        raise ValueError(
            f"{task.name} compares likelihoods, which chat endpoints do not give."
            " Choose a variant that generates its answer."
        )
    if max(task.num_samples) > 1 and config.generation_parameters.temperature == 0:
        raise ValueError(f"{task.name} samples several answers: set a temperature, --task-arg temperature=0.7")


def _source(spec):
    """`gsm8k`, `gsm8k|5` for five examples in the prompt, or `file.py@name` for an own one."""
    path, at, name = spec["task"].partition("@")
    if not path.endswith(".py"):
        return None, spec["task"]
    if not at:
        raise ValueError(f"{path} may define several tasks: name one, {path}@NAME")
    return path, name


def _multilingual(spec):
    return bool(spec["args"].get("load_tasks_multilingual", False))


def _config(spec, model):
    """Arguments are the system prompt, and lighteval's generation parameters."""
    own = {"system_prompt", "load_tasks_multilingual"}
    parameters = {name: value for name, value in spec["args"].items() if name not in own}
    return ModelConfig(
        model_name=model,
        system_prompt=spec["args"].get("system_prompt"),
        generation_parameters=GenerationParameters(**parameters),
    )
