"""A scorecard over the raw tables of two banks: columns in bins, weights of evidence, a choice of columns, logistic
regression.

Published by an administrator as it stands; company C writes an attribute file for it (docs/scorecard.md). Parties,
tables and what `logistic` takes are as there; besides, in `model_args`:

      bins             optional: {"count": 10, "rows_min": 30, "edges": {"COLUMN": […]}, "special": {"COLUMN": […]}},
                       and of bank A's columns "monotone": ["COLUMN"], "merge": {"COLUMN": 3.84}
      smoothing        optional, 1: docs/mpc/woe.md
      iv_min           optional, 0.02: columns of less information value are left out
      correlation_max  optional, 0.9: of two columns that correlate by more, that of less information value is; 1: neither
      vif_max          optional, 10: columns that the others explain are, the largest variance inflation first; 0: none
      iv_to            optional, []: the parties that learn each column's information value
      folds            optional, 0: so many AUCs besides, each of a part of the rows that train by a model of the others
      open_counts      optional, 0: so many counts of labels in the bins of bank B's chosen columns are opened to bank B, rounded
                       to multiples of 5, where bank A's terms let so many be (`release.label_counts`)

Each bank makes bins of its own columns at home. What a bin says of the labels stays on shares, and so do columns that
stand for it. Opened are, to all, the decision on each column; the AUC over rows that test, to the party that `outputs`
names, which also reads the names of the chosen columns. With `keep` each party keeps a share of the points of every
bin, and each bank the edges of its own, for the operator `score`.
"""

import json
import sys

from c2d.operators import arguments, binning, run, tables
from c2d.operators.logistic import operator as logistic

OTHER_BANK = 1


