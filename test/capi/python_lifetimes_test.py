"""Objects from Python: closed in any order, called by several threads, kept by what needs them."""

import gc
import os
import sys
import threading
import unittest
import weakref

import c2d

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World  # noqa: E402: the folder had to be named first


class Lifetimes(unittest.TestCase):
    def test_close_in_any_order(self):
        world = World()
        dt = world.children[0]
        world.chain.close()
        world.registry.documents.close()
        world.environment.close()
        self.assertEqual(world.registry.resolve(dt)["dt"], dt)
        tracer = c2d.Tracer(world.registry)
        world.registry.close()
        self.assertIn(dt, str(tracer.walk(dt)))

    def test_callbacks_outlive_their_environment(self):
        lines = []
        environment = c2d.Environment(clock=lambda: 1700000000, log=lambda level, line: lines.append((level, line)))
        gone = weakref.ref(environment)
        admin = c2d.Key.generate()
        chain = c2d.Chain.create("ledger::memory:", admin, environment=environment)
        environment.close()
        del environment
        gc.collect()
        self.assertIsNotNone(gone())
        chain.add_provider(admin, admin.address)
        self.assertGreaterEqual(chain.info()["head"]["time"], 1700000000)
        self.assertLess(chain.info()["head"]["time"], 1700001000)
        del chain
        gc.collect()
        self.assertIsNone(gone())

    def test_threads_share(self):
        world, wrong = World(), []

        def work():
            for _ in range(20):
                if world.registry.resolve(world.children[0])["type"] != "Dataset":
                    wrong.append(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
