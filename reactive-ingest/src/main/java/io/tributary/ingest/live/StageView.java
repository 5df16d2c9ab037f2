package io.tributary.ingest.live;

import org.jspecify.annotations.Nullable;

/**
 * One station of a page as it is now.
 *
 * @param usersPerSecond that came through in the last seconds; null when it can not be said
 * @param millis for the first four stages the mean time of a page, for Spark and Cassandra how far they are behind; null when
 *     nothing came through
 * @param waiting pages in the first four stages now, records not processed by Spark yet, users not counted in Cassandra yet;
 *     null when it can not be said
 * @param words why it is in this state; null where there is nothing to say
 */
public record StageView(
        Name name,
        State state,
        @Nullable Double usersPerSecond,
        @Nullable Long millis,
        @Nullable Long waiting,
        @Nullable String words) {

    /** In the order of the flow. */
    public enum Name {
        SOURCE,
        CAPTURE,
        POSTGRES,
        KAFKA,
        SPARK,
        CASSANDRA
    }

    /** What a stage does. */
    public enum State {
        /** Nothing to do. */
        IDLE,
        FLOWING,
        /** It works, and the others wait for it. */
        HOLDING,
        /** It does not answer, or takes nothing. */
        DOWN,
        /** It can not be asked. */
        UNKNOWN
    }
}
