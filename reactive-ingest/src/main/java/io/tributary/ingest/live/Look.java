package io.tributary.ingest.live;

import io.tributary.ingest.metrics.IngestReading;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.util.Map;
import java.util.Optional;

/**
 * What was found out at one moment, before anything is made of it.
 *
 * @param atMs of a clock that only goes forward
 * @param servers by name: why one does not answer, empty where it does; no entries before the first answers
 * @param counted users that Cassandra was seen to count since the watch began; empty while it can not be asked
 * @param uncounted users of the runs shown that went to Kafka and are not counted; empty likewise
 * @param hasOpenPages whether a run that is shown has pages that wait or are worked on
 */
record Look(
        long atMs,
        IngestReading ingest,
        Map<String, Optional<String>> servers,
        Optional<TopicProgress> topic,
        Optional<Long> counted,
        Optional<Long> uncounted,
        boolean hasOpenPages) {}
