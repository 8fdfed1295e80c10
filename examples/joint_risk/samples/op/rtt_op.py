"""Joint risk model: logistic regression over two banks' columns, computed by three parties.

Runs inside a provider's sandbox as `python3 … code --config args.json`. Arguments (rtt_params.json):

    party_id        0, 1 or 2: who this process is
    inputs          {"0": "./inputs/NAME", "1": …, "2": …}: slot 2 is the label, the others are
                    features, in the order of their numbers. Whoever has a slot's file owns it; a
                    party may own several slots or none.
    exec_endpoints  used by the providers, not here
    model_args      in_dim (columns in all), out_dim (1), lr (on the sum of the batch; 0 trains
                    nothing), batch_size (1 to 8192), split (rows that train, or a fraction between 0
                    and 1 of them; the rest tests), epoch (iterations);
                    optional shuffle (rows in an order that the seed decides, before they are split; default
                    false: as the files have them), seed (public, default 0), l2 (penalty, default 0), lr_decay and
                    lr_decay_every (the rate's factor every so many iterations), model_to (the party
                    that receives the model; default: nobody does)
    outputs         {"0": "./outputs/rtt_log.txt"}: the party that learns the AUC, and where it
                    writes it. A list names two files, the second for the model; another party's
                    entry names its model file.

Every 100 iterations and after the last (unless that is one later) the output party appends `AUC at round <i>: <4
decimals>`. Nothing else is opened: no scores, no labels, and the model only with model_to. Columns must be standardised
by their owners beforehand (this program changes no value): a value beyond +-1024 ends the run at every party with a
message that says so. Where a logit leaves +-256 training ends: what was evaluated until then is delivered, with a last
line that says why there is no more; no model is.
"""

import argparse
import hashlib
import json
import math
import os
import random
import sys

import c2d
from c2d.operators import run as operators, tables

LABEL_SLOT = 2
EVALUATE_EVERY = 100
BATCH_SIZE_MAX = 8192
# A standardised 0/1 column that is rarely 1 reaches beyond what ordinary columns do.
MAGNITUDE_MAX = 1024


class BadArguments(Exception):
    """The arguments do not fit each other or the data."""


def note(line):
    print(line, file=sys.stderr, flush=True)


def number(model, name, default=None, whole=False):
    """An argument that is a finite number, not a text or a truth."""
    value = model.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadArguments("%s must be a number, found %s" % (name, json.dumps(value)))
    if whole and value != int(value):
        raise BadArguments("%s must be a whole number, found %s" % (name, value))
    return int(value) if whole else float(value)


def training(model):
    """What train_logistic takes besides split, checked before any data are read."""
    out = {
        "iterations": number(model, "epoch", whole=True),
        "lr": number(model, "lr"),
        "batch_size": number(model, "batch_size", whole=True),
        "seed": number(model, "seed", 0, whole=True),
        "l2": number(model, "l2", 0),
        "lr_decay": number(model, "lr_decay", 1),
        "lr_decay_every": number(model, "lr_decay_every", 0, whole=True),
    }
    if out["iterations"] < 1:
        raise BadArguments("epoch must be 1 or more, found %d" % out["iterations"])
    if not 1 <= out["batch_size"] <= BATCH_SIZE_MAX:
        raise BadArguments("batch_size must be 1 to %d, found %d" % (BATCH_SIZE_MAX, out["batch_size"]))
    for name, most in (("lr", 1), ("l2", 256), ("lr_decay", 1), ("seed", 2**64 - 1), ("lr_decay_every", 2**63)):
        if not 0 <= out[name] <= most:
            raise BadArguments("%s must be 0 to %s, found %s" % (name, most, out[name]))
    split_of(model, 1)
    if not isinstance(model.get("shuffle", False), bool):
        raise BadArguments("shuffle must be true or false, found %s" % json.dumps(model["shuffle"]))
    return out


def split_of(model, rows):
    """How many of the rows train."""
    split = number(model, "split")
    if split < 0:
        raise BadArguments("split must not be negative, found %s" % model["split"])
    if split != int(split) and split > 1:
        raise BadArguments("split must be a whole number of rows or a fraction between 0 and 1, found %s" % split)
    return int(split) if split == int(split) else int(rows * split)


def slot_names(args):
    """{slot number: path}, sorted."""
    try:
        slots = {int(number): str(path) for number, path in args["inputs"].items()}
    except (KeyError, AttributeError, ValueError):
        raise BadArguments('inputs must be {"0": "./inputs/NAME", …}') from None
    if LABEL_SLOT not in slots or len(slots) < 2:
        raise BadArguments("inputs must name slot %d, the label, and features" % LABEL_SLOT)
    return dict(sorted(slots.items()))


def output_plan(args):
    """(party that learns the AUC, {party: [paths]})."""
    outputs = args.get("outputs")
    if not isinstance(outputs, dict) or not outputs:
        raise BadArguments('outputs must be {"0": "./outputs/NAME"}')
    plan = {int(party): [path] if isinstance(path, str) else list(path) for party, path in outputs.items()}
    model_to = args["model_args"].get("model_to")
    takers = [party for party, paths in plan.items() if party != model_to or len(paths) == 2]
    if len(takers) != 1:
        if len(plan) == 1 and model_to in plan:
            raise BadArguments("outputs of party %s must be a list: the log and the model" % model_to)
        raise BadArguments("exactly one party may be named for the AUC")
    if model_to is not None and model_to not in plan:
        raise BadArguments("model_to is party %s, which has no entry in outputs" % model_to)
    return takers[0], plan


