package io.tributary.ingest;

import io.tributary.ingest.Failpoint.Action;
import io.tributary.ingest.Failpoint.Call;
import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/** Stands in front of all that a worker reaches outside by, and has the call fail that it is told. */
public abstract class Failpoints implements Stations {
    private final Duration lease;
    private final AtomicReference<Failpoint> armed = new AtomicReference<>();
    private final AtomicBoolean arranged = new AtomicBoolean();

    /** @param lease of the worker's pages */
    protected Failpoints(Duration lease) {
        this.lease = lease;
    }

    /** The next such call fails. */
    public final void arm(Failpoint point) {
        arranged.set(false);
        armed.set(point);
    }

    /** The call that was armed is being made. */
    protected abstract void struck(Failpoint point);

    /** Ends the worker before or after the call; {@code real} is the call, not yet made. */
    protected abstract <T> Mono<T> halt(Failpoint point, Mono<T> real);

    /** Stops the worker before or after the call for longer than its lease. */
    protected abstract <T> Mono<T> pause(Failpoint point, Mono<T> real);

    /** A call that is not to fail. */
    protected <T> Mono<T> pass(Mono<T> real) {
        return real;
    }

    private <T> Mono<T> at(Call call, Mono<T> real) {
        return Mono.defer(() -> {
            Failpoint point = armed.get();
            if (point == null || point.call() != call || !armed.compareAndSet(point, null)) {
                return pass(real);
            }
            struck(point);
            if (point.action() != Action.THROW) {
                return point.action() == Action.HALT ? halt(point, real) : pause(point, real);
            }
            Mono<T> failure = Mono.error(new StoreFailed(Kind.TRANSIENT, point.toString(), null));
            return point.after() ? real.then(failure) : failure;
        });
    }

    @Override
    public PageSource source(PageSource real) {
        return new PageSource() {
            @Override
            public Mono<FetchedPage> fetch(PageRequest page) {
                return at(Call.FETCH, real.fetch(page));
            }

            @Override
            public boolean isOpen() {
                return real.isOpen();
            }
        };
    }

    @Override
    public PageSink rows(PageSink real) {
        return page -> at(Call.STORE, real.deliver(page));
    }

    /** What must happen first, so that the call is made at all, is arranged here. */
    @Override
    public PageSink topic(PageSink real) {
        return page -> at(Call.PUBLISH, Mono.defer(() -> {
            Failpoint point = armed.get();
            Call call = point == null ? Call.PUBLISH : point.call();
            if ((call == Call.READ_BACK || call == Call.GIVE_BACK) && arranged.compareAndSet(false, true)) {
                return Mono.error(new PublishFailed(Kind.TRANSIENT, "arranged", null));
            }
            return call == Call.RENEW && arranged.compareAndSet(false, true)
                    ? Mono.delay(lease.dividedBy(2)).then(real.deliver(page))
                    : real.deliver(page);
        }));
    }

    @Override
    public RunLedger ledger(RunLedger real) {
        return (RunLedger) Proxy.newProxyInstance(
                RunLedger.class.getClassLoader(), new Class<?>[] {RunLedger.class}, (proxy, method, arguments) -> {
                    Object answer = called(real, method, arguments);
                    return switch (method.getName()) {
                        case "lease" -> at(Call.LEASE, (Mono<?>) answer);
                        case "renew" -> at(Call.RENEW, (Mono<?>) answer);
                        case "capture" -> at(Call.CAPTURE, (Mono<?>) answer);
                        case "readBack" -> at(Call.READ_BACK, (Mono<?>) answer);
                        case "complete" -> at(Call.COMPLETE, (Mono<?>) answer);
                        case "giveBack" -> at(Call.GIVE_BACK, (Mono<?>) answer);
                        default -> answer instanceof Mono<?> other ? pass(other) : answer;
                    };
                });
    }

    private static Object called(RunLedger real, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
