package io.tributary.ingest.api;

import java.util.concurrent.Semaphore;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Lets so many in at once and sends the next away with 503; nobody waits. */
final class Gate {
    private final Semaphore places;
    private final String full;

    /** @param full what the one sent away is told */
    Gate(int places, String full) {
        this.places = new Semaphore(places);
        this.full = full;
    }

    /** The work, one place held from its subscription to any of its three endings. */
    <T> Flux<T> pass(Flux<T> work) {
        return Flux.defer(() ->
                places.tryAcquire() ? work.doFinally(end -> places.release()) : Flux.error(Problem.unavailable(full)));
    }

    <T> Mono<T> pass(Mono<T> work) {
        return Mono.defer(() ->
                places.tryAcquire() ? work.doFinally(end -> places.release()) : Mono.error(Problem.unavailable(full)));
    }
}
