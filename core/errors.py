"""The one error that a person can mend."""


class InputError(ValueError):
    """Say in one sentence why an input cannot be analysed and what would help.

    Parameters
    ----------
    sentence
        English sentence, also the key of its translation; ``%(name)s`` marks a value.
    values
        The values that the sentence names.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence % values if values else sentence)
