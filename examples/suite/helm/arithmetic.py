"""A small task for HELM: sums and products, with its data beside it."""

import json
from pathlib import Path

from helm.benchmark.adaptation.adapter_spec import ADAPT_GENERATION, AdapterSpec
from helm.benchmark.metrics.common_metric_specs import get_exact_match_metric_specs
from helm.benchmark.run_spec import RunSpec, run_spec_function
from helm.benchmark.scenarios.scenario import (
    CORRECT_TAG,
    TEST_SPLIT,
    Input,
    Instance,
    Output,
    Reference,
    Scenario,
    ScenarioSpec,
)


class ArithmeticScenario(Scenario):
    name = "arithmetic"
    description = "Sums and products of two whole numbers."
    tags = ["arithmetic"]

    def get_instances(self, output_path):
        lines = Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()
        return [
            Instance(
                input=Input(text=line["question"]),
                references=[Reference(Output(text=line["answer"]), tags=[CORRECT_TAG])],
                split=TEST_SPLIT,
            )
            for line in map(json.loads, lines)
        ]


@run_spec_function("arithmetic")
def arithmetic():
    return RunSpec(
        name="arithmetic",
        scenario_spec=ScenarioSpec(class_name="arithmetic.ArithmeticScenario"),
        adapter_spec=AdapterSpec(
            method=ADAPT_GENERATION,
            input_prefix="",
            input_suffix="",
            output_prefix="",
            max_train_instances=0,
            max_tokens=32,
            stop_sequences=["\n"],
        ),
        metric_specs=get_exact_match_metric_specs(),
        groups=["arithmetic"],
    )
