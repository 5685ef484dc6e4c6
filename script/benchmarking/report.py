"""Rows of the table: what was measured, the bar, and whether it was reached; or two programs side by side."""

import json
import statistics


def median(values):
    return statistics.median(values)


def p99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


class Report:
    def __init__(self, as_json):
        self.as_json = as_json
        self.rows = []

    def add(self, row, value, bar=None, unit="ms", at_least=False, note="", **more):
        """One row; `bar` is the most that is allowed, or the least where `at_least`."""
        reached = None if bar is None else (value >= bar if at_least else value <= bar)
        self.rows.append({"row": row, "value": value, "unit": unit, "bar": bar, "at_least": at_least, "pass": reached,
                          "note": note, **more})
        if not self.as_json:
            print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        bar = "" if row["bar"] is None else f"{'>=' if row['at_least'] else '<='} {row['bar']:,.4g}"
        state = {None: "", True: "pass", False: "MISS"}[row["pass"]]
        return f"{row['row']:<58} {row['value']:>12,.4g} {row['unit']:<9} {bar:<11} {state:<5} {row['note']}".rstrip()

    def finish(self):
        missed = [row["row"] for row in self.rows if row["pass"] is False]
        if self.as_json:
            print(json.dumps({"format": 1, "rows": self.rows}, ensure_ascii=False, indent=1))
        else:
            print(f"\n{sum(row['pass'] is True for row in self.rows)} rows pass, {len(missed)} miss"
                  + (": " + "; ".join(missed) if missed else ""))
        return 1 if missed else 0


class Values:
    """What one of two programs was measured at, by row."""

    def __init__(self):
        self.rows = {}

    def add(self, row, value, bar=None, unit="ms", at_least=False, note="", **_):
        self.rows.setdefault(row, {"unit": unit, "at_least": at_least, "values": []})["values"].append(value)


class Comparison:
    """Rows of two programs, each the median of its turns, and the ratio; more than a tenth worse is a step back."""

    WORST = 1.1

    def __init__(self, as_json, other):
        self.as_json, self.other = as_json, other
        self.before, self.after = Values(), Values()
        self.rows = []

    def show(self):
        shown = {row["row"] for row in self.rows}
        for name, after in self.after.rows.items():
            if name in shown or name not in self.before.rows:
                continue
            values = [median(self.before.rows[name]["values"]), median(after["values"])]
            ratio = values[1] / values[0] if values[0] else (1 if values[1] == 0 else float("inf"))
            worse = 1 / ratio if after["at_least"] and ratio else ratio
            self.rows.append({"row": name, "before": values[0], "after": values[1], "unit": after["unit"], "ratio": ratio,
                              "before_values": self.before.rows[name]["values"], "after_values": after["values"],
                              "pass": worse <= self.WORST})
            if not self.as_json:
                print(f"{name:<58} {values[0]:>12,.4g} {values[1]:>12,.4g} {after['unit']:<9} {ratio:>6.2f} times"
                      + ("" if worse <= self.WORST else "  WORSE"), flush=True)

    def finish(self):
        worse = [row["row"] for row in self.rows if not row["pass"]]
        if self.as_json:
            print(json.dumps({"format": 1, "other": self.other, "rows": self.rows}, ensure_ascii=False, indent=1))
        else:
            print(f"\n{len(self.rows)} rows, {len(worse)} more than a tenth worse" + (": " + "; ".join(worse) if worse else ""))
        return 1 if worse else 0
