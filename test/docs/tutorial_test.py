"""That the runner of tutorials sees what a page says, and what is wrong with it."""

import tempfile
import unittest

import tutorial

PAGE = """# A page

Some text with `code`.

```sh
exit 1   # for the eyes only
```

```python folder/first.py
print("one")
print("two: 0x12ab")
```

```console
$ cd folder
$ python3 first.py
one
two: 0x…
$ echo a \\
    b; false || echo refused
a b
refused
$ printf 'no line end'
no line end
```

```console
$ seq 5
1
…
5
$ sleep 100 &
$ basename "$PWD"
folder
```
"""


class Tutorial(unittest.TestCase):
    def run_page(self, page):
        with tempfile.TemporaryDirectory() as folder:
            return tutorial.run(page, folder)

    def test_page(self):
        self.assertEqual(self.run_page(PAGE), 8)

    def test_refused(self):
        for name, old, new in (
            ("other output", "\none\n", "\nuno\n"),
            ("more output", "two: 0x…\n", ""),
            ("less output", "\n…\n5", "\n…\n6"),
            ("status", "; false || echo refused", "; false"),
            ("file", "folder/first.py", "folder/second.py"),
            ("shell ends", "cd folder", "exit 0"),
        ):
            self.assertIn(old, PAGE)
            with self.subTest(name), self.assertRaisesRegex(AssertionError, r"line \d+: \$ "):
                self.run_page(PAGE.replace(old, new, 1))

    def test_line(self):
        commands = [step for step in tutorial.steps(PAGE) if isinstance(step, tutorial.Command)]
        self.assertEqual(PAGE.splitlines()[commands[0].line - 1], "$ cd folder")
        self.assertEqual(PAGE.splitlines()[commands[2].line - 1], "$ echo a \\")

    def test_output_without_command(self):
        with self.assertRaisesRegex(ValueError, "line 2"):
            tutorial.steps("```console\n1\n```\n")


if __name__ == "__main__":
    unittest.main()
