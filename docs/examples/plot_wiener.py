"""
Deblur with the Wiener filter
=============================

A picture is blurred and gets noise; the filter finds the strength by itself.
"""

import matplotlib.pyplot as plt

import restore

plt.plot(restore.psf.gaussian(2.0)[8])
