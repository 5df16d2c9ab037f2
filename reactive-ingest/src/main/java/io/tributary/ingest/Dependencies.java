package io.tributary.ingest;

import io.tributary.ingest.api.Health;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.reconcile.CassandraSession;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The servers that the service needs, each asked itself, side by side, two seconds each at most. One that answers but does not
 * take what it is given, because its disk is full for instance, is not there either.
 */
record Dependencies(
        BooleanSupplier migrated,
        Postgres postgres,
        KafkaCluster kafka,
        SchemaRegistry registry,
        CassandraSession cassandra,
        Predicate<Stage> isFailing)
        implements Health {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @Override
    public Mono<Map<String, Boolean>> dependencies() {
        return Flux.merge(
                        answers(
                                "postgres",
                                migrated.getAsBoolean()
                                        ? taking(postgres.ping(), Stage.CAPTURE, Stage.STORE)
                                        : absent()),
                        answers("kafka", taking(kafka.ping(), Stage.PUBLISH)),
                        answers("registry", Mono.fromFuture(registry::ping)),
                        answers("cassandra", cassandra.ping()))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, TreeMap::new);
    }

    @Override
    public Set<String> required() {
        return Set.of("postgres", "kafka", "registry"); // Cassandra is only read from
    }

    private Mono<Void> taking(Mono<Void> ping, Stage... stages) {
        return Arrays.stream(stages).anyMatch(isFailing) ? absent() : ping;
    }

    private static Mono<Void> absent() {
        return Mono.error(Absent::new);
    }

    private static Mono<Map.Entry<String, Boolean>> answers(String name, Mono<Void> ping) {
        return ping.thenReturn(Map.entry(name, true)).timeout(TIMEOUT).onErrorReturn(Map.entry(name, false));
    }

    private static final class Absent extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
