package io.tributary.ingest.sink.kafka;

import io.tributary.ingest.kafka.KafkaFailure;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.kafka.sender.KafkaSender;
import reactor.kafka.sender.SenderOptions;
import reactor.kafka.sender.SenderRecord;

/**
 * A sender whose producer is replaced where it can not go on. An idempotent producer that was not let in, or not allowed to
 * write, when it asked for its id takes records for ever and sends none, also after that is mended (kafka-clients 3.9).
 */
final class RenewedSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RenewedSender.class);

    private final SenderOptions<String, byte[]> options;
    private final Scheduler threads;
    private @Nullable KafkaSender<String, byte[]> current;

    /**
     * Nothing is opened before something is sent.
     *
     * @param options with a close timeout: what stands in a producer that is replaced is given up after it
     * @param threads may wait, for that timeout
     */
    RenewedSender(SenderOptions<String, byte[]> options, Scheduler threads) {
        this.options = options;
        this.threads = threads;
    }

    /** Cold. Completes when all are acknowledged, errors with what Kafka says of the first that is not. */
    Flux<Integer> send(Publisher<SenderRecord<String, byte[], Integer>> records) {
        return Flux.defer(() -> {
            KafkaSender<String, byte[]> sender = current();
            return sender.send(records)
                    .map(result -> {
                        failOn(result.exception());
                        return result.correlationMetadata();
                    })
                    .doOnError(e -> replaceAfter(e, sender));
        });
    }

    private static void failOn(@Nullable Exception refused) {
        if (refused != null) {
            throw Exceptions.propagate(refused);
        }
    }

    private synchronized KafkaSender<String, byte[]> current() {
        KafkaSender<String, byte[]> known = current;
        if (known == null) {
            known = KafkaSender.create(options);
            current = known;
        }
        return known;
    }

    private synchronized void replaceAfter(Throwable error, KafkaSender<String, byte[]> failed) {
        Throwable cause = Exceptions.unwrap(error);
        if (current == failed && KafkaFailure.endsProducer(cause)) {
            current = null;
            LOG.warn("event=producer_replaced cause=\"{}\"", KafkaFailure.words(cause));
            Disposable unused = threads.schedule(failed::close);
        }
    }

    @Override
    public synchronized void close() {
        if (current != null) {
            current.close();
        }
    }
}
