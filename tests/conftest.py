"""What all tests share."""

from hypothesis import settings

# an example may take its time: the machine has other things to do, and what is slow is measured in benchmarks/
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
