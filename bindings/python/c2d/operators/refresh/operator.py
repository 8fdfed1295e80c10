"""A model that an earlier job kept, kept anew: the same model as other shares, so that an old share and a new one are
no model.

Published by an administrator as it stands; company C writes an attribute file for it (docs/operators.md). Party 0 is
bank A, party 1 bank B; each of the three brings the model token of what that job left with it. Arguments:

    inputs       {"0": "./inputs/model.json", "1": "./inputs/model.json"}: the file beside each party's share, as its model token
                 names it; of a model over bank A's table alone only that
    outputs      {"0": "./outputs/report.json"}: who is told the new binding, and where
    results_to   "", or the age recipient that the provider encrypts that to (docs/models.md)
    model_args
      model      the name of the output that was kept, "model"; what is kept now has it, too
      card       the file beside each party's share, "./inputs/model.json"

Opened is nothing. The parties publish what this job kept, end the old tokens and destroy the old artifacts
(docs/models.md).
"""

import json
import os
import sys

from c2d.operators import arguments, run


class Task(arguments.Task):
    """The arguments, once all of them can be meant."""

    def own(self, top, model):
        self.model = model.text("model")
        self.card = model.text("card")


def read_card(path, task, party):
    """What stands beside this party's share."""
    with open(path, encoding="utf-8") as file:
        card = json.load(file)
    if (
        not isinstance(card, dict)
        or card.get("version") != 1
        or card.get("party") != party
        or card.get("name") != task.model
    ):
        raise run.Unusable(["%s is not what was kept for party %d as %s" % (path, party, task.model)])
    return card


def program(session, task, write_card, card_path=None):
    """What all three parties run; the new binding. `write_card` is handed what stands beside a party's new share."""
    card = run.agreed(session, lambda: read_card(card_path or task.card, task, session.party))
    binding = "0x" + session.keep(session.load(task.model), task.model).hex()
    write_card({**card, "binding": binding})
    run.note("kept anew as %s, which was %s" % (binding, card["binding"]))
    return binding


def refresh(session, task):
    """As `program`, with the files where a provider looks for them."""

    def write_card(card):
        with open(os.path.join(os.environ.get("C2D_OUTPUTS", "outputs"), task.model), "w", encoding="utf-8") as file:
            file.write(json.dumps(card, sort_keys=True) + "\n")

    binding = program(session, task, write_card)
    if session.party == task.output_to:
        with open(task.output_path, "w", encoding="utf-8") as file:
            file.write(json.dumps({"binding": binding, "model": task.model}, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(run.main(Task, refresh))
