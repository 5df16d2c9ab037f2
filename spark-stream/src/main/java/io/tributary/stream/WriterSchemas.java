package io.tributary.stream;

import io.tributary.schemas.RegistryAddress;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas that records were written with, by id; kept once for each registry in this JVM, so that an outage is felt
 * only by an id that nobody here has seen. Asking is repeated for {@code patience}; then the task fails, not the record.
 */
final class WriterSchemas implements IntFunction<@Nullable Schema> {
    private static final Logger LOG = LoggerFactory.getLogger(WriterSchemas.class);
    private static final Map<RegistryAddress, WriterSchemas> OF_THIS_JVM = new ConcurrentHashMap<>();
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long PAUSE_MS = 500;

    private final SchemaRegistry registry;
    private final Duration patience;

    WriterSchemas(SchemaRegistry registry, Duration patience) {
        this.registry = registry;
        this.patience = patience;
    }

    static WriterSchemas of(RegistryAddress registry) {
        return OF_THIS_JVM.computeIfAbsent(
                registry, address -> new WriterSchemas(address.client(REQUEST_TIMEOUT), PATIENCE));
    }

    /** The schema, null where the registry says that there is none; throws {@link RegistryFailed} when it does not answer. */
    @Override
    public @Nullable Schema apply(int id) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean said = false;
        while (true) {
            try {
                return registry.byId(id).get().orElse(null);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RegistryFailed failed)) {
                    throw new IllegalStateException(e.getCause());
                }
                if (!failed.isTransient() || System.nanoTime() > deadline) {
                    throw failed;
                }
                if (!said) {
                    said = true;
                    LOG.warn("registry=retrying for={} schema={} cause=\"{}\"", patience, id, failed.getMessage());
                }
                pause();
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static UncheckedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new UncheckedIOException(new InterruptedIOException("interrupted while asking the registry"));
    }
}
