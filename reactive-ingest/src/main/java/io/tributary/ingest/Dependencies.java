package io.tributary.ingest;

import io.tributary.ingest.api.Health;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.reconcile.CassandraSession;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The servers that the service needs, each asked itself, side by side, two seconds each at most. */
record Dependencies(
        BooleanSupplier migrated,
        Postgres postgres,
        KafkaCluster kafka,
        SchemaRegistry registry,
        CassandraSession cassandra)
        implements Health {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @Override
    public Mono<Map<String, Boolean>> dependencies() {
        return Flux.merge(
                        answers("postgres", migrated.getAsBoolean() ? postgres.ping() : Mono.error(NotYet::new)),
                        answers("kafka", kafka.ping()),
                        answers("registry", Mono.fromFuture(registry::ping)),
                        answers("cassandra", cassandra.ping()))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, TreeMap::new);
    }

    @Override
    public Set<String> required() {
        return Set.of("postgres", "kafka", "registry"); // Cassandra is only read from
    }

    private static Mono<Map.Entry<String, Boolean>> answers(String name, Mono<Void> ping) {
        return ping.thenReturn(Map.entry(name, true)).timeout(TIMEOUT).onErrorReturn(Map.entry(name, false));
    }

    private static final class NotYet extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
