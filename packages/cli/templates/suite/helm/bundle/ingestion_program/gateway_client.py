"""HELM's client for chat completions, telling the gateway which case a call is for, and executors that know them."""

import re
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Optional

from helm.benchmark.adaptation.scenario_state import ScenarioState
from helm.benchmark.executor import Executor, ExecutorError
from helm.benchmark.model_deployment_registry import ClientSpec, ModelDeployment, register_model_deployment
from helm.benchmark.model_metadata_registry import get_unknown_model_metadata, register_model_metadata
from helm.clients.openai_client import OpenAIClient
from helm.common.general import parallel_map
from helm.common.request import ErrorFlags, RequestResult
from ingestion import case_headers, fail

RETRIES = 3
TIMEOUT_SECONDS = 600

_headers = ContextVar("headers")


def register_gateway(model, base_url, api_key):
    """Makes the gateway known to HELM as a deployment of a model, without a tokenizer: none is to be downloaded.

    Returns its name, which HELM reads as host and engine, and treats some engines in a way of their own.
    """
    engine = re.sub(r"[^\w.-]", "-", model.rsplit("/", 1)[-1])
    name = f"benchgen/{engine}"
    args = {"base_url": base_url, "api_key": api_key, "openai_model_name": model}
    client = ClientSpec(class_name=f"{__name__}.GatewayClient", args=args)
    register_model_metadata(get_unknown_model_metadata(name))
    register_model_deployment(ModelDeployment(name=name, model_name=name, client_spec=client))
    return name


def text_of(content):
    """A refusal has no content; HELM expects a text."""
    return content or ""


class GatewayClient(OpenAIClient):
    def __init__(self, cache_config, base_url, api_key, openai_model_name):
        super().__init__(
            cache_config,
            api_key=api_key,
            base_url=base_url,
            openai_model_name=openai_model_name,
            output_processor=f"{__name__}.text_of",
            max_retries=RETRIES,
            timeout=TIMEOUT_SECONDS,
        )

    def make_request(self, request):
        try:
            result = super().make_request(request)
        except (LookupError, TypeError, ValueError) as error:
            message = f"the model's answer cannot be read: {error}"
            result = RequestResult(success=False, cached=False, error=message, completions=[], embedding=[])
        if result.success or result.error_flags is not None:
            return result
        # The client beneath has tried again where the gateway says that it can help; HELM would for minutes, always.
        return replace(result, error_flags=ErrorFlags(is_retriable=False, is_fatal=True))

    def _make_chat_raw_request(self, request):
        return {**super()._make_chat_raw_request(request), "extra_headers": _headers.get()}


@dataclass(frozen=True)
class Case:
    """One request of a run. Instances that were altered, to see how robust a model is, are cases of their own."""

    id: str
    trial: int
    error: Optional[str] = None

    @staticmethod
    def of(state):
        instance = state.instance
        altered = instance.perturbation
        name = instance.id if altered is None else f"{instance.id}/{altered.name}"
        if altered is not None and altered.seed is not None:
            name += f"-{altered.seed}"
        return Case(id=name, trial=state.train_trial_index)


class Planned(Exception):
    """Raised instead of asking. cases: what would be asked"""

    def __init__(self, cases):
        super().__init__(f"{len(cases)} cases")
        self.cases = cases


class PlanExecutor(Executor):
    def execute(self, scenario_state):
        raise Planned([Case.of(state) for state in scenario_state.request_states])


class CaseExecutor(Executor):
    """Leaves out the cases that met an error: HELM itself would end the run at the first.

    cases: after the run, a dict for each request; those without `error` are the states that HELM has, in their order
    """

    def __init__(self, execution_spec, epoch, progress):
        super().__init__(execution_spec)
        self.cases = []
        self._epoch = epoch
        self._progress = progress

    def execute(self, scenario_state):
        trials = scenario_state.adapter_spec.num_train_trials

        def ask(state):
            case = Case.of(state)
            epoch = (self._epoch - 1) * trials + case.trial + 1
            _headers.set(case_headers(case.id, epoch))
            told = {"id": case.id, "epoch": epoch, "error": None}
            try:
                return self.process(state), told
            except ExecutorError as error:
                return None, {**told, "error": str(error).partition(" Request: ")[0]}
            finally:
                self._progress.step()

        asked = parallel_map(ask, scenario_state.request_states, parallelism=self.execution_spec.parallelism)
        self.cases = [told for _, told in asked]
        answered = [state for state, _ in asked if state is not None]
        if not answered:
            fail(f"no case has an answer: {self.cases[0]['error'] if self.cases else 'there are no cases'}")
        return ScenarioState(
            adapter_spec=scenario_state.adapter_spec,
            request_states=answered,
            annotator_specs=scenario_state.annotator_specs,
        )
