"""Keys and passwords: files that others can read are refused, nothing of a key stays in memory, argument
list or environment once it was read, and the programs keep their memory to themselves."""

import json
import os
import shutil
import socket
import stat
import subprocess
import unittest

from memory import DEBUGGER, places
from programs import ADMIN, BANK_A, Folder, free_port, options, run_cases, wait_until

OPTIONS = options()
PASSWORD = "correct horse battery staple"
CONFIG = """[keeper]
network_url = ledger:./ledger.db
ipfs_endpoint = dir:./documents
[provider]
query_port = %d
exec_dirpath = ./exec
"""
NOBODY = 65534


class Secrets(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(OPTIONS.bin)
        self.addCleanup(self.folder.__exit__)
        self.folder.write("config.ini", CONFIG % 0)
        self.password = self.folder.write_secret("password", PASSWORD + "\n")
        self.folder.answer(
            "key", "import", "--private_key", BANK_A[1], "--out", "key.json", "--password_file", "password"
        )

    def refused(self, *arguments, words):
        done = self.folder.cli("--json", *arguments)
        self.assertEqual(done.code, 1, str(done))
        error = done.json()["error"]
        self.assertEqual((error["status"], error["code"]), ("invalid_argument", "exposed_file"), str(done))
        self.assertIn(words, error["message"])

    # Modes -------------------------------------------------------------------------------------

    def test_files_that_others_can_read_are_refused(self):
        address = ("key", "address", "--keystore", "key.json", "--password_file", "password")
        for name in ("key.json", "password"):
            for mode in (0o644, 0o640, 0o604, 0o622):
                os.chmod(self.folder / name, mode)
                self.refused(*address, words="chmod 600 " + name)
            os.chmod(self.folder / name, 0o600)
        os.symlink("password", self.folder / "link")
        self.assertEqual(self.folder.cli(*address[:-1], "link").code, 0)
        os.chmod(self.folder / "password", 0o644)
        self.refused(*address[:-1], "link", words="chmod 600 link")

    def start_provider(self, more, name="provider.ini", env=None):
        if not os.path.exists(self.folder / "ledger.db"):
            self.folder.answer("chain", "init", "--private_key", ADMIN[1])
        port = free_port()
        self.folder.write(name, CONFIG % port + more)
        self.folder.environment.update(env or {})
        return self.folder.start_provider(name, port)

    def test_a_provider_warns_of_a_configuration_that_others_can_read(self):
        os.umask(0o022)
        key = "private_key = %s\n" % BANK_A[1]
        log = self.folder.read(self.start_provider(key)).decode()
        self.assertIn("warn the configuration holds private_key, and others can read", log)
        self.assertIn("chmod 600 provider.ini", log)
        self.assertNotIn(BANK_A[1], log)
        self.folder.stop_providers()
        self.folder.write_secret("private.ini", "")
        log = self.folder.read(self.start_provider(key, "private.ini")).decode()
        self.assertNotIn("chmod", log)

    def test_a_provider_refuses_a_keystore_that_others_can_read(self):
        os.chmod(self.folder / "key.json", 0o644)
        with self.assertRaisesRegex(AssertionError, "chmod 600"):
            self.start_provider("keystore = key.json\npassword_file = password\n")

    def test_the_folder_of_a_provider_is_private(self):
        os.umask(0o022)
        more = "keystore = key.json\npassword_file = password\n"
        for make in (lambda: None, lambda: os.chmod(self.folder / "exec", 0o755)):
            make()
            self.start_provider(more)
            self.assertEqual(stat.S_IMODE(os.stat(self.folder / "exec").st_mode), 0o700)
            self.assertEqual(stat.S_IMODE(os.stat(self.folder / "exec/trust").st_mode), 0o700)
            self.folder.stop_providers()
        os.chmod(self.folder / "exec", 0o1777)
        with self.assertRaisesRegex(AssertionError, "chmod 700"):
            self.start_provider(more)

    # Memory ------------------------------------------------------------------------------------

    def check_memory(self, pid, *texts):
        """No text is left, and the key stands in memory that no dump takes."""
        for text in texts:
            self.assertEqual(places(pid, text.encode()), [], "left in memory: " + text)
        held = places(pid, bytes.fromhex(BANK_A[1]))
        self.assertTrue(held, "the key in use is not found: the search is wrong")
        for flags in held:
            self.assertIn("dd", flags, "the key stands in memory that goes into dumps")

    def test_a_provider_keeps_no_password_and_no_text_of_the_key(self):
        for more, env in (
            ("keystore = key.json\npassword_file = password\n", {}),
            ("keystore = key.json\n", {"C2D_PASSWORD": PASSWORD}),
            ("private_key = %s\n" % BANK_A[1], {}),
            ("", {"C2D_PRIVATE_KEY": BANK_A[1]}),
        ):
            with self.subTest(more.split(" ")[0], env=list(env)):
                self.start_provider(more, env={**DEBUGGER, **env})
                pid = self.folder.providers[0].pid
                self.check_memory(pid, PASSWORD, BANK_A[1])
                with open("/proc/%d/environ" % pid, "rb") as file:
                    self.assertNotIn(env.get("C2D_PASSWORD", BANK_A[1]).encode(), file.read())
                self.folder.stop_providers()
                for name in env:
                    del self.folder.environment[name]

    def test_the_command_line_keeps_none_either(self):
        # A node that takes the connection and says nothing: the key was read by then.
        with socket.create_server(("127.0.0.1", 0)) as node:
            self.folder.write("node.ini", "[keeper]\nnetwork_url = http://127.0.0.1:%d\n" % node.getsockname()[1])
            for source, env in (
                (("--keystore", "key.json", "--password_file", "password"), {}),
                (("--keystore", "key.json"), {"C2D_PASSWORD": PASSWORD}),
                (("--private_key", BANK_A[1]), {}),
                (("--private-key=" + BANK_A[1],), {}),
                ((), {"C2D_PRIVATE_KEY": BANK_A[1]}),
            ):
                with self.subTest(source[:1], env=list(env)):
                    process = self.folder.start(
                        "dt-cli",
                        "--config",
                        "node.ini",
                        "job",
                        "init",
                        "--name",
                        "n",
                        "--desc",
                        "d",
                        *source,
                        env={**DEBUGGER, **env}
                    )
                    connection, _ = node.accept()
                    self.assertTrue(connection.recv(1))
                    try:
                        self.check_memory(process.pid, PASSWORD, BANK_A[1])
                        for name in ("cmdline", "environ"):
                            with open("/proc/%d/%s" % (process.pid, name), "rb") as file:
                                self.assertNotIn(BANK_A[1].encode(), file.read())
                    finally:
                        process.kill()
                        process.communicate()
                        connection.close()

    # Others ------------------------------------------------------------------------------------

    def as_nobody(self):
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def served(self, env):
        """A program that runs, as an ordinary user."""
        self.folder.answer("chain", "init", "--private_key", ADMIN[1])
        # What root has built may lie where others cannot reach it.
        program = shutil.copy(shutil.which("dt-cli", path=self.folder.environment["PATH"]), self.folder.path)
        if os.geteuid() == 0:
            for top, folders, files in os.walk(self.folder.path):
                for name in [top] + [os.path.join(top, n) for n in folders + files]:
                    os.chown(name, NOBODY, NOBODY)
        process = subprocess.Popen(
            [program, "--json", "chain", "serve", "--port", "0"],
            cwd=self.folder.path,
            env={**self.folder.environment, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=self.as_nobody,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertTrue(json.loads(process.stdout.readline())["url"])
        return process

    def test_nobody_else_reads_the_memory_of_a_program(self):
        process = self.served({})
        # What cannot be dumped belongs to root in /proc: another program of the same user is refused.
        self.assertEqual(os.stat("/proc/%d/mem" % process.pid).st_uid, 0)
        with open("/proc/%d/limits" % process.pid) as file:
            self.assertRegex(file.read(), r"Max core file size +0 +0")

    def test_a_debugger_is_let_in_when_asked_for(self):
        process = self.served(DEBUGGER)
        self.assertEqual(os.stat("/proc/%d/mem" % process.pid).st_uid, NOBODY if os.geteuid() == 0 else os.geteuid())
        process.kill()
        self.assertIn("C2D_ALLOW_DEBUGGER", process.stderr.read())


if __name__ == "__main__":
    run_cases(OPTIONS)
