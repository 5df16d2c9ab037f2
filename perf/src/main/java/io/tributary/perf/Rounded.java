package io.tributary.perf;

/** Figures without the digits that mean nothing. */
final class Rounded {
    private Rounded() {}

    static double to(int digits, double value) {
        double one = Math.pow(10, digits);
        return Math.round(value * one) / one;
    }
}
