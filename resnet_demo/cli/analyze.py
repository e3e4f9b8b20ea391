"""`analyze`: everything measured on one picture, as numbers, arrays and figures."""
import argparse
def add(commands: argparse._SubParsersAction) -> None:
    """x."""
