/** The comparison of a run over ledger, PostgreSQL, Kafka and Cassandra, by sums and user by user. */
@NullMarked
package io.tributary.ingest.reconcile;

import org.jspecify.annotations.NullMarked;
