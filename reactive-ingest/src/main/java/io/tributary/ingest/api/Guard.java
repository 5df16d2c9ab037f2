package io.tributary.ingest.api;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.openapi.contract.Operation;

/** Who comes before anything else of a request is looked at. */
interface Guard {
    /** Nobody is asked who he is. */
    Guard OPEN = (request, operation) -> {};

    /** Throws a 401 or 403 where the caller may not do this; by the operation's {@code security} in the contract. */
    void admit(HttpServerRequest request, Operation operation);
}
