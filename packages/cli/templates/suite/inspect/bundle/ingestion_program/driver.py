"""Runs a task of Inspect (inspect_ai)."""

import shutil
import tempfile
from pathlib import Path

import inspect_ai
from ingestion import Progress, case_headers, fail
from inspect_ai.hooks import Hooks, hooks
from inspect_ai.model import get_model, modelapi

METRIC_PREFIX = "inspect_ai/"


def describe(spec):
    """What the task is, from loading it without running it."""
    with tempfile.TemporaryDirectory() as logs:
        log = _evaluate(spec, "mockllm/model", logs, run_samples=False)
    # Inspect itself passes over what a task does not take.
    taken = {**log.eval.task_args, **(log.eval.task_args_passed or {})}
    unknown = [name for name in spec["args"] if name not in taken]
    if unknown:
        raise ValueError(f"{log.eval.task} has no argument {unknown[0]}; it has {', '.join(sorted(taken)) or 'none'}")
    scorers = log.eval.scorers or []
    metrics = [
        f"{scorer.name}_{metric.name.removeprefix(METRIC_PREFIX)}"
        for scorer in scorers
        for metric in (scorer.metrics if isinstance(scorer.metrics, list) else [])
    ]
    first = metrics[0].removeprefix(f"{scorers[0].name}_") if metrics else "score"
    return {
        "cases": log.eval.dataset.samples,
        "metric": f"{scorers[0].name}: {first}" if scorers else first,
        "metrics": metrics,
        "higher_is_better": True,
    }


def run(spec, settings):
    """Runs the task, and leaves its log as log.json."""
    model = get_model(
        f"benchgen/{settings.model}", base_url=settings.base_url, api_key=settings.api_key, memoize=False
    )
    with tempfile.TemporaryDirectory() as logs:
        log = _evaluate(
            spec,
            model,
            logs,
            limit=settings.limit,
            epochs=settings.epochs,
            max_connections=settings.concurrency,
            # A case that meets an error is not scored; the others go on.
            fail_on_error=False,
            # Three tries again take half a minute; without a limit Inspect would try for hours.
            max_retries=3,
        )
        shutil.copyfile(Path(log.location), settings.output / "log.json")
    if log.status != "success":
        fail(f"Inspect's log says {log.status}: {log.error.message if log.error else 'no reason'}")


def _evaluate(spec, model, logs, **options):
    made = inspect_ai.eval(
        spec["task"],
        model=model,
        task_args=spec["args"],
        log_dir=logs,
        log_format="json",
        display="plain",
        **options,
    )
    if len(made) != 1:
        names = sorted(log.eval.task for log in made)
        raise ValueError(f"{spec['task']} holds the tasks {', '.join(names)}: name one, {spec['task']}@{names[0]}")
    return made[0]


@modelapi("benchgen")
def _gateway():
    """Inspect's client for OpenAI-compatible endpoints, telling the gateway which case a call is for."""
    from inspect_ai.log._samples import sample_active
    from inspect_ai.model._providers.openai_compatible import OpenAICompatibleAPI

    class GatewayAPI(OpenAICompatibleAPI):
        def __init__(self, model_name, **options):
            super().__init__(model_name, service="benchgen", **options)

        def service_model_name(self):
            return self.model_name

        def request_headers(self, config):
            active = sample_active()
            told = case_headers(active.sample.id, active.epoch) if active and active.sample.id is not None else {}
            return {**super().request_headers(config), **told}

        def should_retry(self, ex):
            # A budget that is used up stays so.
            return getattr(ex, "code", None) != "budget_exhausted" and super().should_retry(ex)

    return GatewayAPI


@hooks(name="benchgen_progress", description="Prints how many samples are done.")
class _ProgressHooks(Hooks):
    progress = None

    async def on_task_start(self, data):
        samples = data.spec.dataset.sample_ids or []
        limit = data.spec.config.limit
        count = min(len(samples), limit) if isinstance(limit, int) else len(samples)
        self.progress = Progress(count * (data.spec.config.epochs or 1))

    async def on_sample_end(self, data):
        if self.progress is not None:
            self.progress.step()
