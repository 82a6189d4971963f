"""The text modality in a terminal: predict, teach, train, evaluate, original, bench."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from core.terminal import progress_bar, run

DATA = Path("../shared/data")
BUILD = Path(".build/text")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m text", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="what the words of a text suggest")
    predict.add_argument("file", nargs="?", type=Path, help="a PDF, DOCX or TXT document")
    predict.add_argument("--json", action="store_true", help="print the Analysis as JSON and nothing else")
    predict.add_argument("--list", type=Path, metavar="LIST.csv", help="many texts: columns id,text")
    predict.add_argument("--csv", type=Path, metavar="OUT.csv", help="where the table of --list goes")
    predict.set_defaults(function=_predict, parser=predict)

    teach = commands.add_parser("teach", help="before training: let a pre-trained sentence encoder read the unlabelled texts (needs sentence-transformers)")
    teach.add_argument("encoder", type=Path, metavar="FOLDER", help="the encoder, as sentence-transformers keeps it")
    teach.add_argument("--data", type=Path, default=DATA)
    teach.add_argument("--build", type=Path, default=BUILD, help="folder of the training")
    teach.set_defaults(function=_teach)

    train = commands.add_parser("train", help="train the models again; goes on where it was interrupted")
    train.add_argument("--data", type=Path, default=DATA)
    train.add_argument("--build", type=Path, default=BUILD, help="folder for what training needs again when it goes on")
    train.add_argument(
        "--network-folds", type=int, nargs="+", default=list(range(10)), metavar="FOLD", help="folds in which the network takes part (default: all ten)"
    )
    train.add_argument("--network-on-all", action="store_true", help="serve a network that has learnt from all essays, not that of the first fold")
    train.add_argument("--smoke", action="store_true", help="the whole of it on a handful of rows, to a temporary folder")
    train.set_defaults(function=_train)

    evaluate = commands.add_parser("evaluate", help="measure again from the out-of-fold logits and write metrics.json")
    evaluate.add_argument("--data", type=Path, default=DATA)
    evaluate.set_defaults(function=_evaluate)

    original = commands.add_parser("original", help="train the original's network in our folds, to compare")
    original.add_argument("--data", type=Path, default=DATA)
    original.add_argument("--build", type=Path, default=BUILD, help="folder of the training, whose tagger and vectors are used")
    original.add_argument("--folds", type=int, nargs="+", default=list(range(10)), metavar="FOLD", help="folds to train and measure in (default: all ten)")
    original.set_defaults(function=_original)

    bench = commands.add_parser("bench", help="time and memory from text to result")
    bench.set_defaults(function=_bench)
    return run(parser, arguments)


def _predict(options: argparse.Namespace) -> int:
    if options.list:
        if options.file or options.json or not options.csv:
            options.parser.error("--list needs --csv and goes with neither FILE nor --json")
        from text.table import predict_list

        predict_list(options.list, options.csv, progress_bar())
        return 0
    if not options.file or options.csv:
        options.parser.error("give one FILE, or --list LIST.csv with --csv OUT.csv")
    from text.predict import analyze
    from text.report import report

    analysis = analyze(options.file, progress_bar())
    print(analysis.to_json(indent=1) if options.json else report(analysis))
    return 0


def _teach(options: argparse.Namespace) -> int:
    from text.teacher import teach
    from text.train import EMOTIONS

    print(f"{teach(options.data, options.encoder, options.build / EMOTIONS)} sentences read")
    return 0


def _train(options: argparse.Namespace) -> int:
    from text.evaluate import evaluate
    from text.files import FOLDER
    from text.material import SMOKE
    from text.train import train

    if options.smoke:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "model"
            train(options.data, folder, Path(name) / "build", SMOKE)
            evaluate(options.data, folder, rows=SMOKE.essays)
            print(f"the whole training ran on {SMOKE.essays} essays", file=sys.stderr)
        return 0
    train(options.data, FOLDER, options.build, network_folds=options.network_folds, on_all=options.network_on_all)
    return evaluate(options.data, FOLDER)


def _evaluate(options: argparse.Namespace) -> int:
    from text.evaluate import evaluate
    from text.files import FOLDER

    return evaluate(options.data, FOLDER)


def _original(options: argparse.Namespace) -> int:
    from text.original import compare

    options.build.mkdir(parents=True, exist_ok=True)
    compare(options.data, options.build, options.folds)
    return _evaluate(options)


def _bench(options: argparse.Namespace) -> int:
    from text.bench import bench

    print(bench())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
