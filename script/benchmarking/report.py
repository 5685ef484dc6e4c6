"""Rows of the table: what was measured, the bar, and whether it was reached."""

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
