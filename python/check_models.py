"""What generated Python models say of sample resources, a JSON object a line: `id`, `accepted`, `message`.

A sample that is taken must come back as it went in; else the message says that it does not.
"""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True, help="the package of the models")
    parser.add_argument("--samples", type=Path, required=True, help="the samples, as kube-samples writes them")
    parser.add_argument("--out", type=Path, required=True, help="the verdicts")
    args = parser.parse_args()
    get_model = importlib.import_module(args.package).get_model
    with args.samples.open() as samples, args.out.open("w") as out:
        for line in samples:
            sample = json.loads(line)
            model = get_model(sample["kind"], api_version=sample["apiVersion"])
            message, accepted = judge(model, sample["object"])
            verdict = {"id": sample["id"], "accepted": accepted} | ({"message": message} if message else {})
            out.write(json.dumps(verdict) + "\n")


def judge(model: type[BaseModel], resource: dict[str, Any]) -> tuple[str | None, bool]:
    try:
        instance = model.model_validate(resource)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()), False
    dumped = instance.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if not is_same(resource, dumped):
        return f"it comes back as {json.dumps(dumped)}", True
    return None, True


def is_same(given: Any, dumped: Any) -> bool:
    """Whether both are one value: 1 is not 1.0. A null may be left out or become a default, as the API server does."""
    if given is None:
        return True
    if isinstance(given, dict) and isinstance(dumped, dict):
        missing = given.keys() - dumped.keys()
        return (
            dumped.keys() <= given.keys()
            and all(given[key] is None for key in missing)
            and all(is_same(given[key], value) for key, value in dumped.items())
        )
    if isinstance(given, list) and isinstance(dumped, list):
        return len(given) == len(dumped) and all(map(is_same, given, dumped))
    return type(given) is type(dumped) and given == dumped


if __name__ == "__main__":
    main()
