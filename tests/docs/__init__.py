"""The pages of docs/ that are made from code, and the tests that what people wrote there is still true.

`python -m tests.docs docs` writes them; `make docs` calls it.
"""
