package io.tributary.ingest.api;

import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Which of the servers that ingest depends on answer. */
public interface Health {
    /** Cold. Each dependency by name, true when it answered just now. */
    Mono<Map<String, Boolean>> dependencies();

    /** Names of those without which ingest does nothing useful; the others are optional. */
    Set<String> required();
}
