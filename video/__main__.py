"""The face in the terminal: predict, predict-faces, explain, train, evaluate, crops, bench."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.analysis import Analysis
from core.terminal import EXIT_FINE, EXIT_INPUT, measured, progress_bar, run
from video.data import DATA


def described(analysis: Analysis) -> str:
    """Return an Analysis as readable text."""
    source = analysis.source
    lines = [f"{source.name}: {source.seconds:.1f} s, {source.width}×{source.height}, {source.fps:.1f} frames a second"]
    lines += [f"A face could be read in {analysis.coverage or 0:.0%} of the frames.", "", "Expressions as the model perceives them, share of those frames:"]
    lines += [f"  {name:<9} {share:6.1%}  {'█' * round(30 * share)}" for name, share in sorted(analysis.shares.items(), key=lambda item: -item[1])]
    lines += ["", "What can be seen:"]
    for name, fact in analysis.facts.items():
        lines.append(f"  {name.replace('_', ' '):<18} {measured(fact)}")
    return "\n".join(lines + (["", *analysis.warnings] if analysis.warnings else []))


def predict(options: argparse.Namespace) -> None:
    """Run ``python -m video predict``."""
    from video.predict import analyze

    analysis = analyze(options.file, progress_bar(), pictures=options.pictures)
    print(analysis.to_json() if options.json else described(analysis))


def predict_faces(options: argparse.Namespace) -> int:
    """Run ``python -m video predict-faces``."""
    from core.engine import load
    from core.manifest import read_manifest
    from video.pictures import NOT_A_PICTURE, write_predictions
    from video.predict import FOLDER

    count, damaged = write_predictions(options.pictures, options.csv, load(FOLDER, "face"), float(read_manifest(FOLDER)["temperature_mirrored"]))
    print(f"{count} pictures, written to {options.csv}.")
    for name in damaged:
        print(NOT_A_PICTURE % {"name": name}, file=sys.stderr)
    return EXIT_INPUT if damaged else EXIT_FINE


def explain(options: argparse.Namespace) -> None:
    """Run ``python -m video explain``."""
    from video import explain as explanation

    found = explanation.explain(options.file, options.at, options.png)
    print(f"At {found.t:.2f} s: {found.label}. " + ", ".join(f"{name} {p:.0%}" for name, p in sorted(found.probabilities.items(), key=lambda item: -item[1])))
    print(f"{options.png}: the bright places of the face speak most for {found.places_for}.")


def bench(options: argparse.Namespace) -> None:
    """Run ``python -m video bench``."""
    from video import bench as measuring

    print(measuring.bench(options.file))


def crops(options: argparse.Namespace) -> None:
    """Run ``python -m video crops``."""
    from core.documents import markdown_table
    from core.engine import load
    from video import crops as framing
    from video.data import PUBLIC_TEST, read_fer
    from video.predict import FOLDER

    _, tables, best = framing.compare(load(FOLDER, "face"), read_fer(options.data).part(PUBLIC_TEST))
    print(markdown_table(tables["crops"]["columns"], tables["crops"]["rows"]))
    print(f"Best on the half that chooses: {best}. Served: {framing.SHIPPED}.")


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; TensorFlow is only imported for ``train`` and ``evaluate``."""
    result = argparse.ArgumentParser(prog="python -m video", description=__doc__)
    commands = result.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("predict", help="expressions over time, blinks and other facts of a video")
    one.add_argument("file", type=Path)
    one.add_argument("--json", action="store_true", help="the whole Analysis and nothing else on stdout")
    one.add_argument("--pictures", type=Path, metavar="FOLDER", help="write the key frames there as JPEG")
    one.set_defaults(function=predict)
    many = commands.add_parser("predict-faces", help="expressions of single face pictures")
    many.add_argument(
        "pictures", type=Path, help="a folder or zip of face pictures, or a zip like FER2013's; in pictures over 96 pixels a face is searched first"
    )
    many.add_argument("--csv", type=Path, required=True, metavar="OUT", help="id, label, confidence and the seven probabilities")
    many.set_defaults(function=predict_faces)
    why = commands.add_parser("explain", help="a map of what in the face spoke for the label")
    why.add_argument("file", type=Path)
    why.add_argument("--at", type=float, required=True, metavar="S", help="seconds from the beginning")
    why.add_argument("--png", type=Path, required=True, metavar="OUT")
    why.set_defaults(function=explain)
    training = commands.add_parser("train", help="train on FER2013, going on where it stopped")
    evaluation = commands.add_parser("evaluate", help="measure on PublicTest, export, write metrics and manifest")
    if command == "train":
        from video.train import add_options as add_training

        add_training(training)
    if command == "evaluate":
        from video.evaluate import add_options as add_evaluation

        add_evaluation(evaluation)
    framing = commands.add_parser("crops", help="which crop around a found face matches the training pictures, by accuracy of the network")
    framing.add_argument("--data", type=Path, default=DATA, help="FER2013 zip")
    framing.set_defaults(function=crops)
    speed = commands.add_parser("bench", help="time of each stage, frames a second, memory")
    speed.add_argument("file", type=Path)
    speed.set_defaults(function=bench)
    return result


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run(parser(given[0] if given else None), given)


if __name__ == "__main__":
    sys.exit(main())
