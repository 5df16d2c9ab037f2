package io.tributary.ingest.sink.kafka;

import org.jspecify.annotations.Nullable;

/**
 * How far the topic of users is, and how far its stream is with it.
 *
 * @param records ever written, those that have expired included
 * @param passed records that the stream has processed; null when it has told nothing, or may not be asked
 * @param waiting records that it has not; null likewise
 * @param setAside records in the topic of dead letters, ever; null when there is none
 */
public record TopicProgress(
        long records,
        @Nullable Long passed,
        @Nullable Long waiting,
        @Nullable Long setAside) {}
