"""Imports in the worker: a file is read, each line is judged by the rules of the verbs and undone, and once that is
ordered written in the order of the file.

By line, not as a whole: a line is written with all that belongs to it or not at all, and its mark (`written_at`) is in the
same transaction. So whoever is killed when, what was ordered goes on behind the last line that was written, each line
once; calling off keeps what is written; and nobody who books waits for ten thousand lines, only for one short step.
"""
