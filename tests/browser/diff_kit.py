"""Patches to draw: an ordinary one, one whose every word attacks the page, and large ones."""

from __future__ import annotations

PAYLOADS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=2>",
    "<svg/onload=window.hacked=3>",
    "</td></tr></table><iframe srcdoc='<script>parent.hacked=4</script>'>",
    '"><body onload=window.hacked=5>',
    "{{{constructor.constructor('window.hacked=6')()}}}",
)


def edited(path: str, lines: int = 4, *, before: str = "old", after: str = "new") -> bytes:
    """A file in which each second line is changed, in one hunk."""
    body = "".join(
        f" context {number}\n-{before} {number} = utcnow()\n+{after} {number} = now(UTC)\n"
        for number in range(lines)
    )
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -1,{2 * lines} +1,{2 * lines} @@ def work():\n{body}"
    ).encode()


def ordinary() -> bytes:
    """Twelve files: most in two folders, one of whitespace alone, one with bytes of no encoding."""
    files = [edited(f"src/module_{number}.py") for number in range(6)]
    files += [edited(f"tests/test_{number}.py") for number in range(4)]
    files.append(
        b"diff --git a/README.md b/README.md\n--- a/README.md\n+++ b/README.md\n"
        b"@@ -1,2 +1,2 @@\n-Some  text\n+Some text\n two\n"
    )
    files.append(
        b"diff --git a/latin.txt b/latin.txt\n--- a/latin.txt\n+++ b/latin.txt\n"
        b"@@ -1 +1 @@\n-caf\xe9\n+caf\xc3\xa9\r\n"
    )
    return b"".join(files)


def hostile() -> bytes:
    """Each payload in each place of a patch that holds words of others."""
    return b"".join(map(_attack, PAYLOADS))


def _attack(payload: str) -> bytes:
    quoted = payload.replace('"', '\\"')
    return f"""\
diff --git "a/{quoted}.py" "b/{quoted}.py"
old mode {payload}
new mode {payload}
index {payload}..{payload} {payload}
--- "a/{quoted}.py"
+++ "b/{quoted}.py"
@@ -1,3 +1,3 @@ {payload}
 {payload}
-removed {payload} once
+added {payload} twice
 x = "{payload}"
\\ {payload}
diff --git a/from b/to
similarity index 90%
rename from from {payload}
rename to to {payload}
diff --git "a/{quoted}.bin" "b/{quoted}.bin"
Binary files {payload} and {payload} differ
""".encode()


def long_file() -> bytes:
    """One file of 6,000 lines, which is drawn part by part when somebody asks for it."""
    return edited("long.py", 2_000)


def very_large() -> bytes:
    """More than is sent at once: 7 MB in 400 files."""
    return b"".join(edited(f"pkg_{number % 9}/f{number}.py", 260) for number in range(400))
