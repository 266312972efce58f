"""A small task for Inspect: sums and products, and a second one in which a calculator may be used."""

from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import match
from inspect_ai.solver import generate, use_tools
from inspect_ai.tool import tool


@task
def arithmetic():
    return Task(dataset=json_dataset("cases.jsonl"), solver=generate(), scorer=match(numeric=True))


@task
def with_calculator():
    return Task(
        dataset=json_dataset("cases.jsonl"),
        solver=[use_tools(calculator()), generate()],
        scorer=match(numeric=True),
    )


@tool
def calculator():
    async def execute(expression: str) -> str:
        """Works out a sum or a product of two whole numbers.

        Args:
            expression: two whole numbers with + or * between them
        """
        for sign, work_out in (("+", int.__add__), ("*", int.__mul__)):
            left, found, right = expression.partition(sign)
            if found:
                return str(work_out(int(left), int(right)))
        return "That is neither a sum nor a product."

    return execute
