package io.tributary.ingest.source;

/**
 * Decimal numbers by JSON's grammar, also where the source puts them into a text: {@code "-18.5642"}. Stricter than {@link
 * Double#parseDouble}, which takes {@code NaN}, {@code 0x1p3} and {@code 1d} as well.
 */
final class Decimal {
    private static final int MAX_LENGTH = 100;
    /** So many digits are exact in a double, and one division of two exact numbers is rounded correctly. */
    private static final int EXACT_DIGITS = 15;

    private static final double[] POWERS_OF_TEN = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private Decimal() {}

    /** The same double as {@link Double#parseDouble}, infinite where it is too large; {@code NaN}: not a number. */
    static double parse(char[] chars, int from, int length) {
        if (length > MAX_LENGTH) {
            return Double.NaN;
        }
        int end = from + length;
        boolean isNegative = from < end && chars[from] == '-';
        int whole = isNegative ? from + 1 : from;
        int point = afterDigits(chars, whole, end);
        int mantissaEnd = point;
        if (point < end && chars[point] == '.') {
            mantissaEnd = afterDigits(chars, point + 1, end);
            if (mantissaEnd == point + 1) {
                return Double.NaN;
            }
        }
        if (point == whole || !isExponentOrNothing(chars, mantissaEnd, end)) {
            return Double.NaN;
        }
        if (mantissaEnd == end && end - whole <= EXACT_DIGITS) {
            double size = exact(chars, whole, point, end);
            return isNegative ? -size : size;
        }
        return Double.parseDouble(new String(chars, from, length));
    }

    private static double exact(char[] chars, int whole, int point, int end) {
        long digits = 0;
        for (int i = whole; i < end; i++) {
            if (i != point) {
                digits = digits * 10 + (chars[i] - '0');
            }
        }
        return digits / POWERS_OF_TEN[Math.max(0, end - point - 1)];
    }

    private static boolean isExponentOrNothing(char[] chars, int from, int end) {
        if (from == end) {
            return true;
        }
        if (chars[from] != 'e' && chars[from] != 'E') {
            return false;
        }
        int digits = from + 1;
        if (digits < end && (chars[digits] == '-' || chars[digits] == '+')) {
            digits++;
        }
        return digits < end && afterDigits(chars, digits, end) == end;
    }

    private static int afterDigits(char[] chars, int from, int end) {
        int i = from;
        while (i < end && chars[i] >= '0' && chars[i] <= '9') {
            i++;
        }
        return i;
    }
}
