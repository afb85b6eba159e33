"""Runs `test` on real Buck2, then counts the cases behind it, as the embedded engine does.

Buck2 knows one result a target. Each test rule's sub-target `[report]` holds the cases.
"""

from __future__ import annotations

import json
import subprocess
import sys

# The kinds of our test rules.
KINDS = "_test$|^pytest$"
WITH_VALUE = {"-c", "--config", "-j", "--num-threads", "--include", "--exclude", "--config-file", "--target-platforms"}


def patterns_of(arguments: list[str]) -> list[str]:
    """The target patterns among the arguments of `test`."""
    found, skip = [], False
    for argument in arguments:
        if argument == "--":
            break
        if not skip and not argument.startswith("-"):
            found.append(argument)
        skip = argument in WITH_VALUE
    return found


def options_of(arguments: list[str]) -> list[str]:
    """The configuration among them, which the other commands need as well."""
    pairs = zip(arguments, arguments[1:] + [""], strict=True)
    return [word for argument, value in pairs for word in configuration(argument, value)]


def configuration(argument: str, value: str) -> list[str]:
    if argument in ("-c", "--config"):
        return ["-c", value]
    return [argument] if argument.startswith(("-c=", "--config=")) else []


def lines_of(command: list[str]) -> list[str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.splitlines()


def count(buck2: str, options: list[str], patterns: list[str]) -> dict[str, int]:
    """How many cases passed, failed and were skipped in the reports of the patterns' tests."""
    cases = {"passed": 0, "failed": 0, "skipped": 0}
    targets = " ".join(f"'{pattern}'" for pattern in patterns)
    tests = lines_of([buck2, "uquery", *options, f'kind("{KINDS}", set({targets}))'])
    if not tests:
        return cases
    reports = [f"{test}[report]" for test in tests]
    shown = lines_of([buck2, "build", *options, "--keep-going", "--show-full-simple-output", *reports])
    for path in shown:
        with open(path, encoding="utf-8") as file:
            for case in json.load(file)["cases"]:
                cases[case["status"]] += 1
    return cases


def main() -> int:
    buck2, *arguments = sys.argv[1:]
    status = subprocess.run([buck2, "test", *arguments], check=False).returncode
    patterns = patterns_of(arguments)
    if patterns:
        cases = count(buck2, options_of(arguments), patterns)
        print(f"Cases: {cases['passed']} passed, {cases['failed']} failed, {cases['skipped']} skipped", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
