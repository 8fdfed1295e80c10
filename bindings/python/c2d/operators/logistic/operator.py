"""Logistic regression over the raw tables of two banks, from matching customers to a report.

Published by an administrator as it stands; company C writes an attribute file for it (docs/operators.md). Party 0 is
bank A, which has ids, the label and columns, party 1 is bank B with ids and columns, party 2 has no table. Arguments:

    inputs       {"0": "./inputs/bank_a.csv", "1": "./inputs/bank_b.csv"}; without "1" party 0 is alone
    outputs      {"0": "./outputs/report.json"}: who is told, and where
    model_args
      id         the column that says who a row is, or several; {"0": …, "1": …} where the tables call it differently
      label      bank A's column that is learned
      bad        the value of the label that is bad; it has exactly one other
      align      how customers are matched: {"mode": "helper", "two_party" or "hidden"}, and of docs/alignment.md "rule",
                 "duplicates", "rows_max", "common_min", "common_share_min"
      split      optional, 0.8: a share that trains, a number of rows, or {"column": "opened", "from": "2024-01-01"}
      ridge      optional, 0.001: the penalty, docs/mpc/regression.md
      keep       optional: the name of an output, "model", under which the model stays with the parties for later jobs

Bank A and bank B learn which of their customers the other has, and all parties how many there are; which rows test is
known to both banks. Each bank prepares its own columns, with a rule fitted on its rows that train. In the mode "hidden"
neither bank learns who is common: each prepares all of its rows, with a rule fitted on all of them; rows that test are
any (`split` names no column), and bank A learns how many of them are bad. Opened is the AUC over rows that test, to the
party that `outputs` names; how many columns each bank has after preparation, and how many steps the training took, is
public. Neither the model nor a score leaves the protocol: with `keep` each party keeps a share of the model, and each
bank the rule that prepares its own columns, for the operator `score`.
"""

import json
import os
import re
import sys

from c2d.operators import arguments, matching, run, tables

LABEL_PARTY = 0
# Columns are standardised; a rare flag stands far out.
MAGNITUDE_MAX = 1024


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        self.ids = arguments.id_columns(model, self.inputs)
        self.label = model.text("label")
        self.bad = model.take("bad", expected="the value of the label that is bad")
        if isinstance(self.bad, (dict, list)):
            model.refuse("bad", "one value", self.bad)
        self.split = arguments.split_of(model)
        self.ridge = model.number("ridge", 0, 1, 0.001)
        self.align = matching.alignment_of(model, self.inputs, hidden=True)
        self.hidden = self.align is not None and self.align["mode"] == "hidden"
        if self.hidden and isinstance(self.split, tuple):
            model.refuse(
                "split",
                "a share or a number of rows that train: in the mode hidden nobody knows which rows are common, "
                "nor what stands in their columns",
                dict(zip(("column", "from"), self.split)),
            )
        self.keep = model.text("keep", None)
        if self.keep is not None and not re.fullmatch(r"\w[\w.-]{0,127}", self.keep, re.ASCII):
            model.refuse("keep", "a name of letters, digits, _ . and -", self.keep)


def read_own(session, task):
    """This party's table and bank A's labels, or None; ends everywhere if one cannot be used."""
    party = session.party

    def read():
        if party not in task.inputs:
            return None, None
        duplicates = task.align["duplicates"] if task.align else "refuse"
        label = task.label if party == LABEL_PARTY else None
        table = tables.read(task.inputs[party], task.ids[party], label, duplicates)
        return table, tables.labels_of(table, label, task.bad) if label else None

    return run.agreed(session, read)


def common_rows(session, task, table):
    """Own rows that stand for the common customers, in an order that all share; their number."""
    if task.align is None:
        return (range(table.rows) if table else ()), run.announced_numbers(
            session, table.rows if table else 0, tables.ROWS_MAX
        )[LABEL_PARTY]
    rows, found = matching.matched(session, table, task.ids.get(session.party, ()), task.align)
    return rows, found.common


def split_rows(session, task, table, rows, common):
    """(rows that train, rows that test) as positions among the common ones, the same at all parties."""

    def mark():
        if table is None or (session.party != LABEL_PARTY and not isinstance(task.split, tuple)):
            return None
        return tables.test_marks(table.take(rows), task.ids[session.party], task.split)

    marks = run.agreed(session, mark)
    said = [
        (party, bits)
        for party, bits in enumerate(session.exchange(b"" if marks is None else tables.packed(marks)))
        if bits
    ]
    if len(said) != 1:
        raise arguments.BadArguments("split.column must be a column of exactly one table, found it in %d" % len(said))
    ((party, bits),) = said
    marks = tables.unpacked(bits, common, party)
    test = [place for place in range(common) if marks[place]]
    train = [place for place in range(common) if not marks[place]]
    if not test or not train:
        raise arguments.BadArguments(
            "split must leave rows that train and rows that test, found %d and %d of %d"
            % (len(train), len(test), common)
        )
    return train, test


