"""Scores of the customers that two banks have in common, by a model that an earlier job of `logistic` or `scorecard`
kept.

Published by an administrator as it stands; company C writes an attribute file for it (docs/operators.md). Party 0 is
bank A, party 1 bank B, party 2 has no table; each brings the model token of what that job left with it. Arguments:

    inputs       {"0": "./inputs/bank_a.csv", "1": "./inputs/bank_b.csv"}: tables with the columns of those that were trained on,
                 without the label or with it
    outputs      {"0": "./outputs/scores.csv"}: who is told the scores, and where; a bank
    results_to   "", or the age recipient that the provider encrypts them to (docs/models.md)
    model_args
      model      the name of the output that the training kept, "model"
      card       the file beside each party's share as its model token names it, "./inputs/model.json"
      id, align  as `logistic` has them
      kind       optional, "points": or "probability"
      points     optional, 600: points where there are
      odds       optional, 50: so many good ones to a bad one, and
      double     optional, 20: so many points more double that
      reasons    optional, {"count": 4, "baseline": "best"}: beside each score, as reason_1 to reason_4, the (1 to 10) characteristics that
                 cost most points, the first most: against the "best" bin of each (of a scorecard, where it is the default), or against the
                 "mean" of the customers that trained

Bank A and bank B learn which of their customers the other has, and all parties how many there are. Opened are the
scores, to the party that `outputs` names, which writes them beside its own ids in the order of its file. Every owner's
terms must allow it: `release.scores`, and `release.reason_codes` for reasons, with which all parties learn the names of
the characteristics.
"""

import csv
import json
import sys
from array import array

from c2d.operators import arguments, matching, run, tables

MAGNITUDE_MAX = 1024
#: Rows that are scored at once: memory, whatever the rows of the tables.
ROWS_AT_ONCE = 1 << 16
REASONS_MAX = 10
BASELINES = ("best", "mean")


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        if self.inputs and self.output_to not in self.inputs:
            top.refuse("outputs", "of a party that has a table", str(self.output_to))
        self.model = model.text("model")
        self.card = model.text("card")
        self.ids = arguments.id_columns(model, self.inputs)
        self.kind = model.text("kind", "points", ("points", "probability"))
        self.scale = {
            "points": model.number("points", -1e6, 1e6, 600.0),
            "odds": model.number("odds", 1e-6, 1e6, 50.0),
            "double_after": model.number("double", 1e-3, 1e6, 20.0),
        }
        self.align = matching.alignment_of(model, self.inputs)
        #: How many reasons are named beside a score, and against what; 0: none.
        self.reasons, self.baseline = 0, None
        given = model.take("reasons", None)
        if given is not None:
            reasons = arguments.Arguments(given, "model_args.reasons", model.problems)
            self.reasons = reasons.number("count", 1, REASONS_MAX, 4, whole=True)
            self.baseline = reasons.text("baseline", None, BASELINES)
            reasons.end()


def read_card(task, path, party):
    """What the training left beside this party's share."""
    with open(path, encoding="utf-8") as file:
        card = json.load(file)
    if (
        not isinstance(card, dict)
        or card.get("version") != 1
        or card.get("party") != party
        or card.get("name") != task.model
        or card.get("model") not in MODELS
    ):
        raise run.Unusable(["%s is not what a training kept for party %d as %s" % (path, party, task.model)])
    if task.reasons and card["rule"] is not None and baseline_of(task, card) == "mean" and "mean" not in card:
        raise run.Unusable(
            [
                "%s says nothing of the mean of the customers that trained: train the model anew, or take another "
                "reasons.baseline" % path
            ]
        )
    return card


def texts_of(card):
    """The columns that the training took as text; in other rows they may look like numbers."""
    columns = card["rule"]["columns"] if card["rule"] else ()
    return {column["name"] for column in columns if column["as"] != "drop" and column["type"] == "string"}


def baseline_of(task, card):
    """What reasons are named against; only a bin has a best."""
    default = "best" if card["model"] == "scorecard" else "mean"
    if task.baseline == "best" != default:
        raise arguments.BadArguments(
            "model_args.reasons.baseline must be mean: a column of %s has no best value" % card["model"]
        )
    return task.baseline or default


def read_own(session, task, card_path):
    """This party's card, and its table where it has one; ends everywhere if one cannot be used."""
    party = session.party

    def read():
        card = read_card(task, card_path, party)
        if party not in task.inputs:
            return card, None
        duplicates = task.align["duplicates"] if task.align else "refuse"
        return card, tables.read(task.inputs[party], task.ids[party], None, duplicates, texts_of(card))

    return run.agreed(session, read)


