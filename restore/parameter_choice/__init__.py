"""How strong? Rules that choose the regularization of constrained least squares from the data.

With q = lambda |P|^2 / (|H|^2 + lambda |P|^2), the share of each frequency that the filter gives up, the residual
r = g - h * f has the energy phi = sum q^2 |G|^2 / N and the filter T = sum q degrees of freedom left, so that a rule
needs only |G|^2, |H|^2 and |P|^2, and at most the fitted spectra of signal and noise, S and N (`restore.spectrum`):
one FFT of the data, none in the search.

=========================  ================================  ===============================================
rule                       lambda is                         remark
=========================  ================================  ===============================================
``upre``                   argmin phi + 2 sigma^2 (N - T)    unbiased predictive risk; the default
``gcv``                    argmin phi / T^2                  needs no sigma; fails when H is nearly flat
``expected_error``         argmin q^2 S + (1-q)^2 N/|H|^2    sums over w; the default for coloured noise
``discrepancy``            root of phi = N sigma^2           the textbook's and MATLAB's; over-smooths
``corrected_discrepancy``  root of phi = T sigma^2           counts the degrees of freedom that are left
``textbook``               as ``discrepancy``                by increments, for teaching: count its steps
``whiteness``              argmin sum R^2 / (sum R)^2        R = q^2 |G|^2: the residual's spectrum flattest; no sigma
``l_curve``                corner of log phi, log rough      rough = |p * f|^2; for comparison: often far too smooth
=========================  ================================  ===============================================

Which method takes its strength from where, unless it is given:

========================================  =============================================================================
method                                    its strength comes from
========================================  =============================================================================
``wiener``                                the fit of signal and noise (`fitted_filter`), bent per frequency
                                          (`local_spectrum`); "upre" or "gcv" with the gradient prior where the noise is
                                          too weak, or hidden by detail, for the fit to gain
``cls``, ``tikhonov_miller``              the larger of "upre" and "gcv", "expected_error" where the noise is coloured;
                                          "discrepancy" for a given noise; any rule
``hyper_laplacian``, ``total_variation``  the evidence of the noise and the Wiener estimate (`evidence`)
``nonlocal``, ``nonlocal_fast``           the fitted noise itself
``aggregate``, ``aggregate_patches``      each estimate's as above
``richardson_lucy``                       samples that a second run does not see (`held_out`)
``landweber``, ``van_cittert``            nothing: a usual number of iterations
``inverse``                               it has none
========================================  =============================================================================

References: B. R. Hunt, The application of constrained least squares estimation to image restoration by digital
computer, IEEE Trans. Comput. 22, 1973; G. Wahba, Spline Models for Observational Data, 1990 (GCV); C. R. Vogel,
Computational Methods for Inverse Problems, 2002, chapter 7 (UPRE); R. C. Gonzalez and R. E. Woods, Digital Image
Processing, 4th ed., 2018, 5.9.
"""
