package io.tributary.ingest.reconcile;

import java.util.UUID;
import reactor.core.publisher.Mono;

/** The sum over a run's page sums, added up by Cassandra. */
public final class CassandraCounts implements CountedUsers {
    private static final String COUNTED = "select sum(cast(users as bigint)) from tributary.page_sums where run_id = ?";

    private final CassandraSession cassandra;

    public CassandraCounts(CassandraSession cassandra) {
        this.cassandra = cassandra;
    }

    @Override
    public Mono<Long> counted(UUID runId) {
        return cassandra.rows(COUNTED, runId).map(row -> row.getLong(0)).single();
    }
}
