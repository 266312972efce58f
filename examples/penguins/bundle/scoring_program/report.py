"""The detailed_results.html page. It is shown in a sandbox: no scripts, nothing loaded from elsewhere."""

from collections import Counter
from html import escape

STYLE = "body{font:15px sans-serif;margin:2em}td,th{padding:.3em .8em;text-align:right}th{background:#eef}"


def table(header, rows):
    """An HTML table. Every cell is escaped: predictions are whatever a stranger wrote."""
    cells = [f"<tr>{''.join(f'<th>{escape(str(cell))}</th>' for cell in header)}</tr>"]
    cells += [f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table>{''.join(cells)}</table>"


def page(title, body):
    return f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}'


def page_for_species(cases):
    """Which species were taken for which."""
    counts = Counter((case["target"], case["output"][:40]) for case in cases)
    targets = sorted({target for target, _ in counts})
    # A hostile submission may answer something new each time: show its ten most common answers.
    outputs = sorted(name for name, _ in Counter(output for _, output in counts.elements()).most_common(10))
    rows = [[target, *(counts[target, output] for output in outputs)] for target in targets]
    return page("Species: answers down, predictions across", table(["", *outputs], rows))


def page_for_numbers(cases, unit):
    """The ten predictions that are furthest off."""
    worst = sorted(cases, key=lambda case: -case["scores"]["absolute_error_g"])[:10]
    rows = [
        [case["id"], case["target"], f"{float(case['output']):.0f}", f"{case['scores']['absolute_error_g']:.0f}"]
        for case in worst
    ]
    return page("Body mass: the ten largest errors", table(["case", f"answer, {unit}", "prediction", "off by"], rows))
