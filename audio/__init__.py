"""The voice: emotions heard in it and how the answer is delivered."""
