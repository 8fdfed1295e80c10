"""The world that tests of the Python package share: a ledger in memory with people, data and an Algorithm."""

import c2d

OPEN = {"input": {}, "outputs": {}}


def data_attributes(tid, name):
    path = "./inputs/%s.csv" % name
    return {
        "metadata": {"main": {"type": "Dataset", "name": name}},
        "services": [
            {
                "index": "count",
                "endpoint": "127.0.0.1:8090",
                "descriptor": {"template": tid, "constraint": {"input": path, "outputs": {}}},
                "attributes": {"path": path},
            }
        ],
    }


class World:
    """A ledger with two organisations, an operator, two data sets and an Algorithm over both."""

    def __init__(self, operation="print('rows')", declared=None):
        self.now = 1700000000
        self.environment = c2d.Environment(clock=lambda: self.now)
        self.admin, self.bank, self.fintech = (c2d.Key.generate() for _ in range(3))
        self.chain = c2d.Chain.create("ledger::memory:", self.admin, environment=self.environment)
        self.registry = c2d.AssetRegistry(self.chain, c2d.DocumentStore.memory(), environment=self.environment)
        for key, name in ((self.bank, "Bank A"), (self.fintech, "Fintech C")):
            self.chain.register_enterprise(self.admin, key.address, name)
            self.chain.add_provider(self.admin, key.address)
        self.tid = self.registry.publish_operator(
            self.admin,
            {"main": {"type": "Operation", "name": "count", **({"outputs": declared} if declared else {})}},
            operation,
            OPEN,
        )
        self.children = [self.publish_data(name) for name in ("features", "labels")]
        self.cdt = self.registry.publish(self.fintech, self.algorithm())

    def publish_data(self, name):
        return self.registry.publish(self.bank, data_attributes(self.tid, name))

    def algorithm(self):
        def use(name):
            return {
                "service": "count",
                "constraint": {"input": "./inputs/%s.csv" % name, "outputs": {"0": "./outputs/rows.txt"}},
            }

        return {
            "metadata": {"main": {"type": "Algorithm", "name": "rows"}},
            "child_dts": self.children,
            "services": [
                {
                    "index": "all",
                    "endpoint": {},
                    "attributes": {},
                    "descriptor": {"workflow": {self.children[0]: use("features"), self.children[1]: use("labels")}},
                }
            ],
        }

    def grant(self):
        for child in self.children:
            self.registry.grant(self.bank, child, self.cdt)
        self.registry.activate(self.fintech, self.cdt)

    def job(self):
        return self.chain.add_job(self.fintech, self.cdt, self.chain.create_task(self.bank, "count"))

    def verifier(self, nonces=None):
        return c2d.JobVerifier(
            self.registry, self.bank.address, nonces or c2d.NonceStore.memory(), environment=self.environment
        )

    def request(self, method, key=None, **more):
        return c2d.sign_request(
            self.chain,
            key or self.fintech,
            method,
            audience=self.bank.address,
            dt=self.children[0],
            algo_dt=self.cdt,
            environment=self.environment,
            **more
        )
