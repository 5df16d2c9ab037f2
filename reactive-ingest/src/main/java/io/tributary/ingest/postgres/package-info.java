/** PostgreSQL as the ledger, the user store and the reconciliation use it: one pool, typed errors, binary COPY. */
@NullMarked
package io.tributary.ingest.postgres;

import org.jspecify.annotations.NullMarked;
