"""How many customers two banks have in common: operator.py."""
