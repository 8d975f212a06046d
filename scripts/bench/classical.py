"""Fits scikit-learn's classifiers to the rows that Kodo fits its own to: one JSON object, milliseconds of a core and test NLL each.

    classical.py FOLDER     train.f32, test.f32 [n x d], train.i32, test.i32 [n]; shape.json with d, classes, ridge, rounds
"""

import json
import pathlib
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture

warnings.simplefilter("ignore")
folder = pathlib.Path(sys.argv[1])
shape = json.loads((folder / "shape.json").read_text())
d, k, ridge, steps = shape["d"], shape["classes"], shape["ridge"], shape["emSteps"]
x, test = (np.fromfile(folder / name, np.float32).reshape(-1, d).astype(float) for name in ("train.f32", "test.f32"))
y, labels = (np.fromfile(folder / name, np.int32) for name in ("train.i32", "test.i32"))
standard = (x - x.mean(0)) / x.std(0)
standard_test = (test - x.mean(0)) / x.std(0)


def least(work):
    """Milliseconds of a core, the least of some runs, and what the last returned."""
    found = []
    for _ in range(shape["runs"]):
        began = time.process_time()
        result = work()
        found.append(1000 * (time.process_time() - began))
    return min(found), result


def measured(make, rows, judged):
    fit, model = least(lambda: make().fit(rows, y))
    predict, p = least(lambda: model.predict_proba(judged))
    return {"fit": fit, "predict": predict, "nll": float(-np.log(p[np.arange(len(labels)), labels]).mean())}


def mixture():
    means = np.stack([x[y == c].mean(0) for c in range(k)])
    precisions = np.stack([np.diag(1 / x[y == c].var(0)) for c in range(k)])
    model = GaussianMixture(
        k, max_iter=steps, tol=0, reg_covar=1e-6, means_init=means, precisions_init=precisions,
        weights_init=np.bincount(y, minlength=k) / len(y), init_params="random_from_data", random_state=0,
    )
    fit, fitted = least(lambda: model.fit(x))
    predict, density = least(lambda: fitted.score_samples(test))
    return {"fit": fit, "predict": predict, "nll": float(-density.mean())}


logistic = LogisticRegression(C=1 / (ridge * len(x)), tol=1e-7, max_iter=5000)
print(
    json.dumps(
        {
            "version": sklearn.__version__,
            "lda": measured(lambda: LinearDiscriminantAnalysis(solver="lsqr"), x, test),
            "qda": measured(QuadraticDiscriminantAnalysis, x, test),
            "logistic": measured(lambda: logistic, standard, standard_test),
            "mixture": mixture(),
        }
    )
)
