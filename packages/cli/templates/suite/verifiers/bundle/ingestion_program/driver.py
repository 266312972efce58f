"""Runs a taskset, or an environment, of verifiers: its 0.4 generation (`import verifiers.v1`)."""

import asyncio
import hashlib
import json
import os
import sys

import verifiers.v1 as vf
from ingestion import Progress, case_headers, fail
from verifiers.v1.clients import EvalClientConfig, ModelContext
from verifiers.v1.clients.eval import EvalClient
from verifiers.v1.configs.agent import agent_config_fields
from verifiers.v1.errors import model_error
from verifiers.v1.runtimes.subprocess import SubprocessRuntime
from verifiers.v1.utils.loaders import default_harness_id, load_environment

KEY_VARIABLE = "OPENAI_API_KEY"


def describe(spec):
    """What the task is, from loading it without running it."""
    tasks = _tasks(_load(spec))
    return {"cases": len(tasks), "metric": "reward", "metrics": ["reward"], "higher_is_better": True}


def run(spec, settings):
    """Runs the task, and leaves a line for each episode in log.jsonl as it ends."""
    SubprocessRuntime.prepare_uv_script = _prepare_script
    spent = asyncio.Event()
    EvalClient._request = _without_useless_tries(EvalClient._request, spent)
    done = asyncio.run(_run(_load(spec), settings, spent))
    if not any(episode.ok for episode in done):
        errors = [error.message for episode in done for error in _errors(episode)]
        fail(f"no case came to its end: {errors[0] if errors else 'no reason was given'}")


async def _run(environment, settings, spent):
    """The episodes that were played. spent: set once the budget is used up"""
    tasks = _tasks(environment)[: settings.limit]
    ids = _ids(tasks)
    repeats = settings.epochs or 1
    progress = Progress(len(tasks) * repeats)
    at_once = asyncio.Semaphore(settings.concurrency)
    turn = asyncio.Semaphore(settings.concurrency)
    with open(settings.output / "log.jsonl", "w", encoding="utf-8") as log:

        async def play(task, slot, case_id, epoch):
            async with turn:
                episode, reward = None, None
                if not spent.is_set():
                    episode = await ask(slot, case_id, epoch)
                    reward = episode.traces[0].reward if episode.traces else None
                record = _unplayed(task) if episode is None else episode.to_record()
                line = {"id": case_id, "epoch": epoch, "reward": reward, "episode": record}
                log.write(json.dumps(line, ensure_ascii=False) + "\n")
                log.flush()
                progress.step()
                return episode

        async def ask(slot, case_id, epoch):
            client = EvalClientConfig(
                base_url=settings.base_url, api_key_var=KEY_VARIABLE, headers=case_headers(case_id, epoch)
            )
            model = ModelContext(client=client, model=settings.model, sampling=vf.SamplingConfig())
            return await environment.run_slot(slot, model, at_once)

        async with environment.serving():
            episodes = await asyncio.gather(
                *(
                    play(task, slot, case_id, epoch)
                    for task, case_id in zip(tasks, ids)
                    for epoch, slot in enumerate(environment.slots(task, repeats), start=1)
                )
            )
    return [episode for episode in episodes if episode is not None]


def _unplayed(task):
    """What stands in the log for an episode that nothing is left for: its agent would only start to be told so."""
    error = {"type": "budget_exhausted", "message": "the run's budget was used up before it began"}
    return {"ok": False, "errors": [error], "traces": [], "task": {"data": task.data.model_dump(mode="json")}}


def _load(spec):
    """The environment, every agent of it as a process of this job."""
    # The task's own files are in the working directory.
    sys.path.insert(0, os.getcwd())
    taskset = spec["task"].removesuffix(".py")
    kind = vf.env_config_type(taskset, "")
    agent = {"runtime": {"type": "subprocess"}}
    if default_harness_id(taskset) == "bash":
        # Without a harness of its own: a chat with the task's tools, and nothing that runs code.
        agent["harness"] = {"id": "null"}
    roles = {role: agent for role in agent_config_fields(kind())}
    return load_environment(kind.model_validate({"taskset": {"id": taskset, **spec["args"]}, **roles}))


def _tasks(environment):
    if not environment.taskset.bounded:
        raise ValueError("the taskset yields tasks without end, and cannot be an environment")
    return list(environment.taskset)


def _ids(tasks):
    """The tasks' own ids where each has one; else their positions."""
    own = [task.data.id for task in tasks]
    return own if None not in own and len(set(own)) == len(own) else [str(task.data.idx) for task in tasks]


def _errors(episode):
    return [*episode.errors, *(error for trace in episode.traces for error in trace.errors)]


async def _prepare_script(self, script, env=None, *, activate=True):
    """Runs an agent's program with this Python: verifiers would have uv install what this Python has already."""
    data = script.encode() if isinstance(script, str) else script
    path = f"{self.scripts_dir}/{hashlib.sha256(data).hexdigest()}.py"
    if path not in self._uv_interpreters:
        await self.write(path, data)
        self._uv_interpreters[path] = sys.executable
    return [sys.executable, path]


def _without_useless_tries(request, spent):
    """A budget that is used up stays so. The gateway says so by 429, after which agents' programs would try again."""

    async def request_once(self, *args, **kwargs):
        try:
            return await request(self, *args, **kwargs)
        except Exception as error:
            if "budget_exhausted" not in str(error):
                raise
            spent.set()
            raise model_error(str(error), status_code=403) from error

    return request_once
