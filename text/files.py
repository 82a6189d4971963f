"""The names of what lies in the model folder."""

from core.manifest import MODELS

FOLDER = MODELS / "text"
NETWORK = "traits"  # traits.keras and traits.onnx
INPUT = "lemmas"  # of the network
LINEAR = "linear.npz"
TAGGER = "tagger.npz"
VOCABULARY = "vocabulary.json"
CALIBRATION = "calibration.json"
EMOTION_NETWORK = "emotions"  # emotions.keras and emotions.onnx
EMOTION_LINEAR = "emotions_linear.npz"
EMOTION_VOCABULARY = "emotions_vocabulary.json"
EMOTION_CALIBRATION = "emotions.json"
EMOTION_FILES = (f"{EMOTION_NETWORK}.keras", f"{EMOTION_NETWORK}.onnx", EMOTION_LINEAR, EMOTION_VOCABULARY, EMOTION_CALIBRATION)
SERVED = (f"{NETWORK}.keras", f"{NETWORK}.onnx", LINEAR, VOCABULARY, CALIBRATION, TAGGER, *EMOTION_FILES)

FOLDS = "folds.csv"
OUT_OF_FOLD = "out_of_fold.npz"
ORIGINAL = "original.npz"  # what the original's network says in our folds
METRICS = "metrics.json"
EXPERIMENTS = "experiments.csv"
