"""Keys from Python: signing, keystores, keys that stay elsewhere."""

import unittest

import c2d

SECRET = "0x" + "46" * 32
ADDRESS = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"


class Keys(unittest.TestCase):
    def test_signs_and_recovers(self):
        with c2d.Key.from_hex(SECRET) as key:
            self.assertEqual(key.address, ADDRESS)
            signature = key.sign_digest(bytes(32))
            self.assertEqual(c2d.recover_signer(bytes(32), signature), ADDRESS)
            self.assertEqual(repr(key), "<c2d.Key %s>" % ADDRESS)
            with self.assertRaises(c2d.InvalidArgument):
                key.sign_digest(b"short")

    def test_keystore(self):
        text = c2d.Key.from_hex(SECRET).to_keystore("pass", scrypt_log2n=4)
        self.assertEqual(c2d.Key.from_keystore(text, "pass").address, ADDRESS)
        with self.assertRaises(c2d.InvalidArgument):
            c2d.Key.from_keystore(text, "wrong")

    def test_outside(self):
        inner = c2d.Key.from_hex(SECRET)
        outer = c2d.Key.from_signer(ADDRESS, inner.sign_digest)
        self.assertEqual(outer.sign_digest(bytes(32)), inner.sign_digest(bytes(32)))
        c2d.Chain.create("ledger::memory:", outer).close()
        with self.assertRaises(c2d.Unsupported):
            outer.to_keystore("pass")

        def broken(_):
            raise KeyError("the device is unplugged")

        with self.assertRaisesRegex(KeyError, "unplugged"):
            c2d.Key.from_signer(ADDRESS, broken).sign_digest(bytes(32))
        with self.assertRaisesRegex(KeyError, "unplugged"):
            c2d.Chain.create("ledger::memory:", c2d.Key.from_signer(ADDRESS, broken))
        other = c2d.Key.generate()
        with self.assertRaises(c2d.InvalidArgument):
            c2d.Key.from_signer(ADDRESS, other.sign_digest).sign_digest(bytes(32))


if __name__ == "__main__":
    unittest.main()
