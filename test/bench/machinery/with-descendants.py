# Runs a program, its output going nowhere, and waits for it and for every process that it has started, also those that it does not
# wait for itself: Linux hands these to this one. Prints what all of them took of the processor, milliseconds, and the sum of their
# largest resident sets, kilobytes.

import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36

if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
    sys.exit("with-descendants.py: this system does not hand on processes")

program = os.fork()
if program == 0:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.execv(sys.argv[1], sys.argv[1:])

milliseconds = 0.0
kilobytes = 0
outcome = 0
while True:
    try:
        pid, status, usage = os.wait4(-1, 0)
    except ChildProcessError:
        break
    milliseconds += 1000 * (usage.ru_utime + usage.ru_stime)
    kilobytes += usage.ru_maxrss
    if pid == program:
        outcome = os.waitstatus_to_exitcode(status)

print(milliseconds, kilobytes)
sys.exit(outcome if outcome >= 0 else 1)
