"""Runs a command and prints what it cost as JSON: `python -m bench.cost COMMAND …`.

A process of its own, because Linux counts the memory of whoever starts a command as the command's
own peak: this one is small.
"""

import json
import resource
import subprocess
import sys
import time


def main() -> None:
    begun = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {
        "seconds": round(seconds, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mib": round(usage.ru_maxrss / 1024, 1),
    }
    print(json.dumps(cost))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
