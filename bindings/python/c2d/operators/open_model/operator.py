"""A model that an earlier job of `logistic` or `scorecard` kept, opened to one party: weights or points, with the rules
of all owners.

Published by an administrator as it stands; company C writes an attribute file for it (docs/operators.md). Party 0 is
bank A, party 1 bank B, party 2 has no columns; each brings the model token of what that job left with it. Arguments:

    inputs       {"0": "./inputs/model.json", "1": "./inputs/model.json"}: the file beside each party's share, as its model token
                 names it; of a model over bank A's table alone only that
    outputs      {"0": "./outputs/model.json"}: who is told the model, and where
    results_to   "", or the age recipient that the provider encrypts it to (docs/models.md)
    model_args
      model      the name of the output that the training kept, "model"
      points     optional, 600: points where there are
      odds       optional, 50: so many good ones to a bad one, and
      double     optional, 20: so many points more double that

Opened is the whole model, to the party that `outputs` names: who has it scores whomever it wants. All three parties
learn the preprocessing rules, which hold texts and quantiles of their owners' data. Every owner's terms must allow it:
`release.coefficients`. `c2d.ExportedModel` reads what is written.
"""

import json
import sys

from c2d import errors
from c2d.operators import arguments, binning, run, tables

#: Of a rule that goes to the others.
RULE_BYTES_MAX = 1 << 20
MODELS = ("logistic regression", "scorecard")


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        self.model = model.text("model")
        self.scale = {
            "points": model.number("points", -1e6, 1e6, 600.0),
            "odds": model.number("odds", 1e-6, 1e6, 50.0),
            "double": model.number("double", 1e-3, 1e6, 20.0),
        }


def read_card(session, task):
    """What the training left beside this party's share, or None at the party without columns."""
    path = task.inputs.get(session.party)
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        card = json.load(file)
    if (
        not isinstance(card, dict)
        or card.get("version") != 1
        or card.get("party") != session.party
        or card.get("name") != task.model
        or card.get("model") not in MODELS
    ):
        raise run.Unusable(["%s is not what a training kept for party %d as %s" % (path, session.party, task.model)])
    if len(json.dumps(card["rule"])) > RULE_BYTES_MAX:
        raise run.Unusable(
            [
                "the rule in %s has more than %d bytes, and parties tell each other no more at once"
                % (path, RULE_BYTES_MAX)
            ]
        )
    return card


def announced_card(said, party):
    """What `party` says of its columns: the model's kind and binding, and its rule as c2d reads it."""
    try:
        card = json.loads(said)
        model, binding = card["model"], card["binding"]
        with tables.tables.PreprocessingRule.parse(json.dumps(card["rule"])) as rule:
            if model in MODELS and isinstance(binding, str):
                return {"model": model, "binding": binding, "rule": json.loads(rule.to_json())}
    except (ValueError, RecursionError, KeyError, TypeError, errors.Error):
        pass
    raise errors.PeerFailure(
        "party %d announced %s; expected its rule, and of which model it is" % (party, errors.shown(said)), code=party
    )


def points_of(rules, opened):
    """A list of each column's bins; the tensor has as many for all."""
    bins = [binning.count_of(column) for _, rule in rules for column in rule["columns"] if column["as"] != "drop"]
    columns = [list(column) for column in zip(*opened)]
    if len(columns) != len(bins) or max(bins, default=0) > len(opened):
        raise run.OtherUnusable("the model has %d columns, and the rules of the parties %d" % (len(columns), len(bins)))
    return [column[:count] for column, count in zip(columns, bins)]


def content_of(task, card, rules, opened):
    """What is written: docs/models.md."""
    content = {
        "version": 1,
        "model": card["model"],
        "name": task.model,
        "binding": card["binding"],
        "scale": task.scale,
        "rules": [{"party": party, "rule": rule} for party, rule in rules],
    }
    if card["model"] == "scorecard":
        return {**content, "points": points_of(rules, opened)}
    return {**content, "weights": [row[0] for row in opened[:-1]], "intercept": opened[-1][0]}


def program(session, task):
    """What all three parties run; the model as JSON at the party that is told, None elsewhere."""
    card = run.agreed(session, lambda: read_card(session, task))
    # First: where it is refused, no rule goes out.
    opened = session.reveal(session.load(task.model), to=[task.output_to])
    own = (
        b""
        if card is None or card["rule"] is None
        else json.dumps({"model": card["model"], "binding": card["binding"], "rule": card["rule"]}).encode()
    )
    said = [(party, text) for party, text in enumerate(session.exchange(own)) if text]
    if session.party != task.output_to:
        return None
    said = [(party, announced_card(text, party)) for party, text in said]
    if len({(one["model"], one["binding"]) for _, one in said}) != 1:
        raise run.OtherUnusable("the parties' rules are of different models, or there is none")
    first = said[0][1]
    with opened:
        return read_back(content_of(task, first, [(party, one["rule"]) for party, one in said], opened.to_rows()))


def read_back(content):
    """The text that is written, once c2d has read it: what others say of their rules may be anything."""
    from c2d.exported_model import ExportedModel

    with ExportedModel.parse(content) as model:
        return model.to_json()


def write_model(session, task):
    """As `program`, with the model in the file that `outputs` names."""
    text = program(session, task)
    if text is not None:
        with open(task.output_path, "w", encoding="utf-8") as file:
            file.write(text + "\n")


if __name__ == "__main__":
    sys.exit(run.main(Task, write_model))
