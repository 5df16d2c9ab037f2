package io.tributary.stream;

/**
 * The timestamps of our writes, so that the fuller count wins whoever writes last: {@code generation * 10^16 + captured_at
 * (microseconds) + users in that row}. The base is the same for every recount of a page; 10^16 microseconds are the year
 * 2286, and a long holds 900 generations.
 */
final class WriteTime {
    static final int MOST_GENERATIONS = 900;
    private static final long GENERATION = 10_000_000_000_000_000L;

    private WriteTime() {}

    static long of(int generation, long capturedAtMicros, int usersInRow) {
        return generation * GENERATION + capturedAtMicros + usersInRow;
    }
}
