"""A small taskset for verifiers: sums and products."""

import json
import re
from pathlib import Path

import verifiers.v1 as vf

__all__ = ["ArithmeticTaskset"]


class ArithmeticData(vf.TaskData):
    answer: str


class ArithmeticTask(vf.Task[ArithmeticData]):
    @vf.reward(weight=1.0)
    async def correct(self, trace: vf.Trace) -> float:
        numbers = re.findall(r"-?\d+", trace.last_reply)
        return float(bool(numbers) and numbers[-1] == self.data.answer)


class ArithmeticTaskset(vf.Taskset[ArithmeticTask, vf.TasksetConfig]):
    def load(self):
        path = Path(__file__).parent / "cases.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            data = ArithmeticData(id=case["id"], prompt=case["input"], answer=case["target"])
            yield ArithmeticTask(data, self.config.task)
