"""A token of SoftHSM in a folder, with a key that is known: C2D_SOFTHSM names its module."""

import os
import subprocess
import tempfile

MODULE = os.environ.get("C2D_SOFTHSM", "")
#: Long enough to be nobody else's bytes in a memory.
PIN, OFFICER_PIN = "pin-135790-pin", "246801"
TOKEN = "bank"
#: PKCS#8 of a secp256k1 key without its public half (RFC 5208, RFC 5915): what comes before the secret.
PKCS8_FRONT = bytes.fromhex("303e020100301006072a8648ce3d020106052b8104000a0427302502010104 20".replace(" ", ""))


class SoftHsm:
    def __init__(self, folder):
        tokens = os.path.join(folder, "tokens")
        os.mkdir(tokens)
        #: What programs need in their environment to see the token.
        self.environment = {"SOFTHSM2_CONF": os.path.join(folder, "softhsm2.conf")}
        with open(self.environment["SOFTHSM2_CONF"], "w", encoding="utf-8") as file:
            file.write("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n" % tokens)
        self._tool("--init-token", "--free", "--label", TOKEN, "--so-pin", OFFICER_PIN, "--pin", PIN)

    def _tool(self, *arguments):
        subprocess.run(
            ["softhsm2-util", "--module", MODULE, *arguments],
            env={**os.environ, **self.environment},
            check=True,
            capture_output=True,
            timeout=60,
        )

    def put(self, label, key_id, secret):
        """Puts a key into the token: 64 hexadecimal digits."""
        with tempfile.NamedTemporaryFile(suffix=".der") as der, tempfile.NamedTemporaryFile(suffix=".pem") as pem:
            der.write(PKCS8_FRONT + bytes.fromhex(secret))
            der.flush()
            subprocess.run(
                ["openssl", "pkey", "-inform", "DER", "-in", der.name, "-out", pem.name],
                check=True,
                capture_output=True,
                timeout=60,
            )
            self._tool("--import", pem.name, "--token", TOKEN, "--label", label, "--id", key_id, "--pin", PIN)

    def put_aes(self, label, key_id):
        """Puts an AES key of 256 bits into the token, which may wrap and does not come out."""
        with tempfile.NamedTemporaryFile() as file:
            # The tool reads it as a line of text, which ends at a zero byte or a line feed.
            file.write(bytes(0x80 | byte for byte in os.urandom(32)))
            file.flush()
            self._tool("--import", file.name, "--aes", "--token", TOKEN, "--label", label, "--id", key_id, "--pin", PIN)


def uri(label, query=""):
    return "pkcs11:token=%s;object=%s?module-path=%s%s" % (TOKEN, label, MODULE, query)
