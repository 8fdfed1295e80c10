"""A scorecard over the raw tables of two banks: operator.py."""
