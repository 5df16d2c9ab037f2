package io.tributary.randomuser;

/** A short ASCII text under construction, reused from field to field so that a user costs no garbage. */
final class Ascii {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** Longer than any field: the longest are an e-mail of two pool names and a picture's address. */
    private byte[] bytes = new byte[512];

    private int length;

    Ascii clear() {
        length = 0;
        return this;
    }

    Ascii add(char c) {
        if (length == bytes.length) {
            bytes = java.util.Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) c;
        return this;
    }

    Ascii add(byte[] ascii) {
        for (byte b : ascii) {
            add((char) b);
        }
        return this;
    }

    Ascii add(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            add(ascii.charAt(i));
        }
        return this;
    }

    Ascii number(int value) {
        if (value < 0) {
            add('-');
        }
        int rest = Math.abs(value);
        int unit = 1;
        while (rest / unit >= 10) {
            unit *= 10;
        }
        for (; unit > 0; unit /= 10) {
            add((char) ('0' + rest / unit % 10));
        }
        return this;
    }

    Ascii twoDigits(int value) {
        return add((char) ('0' + value / 10 % 10)).add((char) ('0' + value % 10));
    }

    Ascii fourDigits(int value) {
        return twoDigits(value / 100).twoDigits(value % 100);
    }

    Ascii hex(byte[] value) {
        for (byte b : value) {
            add((char) HEX[b >> 4 & 15]).add((char) HEX[b & 15]);
        }
        return this;
    }

    Ascii hex(long value, int digits) {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            add((char) HEX[(int) (value >>> shift) & 15]);
        }
        return this;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }
}
