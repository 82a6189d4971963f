"""The voice in the terminal: predict, transcribe, train, evaluate, bench."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from core.analysis import Analysis
from core.errors import InputError
from core.terminal import EXIT_FINE, EXIT_INPUT, measured, progress_bar, run

COMPARED = {"given": "the baseline given", "answer": "the recording's own average"}


def described(analysis: Analysis) -> str:
    """Return an Analysis as readable text."""
    lines = [f"{analysis.source.name}: {analysis.source.seconds:.1f} s", "", "What can be heard:"]
    for name, fact in analysis.facts.items():
        lines.append(f"  {name.replace('_', ' '):<16} {measured(fact)}")
    lines += ["", f"Emotions as the model hears them, compared with {COMPARED[analysis.baseline or 'answer']}, share of the speech:"]
    lines += [f"  {name:<9} {share:6.1%}  {'█' * round(30 * share)}" for name, share in sorted(analysis.shares.items(), key=lambda item: -item[1])]
    return "\n".join(lines + (["", *analysis.warnings] if analysis.warnings else []))


def predict(options: argparse.Namespace) -> int:
    """Run ``python -m audio predict``."""
    from audio import table
    from audio.predict import analyze

    if options.list is not None:
        rows = table.read_list(options.list)
        return EXIT_INPUT if table.write(rows, options.csv, progress_bar()) else EXIT_FINE
    if options.csv is not None:
        rows = [table.Row(str(path), path, tuple(options.baseline)) for path in options.files]
        return EXIT_INPUT if table.write(rows, options.csv, progress_bar()) else EXIT_FINE
    analyses = [analyze(path, progress_bar(), baseline=options.baseline) for path in options.files]
    if options.json:
        print(analyses[0].to_json() if len(analyses) == 1 else json.dumps([analysis.to_dict() for analysis in analyses], ensure_ascii=False, allow_nan=False))
    else:
        print("\n\n".join(map(described, analyses)))
    return EXIT_FINE


def transcribe(options: argparse.Namespace) -> int:
    """Run ``python -m audio transcribe``."""
    from dataclasses import asdict

    from audio import transcript

    if not transcript.available():
        raise InputError(transcript.MISSING)
    found = transcript.transcribe(options.file, progress_bar())
    if found is None:
        raise InputError(transcript.NO_WORDS)
    print(json.dumps(asdict(found), ensure_ascii=False) if options.json else " ".join(word.word for word in found.words))
    return EXIT_FINE


def transcriber(options: argparse.Namespace) -> int:
    """Run ``python -m audio transcriber``, which ``make transcriber`` does."""
    from audio import transcript

    try:
        print(f"The transcriber lies in {transcript.install()}.")
    except transcript.TranscriberError as error:
        print(error, file=sys.stderr)
        return EXIT_INPUT
    return EXIT_FINE


def train(options: argparse.Namespace) -> None:
    """Run ``python -m audio train``."""
    from audio import evaluate as measuring
    from audio import train as training
    from audio.runs import Recipe
    from audio.voice import MODELS

    if options.smoke:
        training.smoke(options.data)
        return
    if options.random_split:
        training.train_random_split(options.data, MODELS, Recipe())
        return
    training.train(options.data, MODELS, Recipe() if options.epochs is None else replace(Recipe(), epochs=options.epochs))
    measuring.evaluate(options.data)


def evaluate(options: argparse.Namespace) -> None:
    """Run ``python -m audio evaluate``."""
    from audio import evaluate as measuring

    measuring.evaluate(options.data)


def teach(options: argparse.Namespace) -> None:
    """Run ``python -m audio teach``."""
    from audio import teach as teaching

    teaching.teach(options.data, options.whisper)


def bench(options: argparse.Namespace) -> None:
    """Run ``python -m audio bench``."""
    from audio import bench as measuring

    print(measuring.bench(options.file, options.other_way))


def parser() -> argparse.ArgumentParser:
    """Return the parser; TensorFlow is only imported for ``train``."""
    from audio.data import DATA

    result = argparse.ArgumentParser(prog="python -m audio", description=__doc__)
    commands = result.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("predict", help="emotions over time and delivery of a recording, or probabilities of many short clips")
    one.add_argument("files", type=Path, nargs="*", metavar="FILE")
    one.add_argument(
        "--list", type=Path, metavar="LIST.csv", help="columns file,baseline (several baselines split by “;”, may be empty; paths relative to the list)"
    )
    one.add_argument(
        "--baseline", type=Path, action="append", default=[], metavar="FILE", help="neutral recording of the same speaker; may be given several times"
    )
    one.add_argument("--json", action="store_true", help="the Analysis and nothing else on stdout (a list of them for several files)")
    one.add_argument(
        "--csv", type=Path, metavar="OUT", help="write one row for each file: label, confidence, seconds of speech, eight probabilities of the whole clip"
    )
    one.set_defaults(function=predict, check=one)
    words = commands.add_parser("transcribe", help="what is said, with a time for every word (needs make transcriber)")
    words.add_argument("file", type=Path, metavar="FILE")
    words.add_argument("--json", action="store_true", help="the words with their times")
    words.set_defaults(function=transcribe)
    commands.add_parser("transcriber", help="put the transcriber's weights together (make transcriber does it)").set_defaults(function=transcriber)
    training = commands.add_parser("train", help="train five networks on six corpora, going on where it stopped, and measure")
    training.add_argument("--epochs", type=int, help="instead of the recipe's number")
    training.add_argument("--random-split", action="store_true", help="instead, a network for comparison: measured on random clips of actors that it has heard")
    training.add_argument("--smoke", action="store_true", help="the whole way on a handful of clips, into a temporary folder, in under a minute")
    training.set_defaults(function=train)
    evaluation = commands.add_parser("evaluate", help="measure each network on the actors and corpora that it has never heard, write metrics.json")
    evaluation.set_defaults(function=evaluate)
    lessons = commands.add_parser("teach", help="before training: let a Whisper encoder hear the corpora (needs ctranslate2)")
    lessons.add_argument("whisper", type=Path, metavar="FOLDER", help="Whisper base in CTranslate2's form")
    lessons.set_defaults(function=teach)
    for command in (training, evaluation, lessons):
        command.add_argument("--data", type=Path, default=DATA, help="folder with voice/*.zip and *.csv (default: %(default)s)")
    speed = commands.add_parser("bench", help="time of each stage and memory")
    speed.add_argument("file", type=Path)
    speed.add_argument("--other-way", action="store_true", help="beside it, librosa and Keras' model.predict, as the original has it")
    speed.set_defaults(function=bench)
    return result


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    commands = parser()
    options = commands.parse_args(given)
    if options.function is predict and (bool(options.files) == (options.list is not None) or (options.list is not None and options.csv is None)):
        options.check.error("give either files, or --list with --csv")
    return run(commands, given)


if __name__ == "__main__":
    sys.exit(main())