def counted_columns(session, task, own):
    """How many prepared columns each party has, and the parties that have any."""
    columns = run.announced_numbers(session, own.columns if own else 0, tables.COLUMNS_MAX)
    owners = [party for party in task.inputs if columns[party]]
    if not owners:
        raise run.OtherUnusable("no party has a column that can be learned from")
    return columns, owners


def share(session, owners, own, part):
    """A tensor of each bank's prepared columns; `part` is train or test."""
    return [
        session.input(owner, getattr(own, part) if own and session.party == owner else None, MAGNITUDE_MAX)
        for owner in owners
    ]


def matched_data(session, task, table, labels):
    """Rows that each bank knows to be common."""
    rows, common = common_rows(session, task, table)
    train, test = split_rows(session, task, table, rows, common)
    pick = lambda places: [rows[place] for place in places]
    own = run.agreed(session, lambda: tables.Prepared(table, pick(train), pick(test)) if table else None)
    run.note_rule(session, own and own.rule)
    columns, owners = counted_columns(session, task, own)
    run.tell_cost(session, [("fit", {"rows": len(train), "columns": sum(columns)}), ("auc", {"rows": len(test)})])
    y_train, y_test = (
        session.input_labels(LABEL_PARTY, [labels[row] for row in pick(places)] if labels else None)
        for places in (train, test)
    )
    x_train, x_test = (session.hconcat(share(session, owners, own, part)) for part in ("train", "test"))
    return Data(own, columns, common, (x_train, y_train), (x_test, y_test))


def joined_data(session, task, table, labels):
    """Rows of which nobody knows whose they are: every bank prepares all that it has."""
    own = run.agreed(session, lambda: tables.Prepared(table, range(table.rows)) if table else None)
    run.note_rule(session, own and own.rule)
    columns, owners = counted_columns(session, task, own)
    if len(owners) < 2:
        raise run.OtherUnusable(
            "party %d has no column that can be learned from: there is nothing to join" % (1 - owners[0])
        )
    y = session.input_labels(LABEL_PARTY, labels)
    found = matching.joined(
        session, table, task.ids.get(session.party, ()), [y] + share(session, owners, own, "train"), task.align
    )
    test = tables.rows_that_test(task.split, found.common)
    if test in (0, found.common):
        raise arguments.BadArguments(
            "split must leave rows that train and rows that test, found %d and %d of %d"
            % (found.common - test, test, found.common)
        )
    y, x = found.columns[0], session.hconcat(found.columns[1:])
    # They stand in an order of chance.
    return Data(own, columns, found.common, (x[test:], y[test:]), (x[:test], y[:test]))


class Data:
    """What a model is made of: shared features and labels of the rows that train, and of those that test."""

    def __init__(self, own, columns, common, train, test):
        self.own, self.columns, self.common = own, columns, common
        (self.x_train, self.y_train), (self.x_test, self.y_test) = train, test
        run.note(
            "training on %d rows, testing on %d, %s columns"
            % (self.x_train.shape[0], self.x_test.shape[0], " + ".join(map(str, columns[:2])))
        )


def keep_model(session, task, own, columns, weights, write_card):
    """The model as shares, and beside each share what the operator `score` has to know of the party's columns."""
    binding = session.keep(weights, task.keep)
    write_card(
        {
            "version": 1,
            "model": "logistic regression",
            "name": task.keep,
            "binding": "0x" + binding.hex(),
            "party": session.party,
            "columns": {str(party): count for party, count in enumerate(columns)},
            "rule": json.loads(own.rule.to_json()) if own else None,
            "mean": own.means() if own and own.columns else None,
        }
    )


def program(session, task, write_card=lambda card: None):
    """What all three parties run; the report at the party that is told, None elsewhere. `write_card` is handed what
    stands beside a party's share of the model."""
    table, labels = read_own(session, task)
    data = (joined_data if task.hidden else matched_data)(session, task, table, labels)
    model = session.fit_logistic(data.x_train, data.y_train, ridge=task.ridge)
    run.note("%d steps%s" % (model.steps, "" if model.converged else ", not converged"))
    if task.keep is not None:
        keep_model(session, task, data.own, data.columns, model.weights, write_card)
    rows_test = data.x_test.shape[0]
    ones = session.constant([[1.0]] * rows_test)
    auc = session.auc(session.hconcat([data.x_test, ones]) @ model.weights, data.y_test, task.output_to)
    if auc is None:
        return None
    return {
        "auc": auc,
        "rows_train": data.x_train.shape[0],
        "rows_test": rows_test,
        "common": data.common,
        "model": "logistic regression",
        "columns": {str(party): count for party, count in enumerate(data.columns) if count},
        "steps": model.steps,
        "converged": model.converged,
        "ridge": task.ridge,
    }


def write_report(session, task, program=program):
    """As `program`, with the report in the file that `outputs` names, and the card in that of the model."""

    def write_card(card):
        with open(os.path.join(os.environ.get("C2D_OUTPUTS", "outputs"), task.keep), "w", encoding="utf-8") as file:
            file.write(json.dumps(card, sort_keys=True) + "\n")

    report = program(session, task, write_card)
    if report is not None:
        with open(task.output_path, "w", encoding="utf-8") as file:
            file.write(json.dumps(report, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(run.main(Task, write_report))
