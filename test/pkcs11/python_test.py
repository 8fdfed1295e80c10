"""c2d.Key.from_pkcs11 with a token of SoftHSM.

python_test.py   (C2D_LIBRARY names the library, C2D_SOFTHSM the module, PYTHONPATH the package and test/support)
"""

import os
import shutil
import tempfile
import threading
import unittest

import c2d
from soft_hsm import PIN, SoftHsm, uri

SECRET = "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173"
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "artifact", "data", "version_1")
ADDRESS = "0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0"


class Pkcs11(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        token = SoftHsm(folder.name)
        token.put("loans", "a1", SECRET)
        token.put_aes("artifacts", "a7")
        os.environ.update(token.environment)

    def refused(self, name, *arguments):
        with self.assertRaises(c2d.InvalidArgument) as caught:
            c2d.Key.from_pkcs11(*arguments)
        self.assertEqual(caught.exception.name, name)
        self.assertNotIn(PIN, str(caught.exception))

    def test_a_pin_is_wanted_and_the_right_one_opens_the_key(self):
        # In this order: a login counts for the whole process, as long as it has a session.
        self.refused("pin_needed", uri("loans"))
        self.refused("wrong_pin", uri("loans"), "999999")
        with c2d.Key.from_pkcs11(uri("loans"), PIN) as key:
            self.assertEqual(key.address, ADDRESS)
            for number in range(16):
                digest = bytes([number]) * 32
                self.assertEqual(c2d.recover_signer(digest, key.sign_digest(digest)), ADDRESS)
            with self.assertRaises(c2d.Unsupported):
                key.to_keystore("password")

    def test_a_pin_from_a_file(self):
        path = os.path.join(self.folder, "pin")
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(PIN + "\n")
        with c2d.Key.from_pkcs11(uri("loans", "&pin-source=file:" + path)) as key:
            self.assertEqual(key.address, ADDRESS)

    def test_artifacts_whose_key_is_in_the_token(self):
        folder, pin = os.path.join(self.folder, "artifacts"), os.path.join(self.folder, "pin_of_artifacts")
        shutil.copytree(SAMPLE, folder)
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o600)
        with open(pin, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(PIN)
        in_token, key = uri("artifacts", "&pin-source=file:" + pin), os.path.join(folder, "artifact.key")
        with c2d.ArtifactStore(folder) as store:
            [one] = store.list()
            with self.assertRaisesRegex(c2d.NotFound, "pkcs11-tool"):
                store.rewrap(to=uri("nowhere", "&pin-source=file:" + pin))
            self.assertEqual(store.rewrap(to=in_token), 1)
            self.assertFalse(os.path.exists(key))
        with c2d.ArtifactStore(folder, in_token) as store:
            store.check(one["sha256"])
            self.assertEqual(
                store.wrapped_by(one["sha256"]), "pkcs11:token=bank;object=artifacts;id=%a7;type=secret-key"
            )
            with self.assertRaises(c2d.InvalidArgument):
                store.rewrap()
            self.assertEqual(store.rewrap(to=key), 1)
        with c2d.ArtifactStore(folder) as store:
            store.check(one["sha256"])

    def test_uris_are_refused(self):
        for text in ("", "key.json", uri("loans", "&pin-value=" + PIN), uri("loans", "&x-vendor=1")):
            with self.subTest(text):
                self.refused("", text, PIN)
        with self.assertRaises(TypeError):
            c2d.Key.from_pkcs11()

    def test_a_ledger_takes_its_transactions(self):
        with c2d.Key.from_pkcs11(uri("loans"), PIN) as key, c2d.Chain.create("ledger::memory:", key) as chain:
            bank = c2d.Key.generate().address
            chain.register_enterprise(key, bank, "bank", "a bank")
            self.assertEqual(chain.enterprise(bank)["name"], "bank")

    def test_threads_share_a_key(self):
        with c2d.Key.from_pkcs11(uri("loans"), PIN) as key:
            signers = []

            def sign(number):
                digest = bytes([number]) * 32
                signers.append(c2d.recover_signer(digest, key.sign_digest(digest)))

            threads = [threading.Thread(target=sign, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(signers, [ADDRESS] * 8)


if __name__ == "__main__":
    unittest.main()
