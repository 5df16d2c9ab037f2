package io.tributary.ingest;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** That the checker is switched on: without it the other tests would let a blocking call pass. */
class BlockHoundTest {
    @Test
    void aSleepOnAParallelThreadIsCaught() {
        // Given
        Mono<Object> sleeps = Mono.fromCallable(() -> {
                    Thread.sleep(1);
                    return new Object();
                })
                .subscribeOn(Schedulers.parallel());
        // When
        StepVerifier.create(sleeps)
                // Then
                .expectErrorMatches(
                        e -> e instanceof BlockingOperationError || e.getCause() instanceof BlockingOperationError)
                .verify(Duration.ofSeconds(10));
    }
}
