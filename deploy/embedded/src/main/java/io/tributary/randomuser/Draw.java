package io.tributary.randomuser;

/**
 * The generator of one page: a SplitMix64 started from 32 bits, as the source starts its own from 32 bits of an md5. Equal
 * bits give equal people, which is why two pages may collide. Not for several threads.
 */
final class Draw {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    private Draw(long state) {
        this.state = state;
    }

    /** Mixed first: near seeds would walk the same path, a few steps behind each other. */
    static Draw of(int seed) {
        return new Draw(Integer.toUnsignedLong(seed)).fork();
    }

    /** An own generator for a part, so that how much one part draws (or whether it is asked for at all) moves no other. */
    Draw fork() {
        return new Draw(bits());
    }

    long bits() {
        state += GOLDEN;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** 0 to {@code bound - 1}; the slight bias of the multiplication does not matter for invented people. */
    int below(int bound) {
        return (int) (((bits() >>> 32) * bound) >>> 32);
    }

    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    long between(long least, long most) {
        return least + Long.remainderUnsigned(bits(), most - least + 1);
    }

    <T> T one(T[] of) {
        return of[below(of.length)];
    }

    /**
     * Fills a pattern: {@code #} a digit, {@code N} a digit from 2 to 9, {@code @} a capital letter, {@code d}, {@code m} and
     * {@code y} the two digits of day, month and year of birth, {@code g} 1 for men and 2 for women; the rest as it is.
     */
    void pattern(String pattern, Moment birth, boolean male, Ascii to) {
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            switch (c) {
                case '#' -> to.add((char) ('0' + below(10)));
                case 'N' -> to.add((char) between('2', '9'));
                case '@' -> to.add((char) between('A', 'Z'));
                case 'd' -> to.twoDigits(birth.day());
                case 'm' -> to.twoDigits(birth.month());
                case 'y' -> to.twoDigits(birth.year() % 100);
                case 'g' -> to.add(male ? '1' : '2');
                default -> to.add(c);
            }
        }
    }
}
