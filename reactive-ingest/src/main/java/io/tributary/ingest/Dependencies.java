package io.tributary.ingest;

import io.tributary.ingest.api.Health;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.reconcile.CassandraSession;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The servers that the service needs, each asked itself, side by side. One that answers but does not take what it is given,
 * because its disk is full for instance, is not there either.
 *
 * @param patience for each
 */
record Dependencies(
        BooleanSupplier migrated,
        Postgres postgres,
        KafkaCluster kafka,
        SchemaRegistry registry,
        CassandraSession cassandra,
        Predicate<Stage> isFailing,
        Duration patience)
        implements Health {
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int LONGEST_REASON = 300; // characters

    @Override
    public Mono<Map<String, Optional<String>>> dependencies() {
        return Flux.merge(
                        answers(
                                "postgres",
                                migrated.getAsBoolean()
                                        ? taking(postgres.ping(), Stage.CAPTURE, Stage.STORE)
                                        : absent("its tables are not ready")),
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
        return Arrays.stream(stages).anyMatch(isFailing) ? absent("it answers, but takes nothing") : ping;
    }

    private static Mono<Void> absent(String why) {
        return Mono.error(() -> new Absent(why));
    }

    /** The same, told sooner. */
    Dependencies within(Duration shorter) {
        return new Dependencies(migrated, postgres, kafka, registry, cassandra, isFailing, shorter);
    }

    private Mono<Map.Entry<String, Optional<String>>> answers(String name, Mono<Void> ping) {
        return ping.thenReturn(Map.entry(name, Optional.<String>empty()))
                .timeout(patience)
                .onErrorResume(e -> Mono.just(Map.entry(name, Optional.of(reason(e, patience)))));
    }

    /** Of our own failures what they say; of others, which may quote anything, only what they are. */
    static String reason(Throwable failure, Duration patience) {
        if (failure instanceof TimeoutException) {
            return "no answer for " + patience.toSeconds() + " s";
        }
        boolean ours =
                failure instanceof IngestException || failure instanceof RegistryFailed || failure instanceof Absent;
        String words = ours
                ? String.valueOf(failure.getMessage()).lines().findFirst().orElse("")
                : failure.getClass().getSimpleName();
        return words.length() > LONGEST_REASON ? words.substring(0, LONGEST_REASON) : words;
    }

    private static final class Absent extends RuntimeException {
        private static final long serialVersionUID = 1;

        Absent(String why) {
            super(why);
        }
    }
}