def agree(session, args, slots):
    """Announces which slots are here; returns {slot: owner}. All must run the same arguments."""
    common = {key: value for key, value in args.items() if key != "party_id"}
    digest = hashlib.sha256(json.dumps(common, sort_keys=True).encode()).hexdigest()
    mine = [number for number, path in slots.items() if os.path.exists(path)]
    announcements = session.exchange(json.dumps({"args": digest, "slots": mine}).encode())
    owners = {}
    for party, raw in enumerate(announcements):
        said = json.loads(raw)
        if said["args"] != digest:
            raise BadArguments("party %d runs other arguments" % party)
        for number in said["slots"]:
            if number in owners:
                raise BadArguments("slot %d exists at party %d and at party %d" % (number, owners[number], party))
            owners[number] = party
    for number, path in slots.items():
        if number not in owners:
            raise BadArguments("no party has slot %d (%s)" % (number, path))
    return owners


def shuffled(session, seed, tensors):
    """The same rows in an order that the public seed decides: files may be sorted by what happened."""
    rows = tensors[0].shape[0]
    draws = random.Random(seed)
    keys = [draws.random() for _ in range(rows)]
    order = sorted(range(rows), key=keys.__getitem__)
    return [session.rows(tensor, order) for tensor in tensors]


def tell_cost(session, own, model, how):
    """What the training takes, before anything is shared; a party that has not the memory for it ends all."""
    rows = max(
        operators.announced_numbers(session, max((data.rows for data in own.values()), default=0), tables.ROWS_MAX)
    )
    train, columns = split_of(model, rows), number(model, "in_dim", whole=True)
    if not 0 < train < rows or columns < 1:
        return  # refused below, with what was expected
    evaluations = -(-(how["iterations"] - 1) // EVALUATE_EVERY) + 1
    operators.tell_cost(
        session,
        [
            ("auc", {"rows": rows - train}),
            (
                "training",
                {"rows": train, "columns": columns, "steps": how["iterations"], "batch_size": how["batch_size"]},
            ),
        ],
        times=[evaluations],
    )


def share_inputs(session, slots, owners, model, how):
    """Reads what is here and shares everything; returns (features, labels), in the order in which they are split."""
    own = operators.agreed(
        session,
        lambda: {
            number: tables.read_numbers(path) for number, path in slots.items() if owners[number] == session.party
        },
    )
    tell_cost(session, own, model, how)
    tensors = {}
    for number in slots:
        owner, data = owners[number], own.get(number)
        if number == LABEL_SLOT:
            tensors[number] = session.input_labels(owner, data)
        else:
            tensors[number] = session.input(owner, data, MAGNITUDE_MAX)
            note("slot %d: %d x %d from party %d" % ((number,) + tensors[number].shape + (owner,)))
        if data is not None:
            data.close()
    rows = {number: tensor.shape[0] for number, tensor in tensors.items()}
    if len(set(rows.values())) != 1:
        raise BadArguments(
            "the inputs have different numbers of rows: %s; was a line of names read as data, or data as names?"
            % ", ".join("slot %d of party %d has %d" % (number, owners[number], rows[number]) for number in rows)
        )
    labels = tensors.pop(LABEL_SLOT)
    parts = list(tensors.values())
    columns = sum(part.shape[1] for part in parts)
    if columns != model["in_dim"]:
        raise BadArguments(
            "in_dim is %s, but the inputs have %d columns in all (%s)"
            % (model["in_dim"], columns, " + ".join(str(part.shape[1]) for part in parts))
        )
    both = [session.hconcat(parts), labels]
    return shuffled(session, model.get("seed", 0), both) if model.get("shuffle", False) else both


def write_model(path, weights):
    with open(path, "w", encoding="ascii") as file:
        for name, row in zip(["w%d" % j for j in range(weights.rows - 1)] + ["bias"], weights.to_rows()):
            file.write("%s,%.8f\n" % (name, row[0]))


def run(args, session):
    model = args["model_args"]
    if model.get("out_dim", 1) != 1:
        raise BadArguments("out_dim must be 1, found %s" % model["out_dim"])
    if args.get("party_id", session.party) != session.party:
        raise BadArguments("party_id is %s, but the provider runs this as party %d" % (args["party_id"], session.party))
    how = training(model)
    slots = slot_names(args)
    auc_to, plan = output_plan(args)
    owners = agree(session, args, slots)
    features, labels = share_inputs(session, slots, owners, model, how)
    log = open(plan[auc_to][0], "a", encoding="ascii") if session.party == auc_to else None
    evaluated = 0

    def progress(iteration, auc):
        nonlocal evaluated
        evaluated = iteration
        note("iteration %d of %d" % (iteration, how["iterations"]))
        if auc is not None:
            log.write("AUC at round %d: %.4f\n" % (iteration, auc))
            log.flush()

    model_to = model.get("model_to")
    try:
        weights = session.train_logistic(
            features,
            labels,
            split=split_of(model, features.shape[0]),
            evaluate_every=EVALUATE_EVERY,
            auc_to=auc_to,
            progress=progress,
            **how
        )
        opened = None if model_to is None else session.reveal(weights, to=[model_to])
        if opened is not None:
            write_model(plan[model_to][-1], opened)
    except c2d.DomainViolation as problem:
        # All parties see the same; a start that was never trained on is no result.
        if evaluated == 0:
            raise
        note("ended after round %d, without a model: %s" % (evaluated, problem))
        if log is not None:
            log.write("Ended after round %d: %s\n" % (evaluated, problem))
    if log is not None:
        log.close()
    note("done: %s" % session.stats)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="the arguments, a JSON file")
    with open(parser.parse_args().config, encoding="utf-8") as file:
        args = json.load(file)
    try:
        with c2d.mpc.Session.from_environment() as session:
            run(args, session)
    except (BadArguments, operators.Unusable, operators.OtherUnusable, c2d.Error) as problem:
        for line in str(problem).splitlines():
            note("error: %s" % line)
        return operators.status_of(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
