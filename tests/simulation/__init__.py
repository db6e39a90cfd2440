"""The real functions on a stand-in for AWS in memory, interleaved at every call, while everything goes wrong by a seed.

``cloud`` is where calls go through, ``dynamodb``, ``s3`` and ``services`` are what they reach, and ``faults`` is what
happens to them on the way. ``container`` holds a copy of the functions, as Lambda does. ``acts`` is what people,
directories and mail systems do meanwhile, and ``schedule`` runs it all; ``watching`` says what must hold after each
step, ``reading`` what people may see, and ``reckoning`` what must have come of it in the end.
"""
