"""Faces → expressions over time, blinks and other facts that can be seen."""