def prepared(session, card, table, rows):
    """Own columns of some of the common rows, as the training prepared them; None without a table."""

    def prepare():
        if table is None or card["rule"] is None:
            return None
        rule = rule_of(card["rule"])
        run.note_rule(session, rule)
        own = rule.apply(table.take(rows))
        for surprise in own.surprises:
            run.note("rows that are scored: %s" % json.dumps(surprise, ensure_ascii=False))
        return own

    return run.agreed(session, prepare)


def rule_of(rule):
    return tables.tables.PreprocessingRule.parse(json.dumps(rule))


class Columns:
    """A prepared column of each input, and a weight for each."""

    def __init__(self, session, task, card, owners):
        self._session, self._owners, self._card = session, owners, card
        self._model = session.load(task.model)

    @staticmethod
    def works(rows, columns):
        """What scores, and then what else reasons take of these rows, in the words of `mpc.cost`."""
        size = {"rows": rows, "columns": columns}
        return [("inputs", size), ("scoring", size)], [("contributions", size)]

    def score(self, task, own):
        """Scores of these rows, and what each characteristic adds to them."""
        features = self._shared(own)
        return (
            self._session.score(features, self._model, task.kind, **task.scale),
            lambda sizes: self._session.contributions(features, self._model, sizes),
        )

    def _shared(self, own):
        return self._session.hconcat(
            [
                self._session.input(owner, own if self._session.party == owner else None, MAGNITUDE_MAX)
                for owner in self._owners
            ]
        )

    def baseline(self, kind, sizes):
        """As `reason_codes` takes it."""
        means = self._shared([self._card["mean"]] if self._card.get("mean") else None)
        return {"baseline": self._session.contributions(means, self._model, sizes)}


class Bins:
    """Columns in bins, and points for each bin, of which the sum is the score."""

    def __init__(self, session, task, card, owners):
        self._session, self._owners, self._card = session, owners, card
        self._points = session.load(task.model)

    @staticmethod
    def works(rows, columns):
        """What scores, and then what else reasons take of these rows, in the words of `mpc.cost`."""
        size = {"rows": rows, "columns": columns}
        return [("encoding", size), ("scoring", size)], []

    def score(self, task, own):
        """Scores of these rows, and what each characteristic adds to them."""
        parts, first = [], 0
        for owner in self._owners:
            count = self._card["columns"][str(owner)]
            parts.append(
                self._session.encode_bins(
                    owner,
                    own.to_matrix() if self._session.party == owner else None,
                    values=self._points[:, list(range(first, first + count))],
                )
            )
            first += count
        rows = self._session.hconcat(parts)
        weights = self._session.constant([[1.0]] * first + [[0.0]])
        return self._session.score(rows, weights, task.kind, **task.scale), lambda sizes: rows

    def baseline(self, kind, sizes):
        """As `reason_codes` takes it."""
        if kind == "best":
            return {"baseline": self._points}
        mine = self._card.get("mean")
        if mine:
            mine = [row + [0.0] * (self._points.shape[0] - len(row)) for row in mine]
            mine = [list(row) for row in zip(*mine)]
        shares = [self._session.input(owner, mine if self._session.party == owner else None) for owner in self._owners]
        return {"baseline": self._points, "shares": self._session.hconcat(shares)}


#: How rows are scored, by what the training says that it kept.
MODELS = {"logistic regression": Columns, "scorecard": Bins}


