"""The original text's own command lines, verbatim but for the program's name, in the demo's folder.

Between them only what that text does not have: a ledger, the third party's computing power, the
providers, and small data under an operator that does not train.
"""

import os
import re

from joint_risk import JointRisk
from programs import COMPANY_C, options

ORIGINAL = "python client/dt-cli.py"
ALGORITHM = "dt:ownership:34940ace7bdacfff97f4c5dd348f523119fdf1c82aa3ec2bf99149e88499a961"


def main():
    given = options()
    with open(os.path.join(os.path.dirname(__file__), "seed_lines.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 11 and all(line.startswith(ORIGINAL) for line in lines), lines
    with JointRisk(given) as folder:

        def play(words):
            """Runs the next line of the seed, which must hold the words."""
            line = lines.pop(0)
            assert words in line, (words, line)
            done = folder.shell(line.replace(ORIGINAL, "dt-cli"))
            assert done.code == 0, str(done)
            return done.out

        play("system org --name 'org1'")
        play("system org --name 'org2'")
        play("system org --name '3rd-party'")
        play("system op")
        play("asset dt --attr_file ./samples/ddo/org1_feature_attr.json")
        play("asset dt --attr_file ./samples/ddo/org1_label_attr.json")
        play("asset dt --attr_file ./samples/ddo/org2_feature_attr.json")

        folder.answer(
            "asset", "dt", "--attr_file", "./samples/ddo/3rd_compute_attr.json", "--private_key", COMPANY_C[1]
        )
        for name, port in (("org1", 8090), ("org2", 8091), ("3rd", 8092)):
            folder.start_provider("./samples/config/%s_config.ini" % name, port)

        assert ALGORITHM in play("asset cdt")
        assert play("job init").split() == ["task_id:", "1"]
        assert play("job exec").split() == ["job_id:", "1"]
        parts = folder.wait_for_job(1)
        assert sorted((p["party"], p["state"]) for p in parts) == [
            (0, "succeeded"),
            (0, "succeeded"),
            (1, "succeeded"),
            (2, "succeeded"),
        ], parts

        # Where the original text looks for it, below each bank's own folder.
        auc = folder.read("tests/org1/job_1/outputs/rtt_log.txt").decode()
        assert auc == "AUC at round 0: 0.5000\n", auc
        for other in ("org2", "3rd"):
            assert os.listdir(folder / "tests/%s/job_1/outputs" % other) == []
        result = folder.cli("job", "result", "--job_id", "1", "--private_key", COMPANY_C[1])
        assert (result.code, result.out) == (0, auc), str(result)

        trace = play("tracer dfs")
        for word in ("└──", ALGORITHM, "Dataset  org1", "Dataset  org2", "Computa  3rd-party"):
            assert word in trace, "no %r in\n%s" % (word, trace)
        # The job, its task by name, and who demanded and solved.
        assert re.search(r"└── job 1  test  3rd-party  3rd-party", trace), trace
        assert not lines
        assert folder.answer("chain", "verify")["verified"] is True


if __name__ == "__main__":
    main()
