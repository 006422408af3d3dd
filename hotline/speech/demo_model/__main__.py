"""``python -m hotline.speech.demo_model OUT``: build the demo model into the folder OUT."""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hotline.speech.demo_model.build import Built, build, size
from hotline.speech.demo_model.openfst import OpenFst, OpenFstFault
from hotline.speech.demo_model.readme import readme
from hotline.speech.demo_model.recipe import Recipe

_QUICK = Recipe(spoken_sentences=1200, babble=400, width=64, epochs=3)


def main() -> int:
    """Entry point; returns the exit code."""
    arguments = _parse()
    recipe = replace(_QUICK if arguments.quick else Recipe(), seed=arguments.seed)
    try:
        built = _build(arguments.out, recipe, OpenFst(arguments.openfst))
    except OpenFstFault as fault:
        print(f"demo model: {fault}", file=sys.stderr)
        return 1
    print(f"{arguments.out}: {size(arguments.out) / 1e6:.2f} MB in {built.seconds:.0f} s")
    return 0


def _build(out: Path, recipe: Recipe, tools: OpenFst) -> Built:
    """Build beside ``out`` and take its place only when all is well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=".demo-model-") as folder:
        fresh = Path(folder) / "model"
        built = build(fresh, recipe, tools, lambda line: print(line, flush=True))
        for result in built.results:
            print(f"{result.name}: CER {result.cer:.2%}, {result.exact}/{result.count} exact")
            for said, heard in result.wrong[:5]:
                print(f"    said  {said}\n    heard {heard}")
        fresh.joinpath("README.md").write_text(readme(built), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    return built


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m hotline.speech.demo_model", description=__doc__
    )
    parser.add_argument("out", type=Path, help="the model's folder; replaced when all is well")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument(
        "--quick", action="store_true", help="smaller and worse, in a third of the time"
    )
    parser.add_argument(
        "--openfst", type=Path, help="OpenFst as asterisk/obtain.py unpacked it, if it did"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
