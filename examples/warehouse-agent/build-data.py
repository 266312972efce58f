"""Makes the orders, the worlds they lead to, and ready predictions. The same ones every time."""

import json
import os
import random

here = os.path.dirname(os.path.abspath(__file__))
items = ["lamps", "chairs", "tables", "mirrors", "carpets"]
chance = random.Random(7)


def order(number):
    shelves = {shelf: {item: chance.randint(3, 20) for item in chance.sample(items, 3)} for shelf in "ABC"}
    prices = {item: chance.randint(5, 50) for item in items}
    world = {"shelves": {shelf: dict(held) for shelf, held in shelves.items()}, "prices": dict(prices)}
    kind = ["move", "clear", "price", "both"][number % 4]
    steps = []
    source, target = chance.sample("ABC", 2)
    item = chance.choice(list(shelves[source]))
    if kind in ("move", "clear", "both"):
        count = shelves[source][item] if kind == "clear" else chance.randint(1, shelves[source][item] - 1)
        world["shelves"][source][item] -= count
        world["shelves"][target][item] = world["shelves"][target].get(item, 0) + count
        steps.append(f"Move {'all' if kind == 'clear' else count} {item} from shelf {source} to shelf {target}.")
    if kind in ("price", "both"):
        a, b, c = (chance.randint(2, 15) for _ in range(3))
        world["prices"][item] = a * b + c
        steps.append(f"Set the price of {item} to {a} * {b} + {c}.")
    world["shelves"] = {shelf: {k: n for k, n in held.items() if n} for shelf, held in world["shelves"].items()}
    case = {"id": f"order-{number:02}", "task": " ".join(steps), "shelves": shelves, "prices": prices}
    return case, {**case, "kind": kind, "world": world}


def write(path, rows):
    with open(os.path.join(here, path), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


orders = [order(number) for number in range(1, 31)]
write("bundle/input_data/cases.jsonl", [case for case, _ in orders])
known = [{key: row[key] for key in ("id", "task", "kind", "world")} for _, row in orders]
write("bundle/reference_data/worlds.jsonl", known)
write("bundle/solution/predictions.jsonl", [{"id": row["id"], "tools": {"by_hand": 1}, "world": row["world"]} for row in known])
idle = [{"shelves": case["shelves"], "prices": case["prices"]} for case, _ in orders]
write(
    "submissions/idle/predictions.jsonl",
    [{"id": case["id"], "turns": 1, "tools": {}, "world": world} for (case, _), world in zip(orders, idle)],
)
