"""The scoreboard: real libraries judged by the corpus, stored as data, with a snippet beside every failure."""

from softmax_ref.scoreboard.libraries import Library, libraries, library
from softmax_ref.scoreboard.stored import SCORES, scores, stored_case

__all__ = ["SCORES", "Library", "libraries", "library", "scores", "stored_case"]
