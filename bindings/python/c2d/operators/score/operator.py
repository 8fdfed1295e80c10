"""Scores of the customers that two banks have in common, by a model that an earlier job of `logistic` or `scorecard` kept.

Published by an administrator as it stands; company C writes an attribute file for it (docs/operators.md). Party 0 is bank A,
party 1 bank B, party 2 has no table; each brings the model token of what that job left with it. Arguments:

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

Bank A and bank B learn which of their customers the other has, and all parties how many there are. Opened are the scores, to
the party that `outputs` names, which writes them beside its own ids in the order of its file. Every owner's terms must
allow it: `release.scores`.
"""

import csv
import json
import sys

from c2d.operators import arguments, matching, run, tables

MAGNITUDE_MAX = 1024


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        if self.inputs and self.output_to not in self.inputs:
            top.refuse("outputs", "of a party that has a table", str(self.output_to))
        self.model = model.text("model")
        self.card = model.text("card")
        self.ids = arguments.id_columns(model, self.inputs)
        self.kind = model.text("kind", "points", ("points", "probability"))
        self.scale = {"points": model.number("points", -1e6, 1e6, 600.0), "odds": model.number("odds", 1e-6, 1e6, 50.0),
                      "double_after": model.number("double", 1e-3, 1e6, 20.0)}
        self.align = matching.alignment_of(model, self.inputs)


def read_card(task, path, party):
    """What the training left beside this party's share."""
    with open(path, encoding="utf-8") as file:
        card = json.load(file)
    if not isinstance(card, dict) or card.get("version") != 1 or card.get("party") != party or card.get("name") != task.model \
            or card.get("model") not in MODELS:
        raise run.Unusable(["%s is not what a training kept for party %d as %s" % (path, party, task.model)])
    return card


def read_own(session, task, card_path):
    """This party's card, and its table where it has one; ends everywhere if one cannot be used."""
    party = session.party

    def read():
        card = read_card(task, card_path, party)
        if party not in task.inputs:
            return card, None
        duplicates = task.align["duplicates"] if task.align else "refuse"
        return card, tables.read(task.inputs[party], task.ids[party], None, duplicates)

    return run.agreed(session, read)


def prepared(session, card, table, rows):
    """Own columns of the common rows, as the training prepared them; None without a table."""
    def prepare():
        if table is None or card["rule"] is None:
            return None
        rule = tables.tables.PreprocessingRule.parse(json.dumps(card["rule"]))
        own = rule.apply(table.take(rows))
        for surprise in own.surprises:
            run.note("rows that are scored: %s" % json.dumps(surprise, ensure_ascii=False))
        return own

    return run.agreed(session, prepare)


def of_columns(session, task, card, owners, own):
    """Prepared columns, and a weight for each."""
    features = session.hconcat([session.input(owner, own if session.party == owner else None, MAGNITUDE_MAX)
                                for owner in owners])
    return features, session.load(task.model)


def of_bins(session, task, card, owners, own):
    """The points of each column's bin, of which the sum is the score."""
    points, parts, first = session.load(task.model), [], 0
    for owner in owners:
        count = card["columns"][str(owner)]
        parts.append(session.encode_bins(owner, own.to_matrix() if session.party == owner else None,
                                         values=points[:, list(range(first, first + count))]))
        first += count
    return session.hconcat(parts), session.constant([[1.0]] * first + [[0.0]])


#: How rows are scored, by what the training says that it kept.
MODELS = {"logistic regression": of_columns, "scorecard": of_bins}


def program(session, task, card_path=None):
    """What all three parties run; [(id, score)] in the order of its file at the party that is told, None elsewhere."""
    card, table = read_own(session, task, card_path or task.card)
    if task.align is None:
        rows = range(table.rows) if table else ()
        common = run.announced_numbers(session, len(rows), tables.ROWS_MAX)[0]
    else:
        rows, found = matching.matched(session, table, task.ids.get(session.party, ()), task.align)
        common = found.common
    own = prepared(session, card, table, rows)
    shapes = session.exchange(json.dumps(card["columns"], sort_keys=True).encode())
    if len(set(shapes)) != 1:
        raise run.OtherUnusable("the parties' models have different columns")
    owners = [party for party in task.inputs if card["columns"][str(party)]]
    run.note("scoring %d customers" % common)
    features, model = MODELS[card["model"]](session, task, card, owners, own)
    scores = session.reveal(session.score(features, model, task.kind, **task.scale), to=[task.output_to])
    if scores is None:
        return None
    ids = tables.id_texts(table.take(rows), task.ids[session.party])
    values = [row[0] for row in scores]
    return [(ids[place], values[place]) for place in sorted(range(common), key=lambda place: rows[place])]


def write_scores(session, task):
    """As `program`, with the scores in the file that `outputs` names."""
    scores = program(session, task)
    if scores is None:
        return
    with open(task.output_path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["id", task.kind])
        lines.writerows((own, "%d" % score if task.kind == "points" else "%.6f" % score) for own, score in scores)


if __name__ == "__main__":
    sys.exit(run.main(Task, write_scores))
