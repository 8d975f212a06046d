"""Filters and smooths the series that Kodo does, with NumPy: one JSON object, milliseconds of a core and the log-likelihood.

    states.py FOLDER     y.f64, observed.u8 [n]; model.json with F, Q, H, R, start [5], variance [5], runs
"""

import json
import pathlib
import sys
import time

import numpy as np

folder = pathlib.Path(sys.argv[1])
model = json.loads((folder / "model.json").read_text())
F, Q = (np.array(model[name], float).reshape(5, 5) for name in "FQ")
H, R = np.array(model["H"], float), model["R"]
y, observed = np.fromfile(folder / "y.f64", float), np.fromfile(folder / "observed.u8", np.uint8)
n = len(y)


def work():
    x, P, total = np.array(model["start"], float), np.diag(model["variance"]).astype(float), 0.0
    xs, Ps, xb, Pb = np.empty((n, 5)), np.empty((n, 5, 5)), np.empty((n, 5)), np.empty((n, 5, 5))
    for t in range(n):
        if t > 0:
            x, P = F @ x, F @ P @ F.T + Q
        xb[t], Pb[t] = x, P
        if observed[t]:
            ph = P @ H
            S, v = H @ ph + R, y[t] - H @ x
            total -= 0.5 * (np.log(2 * np.pi * S) + v * v / S)
            x, P = x + ph * (v / S), P - np.outer(ph, ph / S)
        xs[t], Ps[t] = x, P
    ridge = 1e-9 * np.eye(5)
    for t in range(n - 2, -1, -1):
        J = np.linalg.solve(Pb[t + 1] + ridge, F @ Ps[t]).T
        xs[t] += J @ (xs[t + 1] - xb[t + 1])
        Ps[t] += J @ (Ps[t + 1] - Pb[t + 1]) @ J.T
    return total


found = []
for _ in range(model["runs"]):
    began = time.process_time()
    logp = work()
    found.append(1000 * (time.process_time() - began))
print(json.dumps({"version": np.__version__, "ms": min(found), "logp": logp}))
