package io.tributary.ingest.reconcile;

import io.tributary.schemas.UserEvent;
import reactor.core.publisher.Mono;

/** A store where each user can be found by key. */
interface UserLookup {
    /**
     * Cold. How the store's copy of a user differs, in words that name fields and no values; empty when it does not. Errors
     * with {@code ReadFailed}.
     */
    Mono<String> difference(UserEvent event);
}
