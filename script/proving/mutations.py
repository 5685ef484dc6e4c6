"""Changes of one thing in the SQL functions: where they are, and the SQL that makes one in a schema that is installed."""

import pathlib
import re

FILES = pathlib.Path("Sources/ConvonetSchema/SQL")
FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION convonet_admin\.(\w+)\(")
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "AND": "OR", "OR": "AND"}
TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*')|(?P<operator>(?<![<>=:!~@|&#?-])(?:<=|>=|<>|<|>|=)(?![<>=@>|&])|\b(?:AND|OR)\b)"
    r"|(?P<number>(?<![\w.$])[0-9]+(?![\w.]))|(?P<no>\bNOT (?!NULL\b|MATERIALIZED\b))|(?P<where>\bWHERE (?!CURRENT OF\b))"
    r"|(?P<given>, (?:true|false|0)\))|(?P<raised>^\s*RAISE EXCEPTION .*;$)|(?P<interval>\binterval '[^']*')")


class Mutation:
    """One line of one function, and what stands there instead."""

    def __init__(self, file, number, function, place, old, new, kind):
        self.file, self.number, self.function, self.place = file, number, function, place
        self.old, self.new, self.kind = old, new, kind

    def __str__(self):
        return f"{self.file}:{self.number} {self.function}: {self.kind}: {self.new.strip()}"

    def sql(self):
        """Makes it, in whatever form the function was installed; its line says which is meant."""
        return f"""
DO $mutant$
DECLARE
    body  record;
    lines text[];
    seen  integer;
    made  integer := 0;
BEGIN
    FOR body IN SELECT p.oid, p.prosrc FROM pg_proc p
                WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.proname = '{self.function}' LOOP
        lines := string_to_array(body.prosrc, E'\\n');
        seen := 0;
        FOR i IN 1..cardinality(lines) LOOP
            IF lines[i] = $line${self.old}$line$ THEN
                seen := seen + 1;
                IF seen = {self.place} THEN
                    lines[i] := $line${self.new}$line$;
                    made := made + 1;
                END IF;
            END IF;
        END LOOP;
        EXECUTE replace(pg_get_functiondef(body.oid), body.prosrc, array_to_string(lines, E'\\n'));
    END LOOP;
    IF made = 0 AND (SELECT i.role_prefix IS NOT NULL FROM convonet_admin.installation i) THEN
        RAISE EXCEPTION 'there is no such line';
    END IF;
END
$mutant$;
"""


def changed(line):
    """What can stand in place of a line, and what kind of change that is."""
    code = line.split("--")[0]
    for token in TOKEN.finditer(code):
        kind, text = token.lastgroup, token.group()
        if kind == "text" or kind == "operator" and text == "AND" and "BETWEEN" in code[:token.start()]:
            continue
        news = {
            "operator": lambda: [OTHER.get(text)], "number": lambda: [str(int(text) + 1), str(int(text) - 1)],
            "no": lambda: [""], "where": lambda: ["WHERE true OR "], "raised": lambda: ["NULL;"],
            "given": lambda: [text.replace("true", "-").replace("false", "true").replace("-", "false").replace("0", "1")],
            "interval": lambda: [f"2 * {text}"],
        }[kind]()
        for new in news:
            yield code[:token.start()] + new + line[token.end():], f"{text.strip()} -> {new.strip() or 'nothing'}"


def all_mutations():
    """Those of all files, in order."""
    found = []
    for path in sorted(FILES.glob("*_functions.sql")):
        function, seen, in_body = None, {}, False
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if head := FUNCTION.match(line):
                function, seen = head.group(1), {}
            elif in_body and line.startswith("$$;"):
                in_body = False
            elif in_body and line.strip() and not line.lstrip().startswith("--") and "{{" not in line:
                seen[line] = seen.get(line, 0) + 1
                found += [Mutation(path.stem, number, function, seen[line], line, new, kind) for new, kind in changed(line)]
            if line.endswith("AS $$"):
                in_body = True
    return found
