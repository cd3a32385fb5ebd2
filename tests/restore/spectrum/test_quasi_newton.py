"""The search asks for value and gradient at once, and finds what SciPy finds by itself."""

import numpy as np
from scipy import optimize

from restore.spectrum.quasi_newton import minimum


def rosenbrock(x):
    return optimize.rosen(x), optimize.rosen_der(x)


def test_each_place_is_looked_at_once_and_the_end_is_scipys_own():
    places, bounds = [], [(-2.0, 0.8), (None, None), (-2.0, 2.0)]

    def objective(x):
        places.append(tuple(x))
        return rosenbrock(x)

    start = np.array([-1.0, 2.0, 0.5])
    reached = minimum(objective, start, bounds, {"maxiter": 40})
    alone = optimize.minimize(rosenbrock, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40})
    assert np.array_equal(reached.x, alone.x)
    assert (reached.fun, reached.nfev) == (alone.fun, alone.nfev)
    assert len(set(places)) == len(places) == reached.nfev
    assert reached.x[0] == 0.8
