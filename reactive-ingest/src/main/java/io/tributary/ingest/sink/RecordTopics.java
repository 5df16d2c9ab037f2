package io.tributary.ingest.sink;

import io.tributary.ingest.model.CapturedPage;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** Where captured pages are published again. Both are cold and error only with {@code PublishFailed}. */
public interface RecordTopics {
    /** Completes once there is such a topic: made, where there was none, with as many partitions as the runs' own. */
    Mono<Void> ensure(String topic);

    /**
     * The page's records as they were published before, key, bytes and time, with the replay's id as the header {@code
     * tributary-replay}. Completes once every one is durable.
     */
    Mono<Void> publish(CapturedPage page, String topic, UUID replay);
}
