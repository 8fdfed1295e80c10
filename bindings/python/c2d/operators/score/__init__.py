"""Scores by a model that an earlier job kept: operator.py."""
