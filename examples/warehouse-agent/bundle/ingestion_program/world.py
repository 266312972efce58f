"""A small warehouse that is really there: what the tools change stays changed, and what cannot be done is refused."""

import ast
import json
import operator

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


class Refused(Exception):
    """The world does not do this; the message is for the agent."""


def calculate(expression):
    def value(node):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        raise Refused("Only numbers, + - * / and parentheses can be calculated.")

    try:
        result = value(ast.parse(str(expression)[:200], mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError):
        raise Refused("That cannot be calculated.") from None
    return int(result) if result == int(result) else result


class World:
    """`shelves`: shelf to item to count. `prices`: item to price."""

    def __init__(self, shelves, prices):
        self.shelves = {shelf: dict(items) for shelf, items in shelves.items()}
        self.prices = dict(prices)

    def state(self):
        """What is compared in the end: an empty place is none."""
        shelves = {shelf: {k: n for k, n in items.items() if n} for shelf, items in self.shelves.items()}
        return {"shelves": shelves, "prices": self.prices}

    def shelf(self, name):
        if name not in self.shelves:
            raise Refused(f"There is no shelf {name!r}. There are: {', '.join(self.shelves)}.")
        return self.shelves[name]

    def calculator(self, expression):
        return calculate(expression)

    def count_items(self, item, shelf):
        return self.shelf(shelf).get(item, 0)

    def move_items(self, item, count, source, target):
        if type(count) is not int or count < 1:
            raise Refused("count must be a whole number from 1.")
        held, taken = self.shelf(source), self.shelf(target)
        if held.get(item, 0) < count:
            raise Refused(f"Shelf {source} has {held.get(item, 0)} of {item}.")
        held[item] -= count
        taken[item] = taken.get(item, 0) + count
        return f"moved {count}"

    def set_price(self, item, amount):
        if item not in self.prices:
            raise Refused(f"There is no price of {item!r}.")
        if type(amount) not in (int, float) or not 0 <= amount < 1e6:
            raise Refused("amount must be a number from 0.")
        self.prices[item] = amount
        return f"{item} cost {amount}"

    def use(self, name, arguments):
        """What a tool answers to the agent: a result, or why there is none. Nothing an agent sends can raise here."""
        if name not in {tool["function"]["name"] for tool in TOOLS}:
            return f"error: there is no tool {name!r}"
        try:
            return str(getattr(self, name)(**json.loads(arguments)))
        except Refused as refusal:
            return f"error: {refusal}"
        except (TypeError, ValueError, AttributeError):
            return "error: these are not the arguments of the tool"


def tool(name, description, **parameters):
    properties = {each: {"type": kind} for each, kind in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


TOOLS = [
    tool("calculator", "The value of an expression.", expression="string"),
    tool("count_items", "How many of an item a shelf has.", item="string", shelf="string"),
    tool(
        "move_items",
        "Moves items from one shelf to another.",
        item="string",
        count="integer",
        source="string",
        target="string",
    ),
    tool("set_price", "Sets the price of an item.", item="string", amount="number"),
]
