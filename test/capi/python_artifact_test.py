"""Artifacts from Python: listed, destroyed, and under a key that lies elsewhere."""

import os
import shutil
import tempfile
import unittest

import c2d
import record_check

setUpModule = record_check.watch_module


class Artifacts(unittest.TestCase):
    """A folder of version 1, as another program made it of docs/formats.md."""

    SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "artifact", "data", "version_1")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name + "/artifacts"
        shutil.copytree(self.SAMPLE, self.folder)
        for name in os.listdir(self.folder):
            os.chmod(os.path.join(self.folder, name), 0o600)

    def test_listed_destroyed_and_told(self):
        owner = c2d.Key.generate()
        with c2d.ArtifactStore(self.folder) as store:
            [one] = store.list()
            self.assertEqual((one["job_id"], one["party"], one["name"], one["kind"]), (12, 1, "model", "model"))
            store.check(one["sha256"])
            self.assertEqual(store.rewrap(), 1)
            store.check(one["sha256"])
            text = store.erase(one["sha256"], owner)
            with self.assertRaises(c2d.NotFound):
                store.check(one["sha256"])
            self.assertEqual(store.list()[0]["destroyed"], c2d.read_tombstone(text)["destroyed"])
        self.assertEqual(c2d.read_tombstone(text)["signer"], owner.address)
        with self.assertRaises(c2d.Refused) as caught:
            c2d.read_tombstone(text.replace('"job_id":12', '"job_id":13'))
        self.assertEqual(caught.exception.name, "tombstone_altered")

    def test_key_elsewhere(self):
        key = os.path.join(os.path.dirname(self.folder), "key")
        os.rename(os.path.join(self.folder, "artifact.key"), key)
        with c2d.ArtifactStore(self.folder, key) as store:
            store.check(store.list()[0]["sha256"])
        with c2d.ArtifactStore(self.folder) as store, self.assertRaises(c2d.Error):
            store.check(store.list()[0]["sha256"])
        moved = key + ".moved"
        with c2d.ArtifactStore(self.folder, key) as store:
            self.assertEqual(store.rewrap(to=moved), 1)
            self.assertFalse(os.path.exists(key))
        with c2d.ArtifactStore(self.folder, moved) as store:
            store.check(store.list()[0]["sha256"])
            self.assertEqual(store.wrapped_by(store.list()[0]["sha256"]), "file")
        with self.assertRaisesRegex(c2d.InvalidArgument, "which module"):
            c2d.ArtifactStore(self.folder, "pkcs11:object=k")
        self.assertEqual(c2d.artifact_folder("/srv", "0x" + "01" * 20), "/srv/artifacts_01010101")


if __name__ == "__main__":
    unittest.main()