def tell_cost(session, task, card, common):
    """Of all pieces of rows, each of which takes memory of its own."""
    columns, count = sum(card["columns"].values()), -(-common // ROWS_AT_ONCE)
    rows = min(common, ROWS_AT_ONCE)
    works, of_reasons = MODELS[card["model"]].works(rows, columns)
    if task.reasons:
        works += of_reasons + [("reasons", {"rows": rows, "columns": columns, "steps": task.reasons})]
    run.tell_cost(session, works, [count] * len(works))


def characteristics_of(session, card, owners, table):
    """(name, columns) of each, over all owners: as they stand in their rules, and as each says of its own."""

    def own():
        if table is None or card["rule"] is None:
            return []
        kept = [column for column in card["rule"]["columns"] if column["as"] != "drop"]
        some = table.take(range(min(1, table.rows)))
        return [
            (column["name"], rule_of({**card["rule"], "columns": [column]}).apply(some).shape[1]) for column in kept
        ]

    mine = run.agreed(session, own)
    names, sizes = (session.exchange(json.dumps([one[place] for one in mine]).encode()) for place in (0, 1))
    found = []
    for owner in owners:
        columns = card["columns"][str(owner)]
        of_owner = tables.announced_sizes(sizes[owner], columns, owner)
        found += zip(tables.announced_names(names[owner], len(of_owner), owner), of_owner, [owner] * len(of_owner))
    names = [name for name, _, _ in found]
    return [(name if names.count(name) == 1 else "%s (party %d)" % (name, owner), size) for name, size, owner in found]


class Reasons:
    """What is named beside scores: the same at all parties but for what is opened."""

    def __init__(self, session, task, card, owners, table, model):
        self._session, self._task = session, task
        found = characteristics_of(session, card, owners, table)
        self.names = [""] + [name for name, _ in found]
        self._sizes = [size for _, size in found]
        self._baseline = model.baseline(baseline_of(task, card), self._sizes)

    def of(self, contributions):
        """Numbers in `names`, row by row, as a tensor."""
        return self._session.reason_codes(contributions(self._sizes), count=self._task.reasons, **self._baseline)


class Scored:
    """Scores of the common customers, and numbers of reasons, in the order that all share."""

    def __init__(self, reasons):
        self.scores, self.codes, self._count = array("d"), array("H"), reasons

    def add(self, scores, codes):
        """Those of some rows more."""
        with scores:
            self.scores.extend(row[0] for row in scores)
        if codes is not None:
            with codes:
                for row in codes:
                    self.codes.extend(int(code) for code in row)

    def reasons_at(self, place):
        return self.codes[place * self._count : (place + 1) * self._count]


def common_rows(session, task, table):
    """Own rows that stand for the common customers, and how many there are."""
    if task.align is None:
        rows = range(table.rows) if table else ()
        return rows, run.announced_numbers(session, len(rows), tables.ROWS_MAX)[0]
    rows, found = matching.matched(session, table, task.ids.get(session.party, ()), task.align)
    return rows, found.common


def program(session, task, card_path=None):
    """What all three parties run; (id, score, reason, …) in the order of its file at the party that is told, None
    elsewhere."""
    card, table = read_own(session, task, card_path or task.card)
    rows, common = common_rows(session, task, table)
    shapes = session.exchange(json.dumps(card["columns"], sort_keys=True).encode())
    if len(set(shapes)) != 1:
        raise run.OtherUnusable("the parties' models have different columns")
    owners = [party for party in task.inputs if card["columns"][str(party)]]
    run.note("scoring %d customers" % common)
    tell_cost(session, task, card, common)
    model = MODELS[card["model"]](session, task, card, owners)
    reasons = Reasons(session, task, card, owners, table, model) if task.reasons else None
    scored = Scored(task.reasons)
    for first in range(0, common, ROWS_AT_ONCE):
        own = prepared(session, card, table, rows[first : first + ROWS_AT_ONCE])
        scores, contributions = model.score(task, own)
        codes = reasons.of(contributions) if reasons else None
        opened = [session.reveal(tensor, to=[task.output_to]) for tensor in (scores, codes) if tensor is not None]
        if session.party == task.output_to:
            scored.add(*opened, *[None] * (2 - len(opened)))
    if session.party != task.output_to:
        return None
    return in_file_order(table, task.ids[session.party], rows, scored, reasons.names if reasons else ())


def in_file_order(table, ids, rows, scored, names):
    """(id, score, reason, …) of each common row, some at a time."""
    order = sorted(range(len(rows)), key=rows.__getitem__)
    for first in range(0, len(order), ROWS_AT_ONCE):
        places = order[first : first + ROWS_AT_ONCE]
        for place, own in zip(places, tables.id_texts(table.take([rows[place] for place in places]), ids)):
            yield (own, scored.scores[place], *(names[code] for code in scored.reasons_at(place)))


def write_scores(session, task):
    """As `program`, with the scores in the file that `outputs` names."""
    scored = program(session, task)
    if scored is None:
        return
    with open(task.output_path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["id", task.kind] + ["reason_%d" % (number + 1) for number in range(task.reasons)])
        lines.writerows(
            (own, "%d" % score if task.kind == "points" else "%.6f" % score, *reasons)
            for own, score, *reasons in scored
        )


if __name__ == "__main__":
    sys.exit(run.main(Task, write_scores))
