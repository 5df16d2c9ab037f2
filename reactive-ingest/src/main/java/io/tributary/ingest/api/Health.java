package io.tributary.ingest.api;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Which of the servers that ingest depends on answer. */
public interface Health {
    /** Cold. Each dependency by name: empty when it answered just now, else why it did not, without any secret. */
    Mono<Map<String, Optional<String>>> dependencies();

    /** Names of those without which ingest does nothing useful; the others are optional. */
    Set<String> required();
}
