"""Costs of a command, or of reading a folder of WFDB records with wfdb, or an EDF with edfio: one JSON object with seconds
on the wall and of CPU and the most memory in MB.

    records.py PATH               reads every record of the folder, every signal of the file
    records.py PATH COMMAND ...   runs the command, which reads the path
"""

import json
import pathlib
import resource
import subprocess
import sys
import time


def read(folder):
    if folder.endswith(".edf"):
        import edfio

        signals = [signal.data for signal in edfio.read_edf(folder).signals]
        return sum(signal.size for signal in signals)
    import wfdb

    samples = 0
    for header in sorted(pathlib.Path(folder).glob("*.hea")):
        samples += wfdb.rdrecord(str(header.with_suffix(""))).p_signal.size
    return samples


folder, command = sys.argv[1], sys.argv[2:]
if command == ["--read"]:
    print(read(folder))
    sys.exit(0)
# The reader, too, is a process of its own: both pay for their start.
began = time.perf_counter()
done = subprocess.run(command or [sys.executable, __file__, folder, "--read"], stdout=subprocess.DEVNULL)
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1000}))
sys.exit(done.returncode)