class Task(logistic.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        super().own(top, model)
        if self.hidden:
            model.refuse("align.mode", "helper or two_party: bins are made of rows that their owner knows", "hidden")
        self.bins = binning.bins_of(model)
        self.smoothing = model.number("smoothing", 1 / 16, 64, 1.0)
        self.iv_min = model.number("iv_min", 0, 10, 0.02)
        self.correlation_max = model.number("correlation_max", 0.1, 1, 0.9)
        self.vif_max = model.number("vif_max", 0, 1000, 10.0)
        if self.vif_max is not None and 0 < self.vif_max < 1:
            model.refuse("vif_max", "0, or at least 1", self.vif_max)
        self.iv_to = model.take("iv_to", [])
        if not isinstance(self.iv_to, list) or not all(type(party) is int and 0 <= party <= 2 for party in self.iv_to):
            model.refuse("iv_to", "a list of parties, as [0]", self.iv_to)
        self.folds = model.number("folds", 0, 20, 0, whole=True)
        if self.folds == 1:
            model.refuse("folds", "0, or 2 and more", 1)
        self.open_counts = model.number("open_counts", 0, 10**6, 0, whole=True)


class Columns:
    """All banks' columns in bins: what their bins say of the labels, and which of them are chosen."""

    def __init__(self, session, task, own, counts, labels):
        self._session, self._own, self._smoothing = session, own, task.smoothing
        self.places = [(party, place) for party in task.inputs for place in range(counts[party])]
        self._bins = max(2, *run.announced_numbers(session, own.bins if own else 0, binning.BINS_MAX))
        counted = self.counted(labels)
        self.evidence = self.evidence_of(counted)
        self.values = session.hconcat([session.information_value(one, task.smoothing) for one in counted])

    def owners(self):
        """The parties that have columns."""
        return sorted({owner for owner, _ in self.places})

    def mine(self, part, party, rows=None):
        """The bins of a party's columns, at that party."""
        return self._own.numbers(part, self.chosen_of(party), rows) if party == self._session.party else None

    def counted(self, labels, rows=None):
        """Labels in the bins of each owner's columns, of rows that train."""
        return [
            self._session.bin_counts(party, self.mine("train", party, rows), count=self._bins, labels=labels)
            for party in self.owners()
        ]

    def evidence_of(self, counted):
        return self._session.hconcat([self._session.weight_of_evidence(one, self._smoothing) for one in counted])

    def keep(self, chosen):
        """Goes on with these columns alone."""
        self.places = [self.places[place] for place in chosen]
        self.evidence, self.values = self.evidence[:, chosen], self.values[:, chosen]

    def chosen_of(self, party):
        """Which of a party's own columns are left."""
        return [place for owner, place in self.places if owner == party]

    def encoded(self, part, rows=None, evidence=None):
        """Each row with the evidence of its bins, of rows that train or test."""
        evidence = self.evidence if evidence is None else evidence
        first, parts = 0, []
        for party in self.owners():
            count = len(self.chosen_of(party))
            parts.append(
                self._session.encode_bins(
                    party, self.mine(part, party, rows), values=evidence[:, list(range(first, first + count))]
                )
            )
            first += count
        return self._session.hconcat(parts)


def tell_values(session, task, columns, own):
    """Information values to the parties named: their owners' columns by name, others by number. {party: […]} or
    None."""
    if not task.iv_to:
        return None
    opened = session.reveal(columns.values, to=sorted(set(task.iv_to)))
    if opened is None:
        return None
    with opened:
        values = opened.to_rows()[0]
    for (party, place), value in zip(columns.places, values):
        name = own.kept[place]["name"] if own and party == session.party else "%d of party %d" % (place + 1, party)
        run.note("column %s: information value %.3f" % (name, value))
    return {
        str(owner): [value for (party, _), value in zip(columns.places, values) if party == owner]
        for owner in task.inputs
    }


def choose(session, task, columns):
    """Leaves the columns that are worth it; the encoded rows that train."""
    columns.keep(nonempty(binning.worthy(session, columns.values, task.iv_min), "an information value of iv_min"))
    encoded = columns.encoded("train")
    if len(columns.places) == 1 or (task.correlation_max == 1 and not task.vif_max):
        return encoded
    correlations = session.correlations(encoded)
    chosen = list(range(len(columns.places)))
    if task.correlation_max < 1:
        chosen = binning.uncorrelated(session, correlations, columns.values, task.correlation_max)
    if task.vif_max:
        left = binning.not_inflated(session, correlations[chosen, chosen], task.vif_max)
        chosen = [chosen[place] for place in left]
    columns.keep(chosen)
    return encoded if len(chosen) == encoded.shape[1] else encoded[:, chosen]


def nonempty(chosen, what):
    if not chosen:
        raise run.OtherUnusable("no column has %s" % what)
    return chosen


def names_of(session, own, columns):
    """The names of the chosen columns, by party, as their owners say them."""
    mine = [own.kept[place]["name"] for place in columns.chosen_of(session.party)] if own else []
    said = {}
    for party, text in enumerate(session.exchange(json.dumps(mine).encode())):
        said[party] = tables.announced_names(text, len(columns.chosen_of(party)), party)
    return said


def auc_of(session, task, features, weights, labels):
    """Of a model's scores, at the party that is told."""
    ones = session.constant([[1.0]] * features.shape[0])
    return session.auc(session.hconcat([features, ones]) @ weights, labels, task.output_to)


def cross_validated(session, task, columns, labels):
    """The AUC of each fold of the rows that train, by bins and a model of the others, over the columns that were chosen
    of all."""
    found = []
    for fold in range(task.folds):
        rest, held = (
            [row for row in range(labels.shape[0]) if (row % task.folds == fold) == out] for out in (False, True)
        )
        evidence = columns.evidence_of(columns.counted(labels[rest], rest))
        model = session.fit_logistic(columns.encoded("train", rest, evidence), labels[rest], ridge=task.ridge)
        found.append(auc_of(session, task, columns.encoded("train", held, evidence), model.weights, labels[held]))
    return found


def open_counts(session, task, own, columns, labels):
    """Counts of labels in the bins of bank B's chosen columns, to bank B's log: as many columns as may be, in the
    table's order."""
    mine = columns.chosen_of(OTHER_BANK)
    sizes = binning.announced_sizes(session, OTHER_BANK, own, mine)
    taken = binning.within(sizes, task.open_counts)
    told = own if own and session.party == OTHER_BANK else None
    if told:
        for place in mine[len(taken) :]:
            run.note(
                "column %s: its counts are not opened: open_counts is %d" % (told.kept[place]["name"], task.open_counts)
            )
    if not taken:
        return
    numbers = told.numbers("train", mine[: len(taken)]) if told else None
    opened = session.reveal_bin_counts(session.bin_counts(OTHER_BANK, numbers, count=max(taken), labels=labels))
    if told:
        for line in told.table_of(mine[: len(taken)], numbers, opened):
            run.note(line)


def keep_points(session, task, own, columns, weights, write_card):
    """Each bin's points as shares, and beside each share what the operator `score` has to know of the party's
    columns."""
    binding = session.keep(session.bin_points(columns.evidence, weights), task.keep)
    mine = columns.chosen_of(session.party)
    rule = own.rule_of(mine) if own else None
    run.note_rule(session, tables.tables.PreprocessingRule.parse(rule) if rule else None)
    write_card(
        {
            "version": 1,
            "model": "scorecard",
            "name": task.keep,
            "binding": "0x" + binding.hex(),
            "party": session.party,
            "columns": {str(party): len(columns.chosen_of(party)) for party in range(3)},
            "rule": rule,
            "mean": own.shares(mine) if mine else None,
        }
    )


def works_of(task, train, test, counts):
    """What lies ahead, in the words of `mpc.cost`, if all columns are chosen."""
    rows, tests, columns = len(train), len(test), sum(counts)
    evidence = (
        [("evidence", {"rows": rows, "columns": counts[OTHER_BANK], "bins": task.bins["count"] + 2})]
        if counts[OTHER_BANK]
        else []
    )
    chosen = [("correlations", {"rows": rows, "columns": columns}), ("inflation", {"rows": rows, "columns": columns})]
    return (
        evidence
        + [("encoding", {"rows": rows, "columns": columns})]
        + (chosen if task.vif_max or task.correlation_max < 1 else [])
        + [
            ("fit", {"rows": rows, "columns": columns}),
            ("encoding", {"rows": tests, "columns": columns}),
            ("auc", {"rows": tests}),
        ]
    )


def program(session, task, write_card=lambda card: None):
    """What all three parties run; the report at the party that is told, None elsewhere. `write_card` is handed what
    stands beside a party's share of the model."""
    table, labels = logistic.read_own(session, task)
    rows, common = logistic.common_rows(session, task, table)
    train, test = logistic.split_rows(session, task, table, rows, common)
    pick = lambda places: [rows[place] for place in places]
    mine = [labels[row][0] for row in pick(train)] if labels else None
    own = run.agreed(
        session, lambda: binning.Binned(table, pick(train), pick(test), task.bins, mine) if table else None
    )
    run.note_rule(session, own and own.rule)
    counts = run.announced_numbers(session, own.columns if own else 0, tables.COLUMNS_MAX)
    if not any(counts):
        raise run.OtherUnusable("no party has a column that can be learned from")
    run.note(
        "training on %d rows, testing on %d, %s columns" % (len(train), len(test), " + ".join(map(str, counts[:2])))
    )
    run.tell_cost(session, works_of(task, train, test, counts))
    y_train, y_test = (
        session.input_labels(logistic.LABEL_PARTY, [labels[row] for row in pick(places)] if labels else None)
        for places in (train, test)
    )
    columns = Columns(session, task, own, counts, y_train)
    values = tell_values(session, task, columns, own)
    features = choose(session, task, columns)
    names = names_of(session, own, columns)
    if task.open_counts and OTHER_BANK in task.inputs:
        open_counts(session, task, own, columns, y_train)
    run.note("%d columns are chosen" % len(columns.places))
    model = session.fit_logistic(features, y_train, ridge=task.ridge)
    run.note("%d steps%s" % (model.steps, "" if model.converged else ", not converged"))
    if task.keep is not None:
        keep_points(session, task, own, columns, model.weights, write_card)
    auc = auc_of(session, task, columns.encoded("test"), model.weights, y_test)
    folds = cross_validated(session, task, columns, y_train)
    if auc is None:
        return None
    report = {
        "auc": auc,
        "rows_train": len(train),
        "rows_test": len(test),
        "common": common,
        "model": "scorecard",
        "columns": {str(party): counts[party] for party in task.inputs},
        "chosen": {str(party): names[party] for party in task.inputs},
        "steps": model.steps,
        "converged": model.converged,
        "ridge": task.ridge,
    }
    report.update({"folds": folds} if folds else {})
    return {**report, "information_value": values} if values else report


if __name__ == "__main__":
    sys.exit(run.main(Task, lambda session, task: logistic.write_report(session, task, program)))
