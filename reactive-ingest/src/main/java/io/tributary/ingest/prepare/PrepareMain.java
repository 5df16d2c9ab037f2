package io.tributary.ingest.prepare;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEventSchema;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes ready what the pipeline expects: topics with partitions and retention, compatibility and schema in the registry, tables
 * and roles in Cassandra. Waits for servers that are not there yet and may be repeated; PostgreSQL is ingest's own affair. Exit
 * status: 0 once all is there, 2 for settings that can not be used, 1 when time is up.
 */
public final class PrepareMain {
    private static final Logger LOG = LoggerFactory.getLogger(PrepareMain.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PrepareConfig config;
    private final long untilNanos;

    private PrepareMain(PrepareConfig config) {
        this.config = config;
        this.untilNanos = System.nanoTime() + config.within().toNanos();
    }

    /** Something that is made, or fails because a server is not there yet. */
    private interface Step {
        void take() throws Exception;
    }

    public static void main(String[] arguments) throws InterruptedException {
        PrepareConfig config;
        try {
            config = PrepareConfig.read(System.getenv());
        } catch (BadConfig e) {
            System.err.println("BadConfig: " + e.getMessage());
            System.exit(2);
            return;
        }
        System.exit(new PrepareMain(config).run() ? 0 : 1);
    }

    private boolean run() throws InterruptedException {
        return made("topics", this::topics)
                && made("registry", this::registry)
                && made("cassandra", () -> new Keyspace(config).apply());
    }

    /** Until it works or time is up; says the first reason, and the last. */
    private boolean made(String what, Step step) throws InterruptedException {
        boolean said = false;
        while (true) {
            try {
                step.take();
                LOG.info("event=prepared what={}", what);
                return true;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (System.nanoTime() - untilNanos >= 0) {
                    LOG.error("event=not_prepared what={} within={}", what, config.within(), e);
                    return false;
                }
                if (!said) {
                    said = true;
                    LOG.info("event=waiting_for what={} cause=\"{}\"", what, e.toString());
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            }
        }
    }

    private void topics() throws Exception {
        int answerMs = (int) ANSWER.toMillis();
        try (Admin admin = Admin.create(config.kafka()
                .client(Map.of(
                        AdminClientConfig.CLIENT_ID_CONFIG,
                        "tributary-prepare",
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        answerMs,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        answerMs)))) {
            config.topics().apply(admin);
        }
    }

    private void registry() throws Exception {
        SchemaRegistry registry = config.registry().client(ANSWER);
        registry.requireBackward().get();
        registry.register(UserEventSchema.subjectOf(config.topics().users()), UserEventSchema.schema())
                .get();
    }
}
