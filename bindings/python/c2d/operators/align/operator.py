"""How many customers two banks have in common, before they decide on more.

Published by an administrator as it stands; company C writes an attribute file for it (docs/scorecard.md). Parties 0 and
1 are banks with a table each, party 2 has none. Arguments:

    inputs       {"0": "./inputs/bank_a.csv", "1": "./inputs/bank_b.csv"}
    outputs      {"0": "./outputs/report.json"}: who is told, and where
    model_args
      id         the column that says who a row is, or several; {"0": …, "1": …} where the tables call it differently
      align      how customers are matched: {"mode": "helper" or "two_party"}, and of docs/alignment.md "rule", "duplicates",
                 "rows_max", "common_min", "common_share_min"

The banks' operators learn which of their customers the other has, and keep nothing of it; all parties learn how many
each has and how many are common. The report says the numbers.
"""

import json
import sys

from c2d.operators import arguments, matching, run, tables


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        if len(self.inputs) == 1:
            top.refuse("inputs", "the tables of both banks, {\"0\": …, \"1\": …}")
        self.ids = arguments.id_columns(model, self.inputs)
        self.align = matching.alignment_of(model)


def program(session, task):
    """What all three parties run; the report at the party that is told, None elsewhere."""
    ids, path = task.ids.get(session.party, ()), task.inputs.get(session.party)
    table = run.agreed(session, lambda: path and tables.read(path, ids, duplicates=task.align["duplicates"]))
    _, found = matching.matched(session, table or None, ids, task.align)
    if session.party != task.output_to:
        return None
    return {"common": found.common, "rows": {str(party): rows for party, rows in enumerate(found.table_rows)}}


def write_report(session, task):
    """As `program`, with the report in the file that `outputs` names."""
    report = program(session, task)
    if report is not None:
        with open(task.output_path, "w", encoding="utf-8") as file:
            file.write(json.dumps(report, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(run.main(Task, write_report))
