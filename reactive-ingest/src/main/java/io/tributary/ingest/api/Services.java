package io.tributary.ingest.api;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.live.Live;
import io.tributary.ingest.plan.Plans;
import io.tributary.ingest.reconcile.CountedUsers;
import io.tributary.ingest.reconcile.Reconciler;
import io.tributary.ingest.reconcile.Windows;
import io.tributary.ingest.replay.Replays;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * What is behind the control API.
 *
 * @param redrive tries a run's quarantined pages and dead letters again; how many pages
 * @param metrics Prometheus text
 * @param onWork wakes the workers; returns at once
 * @param config settings in force by key, secrets hidden
 * @param live what the live page shows
 */
public record Services(
        RunLedger ledger,
        Function<UUID, Mono<Integer>> redrive,
        Reconciler reconciler,
        CountedUsers counted,
        Windows windows,
        Replays replays,
        Plans plans,
        Health health,
        Supplier<String> metrics,
        Runnable onWork,
        Map<String, String> config,
        Live live) {}
