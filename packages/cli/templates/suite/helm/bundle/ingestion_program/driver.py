"""Runs a run entry of HELM (crfm-helm): one that has answers generated."""

import json
import sys
import tempfile
from importlib import resources
from pathlib import Path

import nltk
import yaml
from gateway_client import CaseExecutor, PlanExecutor, Planned, register_gateway
from helm.benchmark.adaptation.adapter_spec import (
    ADAPT_CHAT,
    ADAPT_GENERATION,
    ADAPT_MULTIPLE_CHOICE_JOINT,
    ADAPT_MULTIPLE_CHOICE_JOINT_CHAIN_OF_THOUGHT,
)
from helm.benchmark.config_registry import register_builtin_configs_from_helm_package
from helm.benchmark.executor import ExecutionSpec
from helm.benchmark.presentation.run_entry import RunEntry
from helm.benchmark.run import import_user_plugins, run_entries_to_run_specs
from helm.benchmark.runner import Runner, set_benchmark_output_path
from helm.common.authentication import Authentication
from ingestion import Progress, fail

GENERATIVE = {
    ADAPT_CHAT,
    ADAPT_GENERATION,
    ADAPT_MULTIPLE_CHOICE_JOINT,
    ADAPT_MULTIPLE_CHOICE_JOINT_CHAIN_OF_THOUGHT,
}

# The instances of the scenario, as HELM caches them, and where in its output it looks for them.
INSTANCES = Path("instances.json")

# Which metric HELM's own tables show of a scenario, by the scenario's group.
SCHEMAS = ("schema_classic.yaml", "schema_lite.yaml", "schema_capabilities.yaml")


def describe(spec):
    """What the run entry is, from loading its instances and making its prompts, without asking anything."""
    model = register_gateway("any", "http://127.0.0.1", "none")
    with tempfile.TemporaryDirectory() as output:
        run_spec = _run_spec(spec, model, output)
        _runner(output, 1, cache_only=True).run_one(run_spec)
        cached = next(Path(output).rglob("input_instances.json"))
        kept = {"path": str(cached.relative_to(output)), "instances": json.loads(cached.read_text(encoding="utf-8"))}
        INSTANCES.write_text(json.dumps(kept), encoding="utf-8")
        cases = _plan(run_spec, output)
    metric, lower_is_better = _main_metric(spec, run_spec)
    return {
        "cases": len({case.id for case in cases}),
        "metric": metric,
        "metrics": _named_metrics(run_spec) or [metric],
        "higher_is_better": not lower_is_better,
    }


def run(spec, settings):
    """Runs the entry as often as there are epochs, and leaves what HELM writes of each as log.json."""
    model = register_gateway(settings.model, settings.base_url, settings.api_key)
    epochs = settings.epochs or 1
    kept = json.loads(INSTANCES.read_text(encoding="utf-8"))
    document = {"metric": None, "epochs": []}
    progress = None
    for epoch in range(1, epochs + 1):
        with tempfile.TemporaryDirectory() as output:
            cached = Path(output) / kept["path"]
            cached.parent.mkdir(parents=True)
            cached.write_text(json.dumps(kept["instances"]), encoding="utf-8")
            run_spec = _run_spec(spec, model, output, settings.limit)
            _require_tokenizer(run_spec)
            progress = progress or Progress(epochs * len(_plan(run_spec, output)))
            runner = _runner(output, settings.concurrency)
            runner.executor = CaseExecutor(runner.executor.execution_spec, epoch, progress)
            runner.run_one(run_spec)
            written = next(Path(output).rglob("scenario_state.json")).parent.glob("*.json")
            of_helm = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in written}
        document["metric"], _ = _main_metric(spec, run_spec)
        document["epochs"].append({**of_helm, "cases": runner.executor.cases})
    text = json.dumps(document, ensure_ascii=False)
    (settings.output / "log.json").write_text(text, encoding="utf-8")


def _run_spec(spec, model, output, limit=None):
    """The one run that the entry stands for, with the gateway for its model."""
    path, _, entry = spec["task"].rpartition("@")
    if not path and entry.endswith(".py"):
        raise ValueError(f"{entry} may define several runs: name one, {entry}@RUN_ENTRY")
    # Some run specs load data when they are made.
    set_benchmark_output_path(output)
    register_builtin_configs_from_helm_package()
    if path:
        import_user_plugins([path])
    own = [f"{name}={value}" for name, value in spec["args"].items() if name != "main_metric"]
    separator = "," if ":" in entry else ":"
    entry += separator + ",".join([*own, f"model={model}"])
    found = run_entries_to_run_specs([RunEntry(description=entry, priority=1, groups=None)], max_eval_instances=limit)
    if len(found) != 1:
        raise ValueError(f"it stands for {len(found)} runs: name one of them")
    (run_spec,) = found
    if run_spec.adapter_spec.method not in GENERATIVE:
        raise ValueError(
            f"its method {run_spec.adapter_spec.method} needs likelihoods or images, which are not supported here."
            f" Choose one of: {', '.join(sorted(GENERATIVE))}"
        )
    return run_spec


def _runner(output, parallelism, cache_only=False):
    execution = ExecutionSpec(
        auth=Authentication(""), url=None, local_path=f"{output}/local", parallelism=parallelism, dry_run=False
    )
    return Runner(
        execution,
        output_path=output,
        suite="benchgen",
        skip_instances=False,
        cache_instances=True,
        cache_instances_only=cache_only,
        skip_completed_runs=False,
        exit_on_error=True,
    )


def _plan(run_spec, output):
    """The cases there will be."""
    runner = _runner(output, 1)
    runner.executor = PlanExecutor(runner.executor.execution_spec)
    try:
        runner.run_one(run_spec)
    except Planned as planned:
        return planned.cases
    raise RuntimeError("HELM ran without asking for anything")


def _require_tokenizer(run_spec):
    """Some metrics split text with data that NLTK would download, which HELM would find out when all has been asked."""
    biased = any("bias_metrics" in one.class_name for one in run_spec.metric_specs)
    if not biased and not {"bleu_1", "bleu_4"}.intersection(_named_metrics(run_spec)):
        return
    try:
        nltk.data.find("tokenizers/punkt_tab")
    except LookupError:
        fail(
            "its metrics need NLTK's punkt_tab, to be installed with the suite, in the image or on this machine:"
            f" {sys.executable} -m nltk.downloader -d {sys.prefix}/nltk_data punkt_tab"
        )


def _main_metric(spec, run_spec):
    """Which metric ranks, and whether less of it is better: what HELM's tables show, else what the run names first."""
    metric = spec["args"].get("main_metric")
    lower = set()
    for schema in SCHEMAS:
        text = resources.files("helm.benchmark.static").joinpath(schema).read_text(encoding="utf-8")
        known = yaml.safe_load(text)
        lower |= {one["name"] for one in known.get("metrics", []) if one.get("lower_is_better")}
        for group in known.get("run_groups", []):
            if metric is None and group["name"] in run_spec.groups:
                metric = group.get("environment", {}).get("main_name")
    if metric is None:
        metric = next(iter(_named_metrics(run_spec)), None)
    if metric is None:
        raise ValueError("HELM does not say which of its metrics counts: --task-arg main_metric=NAME")
    return metric, metric in lower


def _named_metrics(run_spec):
    return [name for one in run_spec.metric_specs for name in one.args.get("names", [])]
