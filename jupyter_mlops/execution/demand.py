"""How many kernels to keep ready: a few always, and as many as a sweep of short runs will want, before it wants them."""

from __future__ import annotations


class Demand:
    """What is known of the kernels that will be asked for.

    Parameters
    ----------
    size
        How many to keep ready when nothing is known.
    most
        How many to keep ready at most: each takes some memory while it waits.
    """

    def __init__(self, size: int, most: int) -> None:
        self.size, self.most = size, max(size, most)
        self.coming = 0  # announced and not yet asked for
        self._announced = 0  # sweeps that go on
        self._largest = 0

    @property
    def wanted(self) -> int:
        """How many to keep ready: who sweeps once often sweeps again, so that what was announced once stays."""
        return max(self.size, min(self._largest, self.most))

    def is_covered(self, ready: int) -> bool:
        """Whether those that are ready do for what was announced: then more would only take processors from what runs."""
        return bool(self._announced) and self.coming <= ready

    def announce(self, count: int) -> None:
        """Take note that so many will be asked for, one after another or at once; 0 says nothing."""
        self._announced += count > 0
        self.coming += count
        self._largest = max(self._largest, self.coming)

    def withdraw(self, count: int) -> None:
        """Take note that an announcement is over, however many were asked for."""
        self._announced -= count > 0
        if not self._announced:
            self.coming = 0

    def take(self) -> None:
        """Take note that one was asked for."""
        self.coming = max(0, self.coming - 1)
