package io.tributary.ingest.plan;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.source.PageSource;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import io.tributary.schemas.UserEventSchema;
import java.util.UUID;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Tries a run: fetches its first page, asks whether the schema of its records fits, and forgets both. */
public record Plans(PageSource source, SchemaRegistry registry, String topic) {
    private static final UUID NO_RUN = new UUID(0, 0);

    /** Cold. Errors with {@code SourceFailed} as a page would, or {@code PublishFailed} when the registry does not answer. */
    public Mono<Plan> plan(NewRun asked) {
        return Mono.defer(() -> compatible(UserEventSchema.subjectOf(topic)))
                .subscribeOn(Schedulers.boundedElastic()) // the schema is read from its file, the client takes locks
                .flatMap(compatible -> firstPage(asked, compatible));
    }

    private Mono<Plan> firstPage(NewRun asked, boolean compatible) {
        int pageUsers = Math.min(asked.users(), asked.pageSize());
        PageRequest first =
                new PageRequest(NO_RUN, 1, pageUsers, asked.seed(), 1, asked.nationalities(), asked.gender());
        return source.fetch(first)
                .map(page -> new Plan(
                        (asked.users() + asked.pageSize() - 1) / asked.pageSize(),
                        asked.seed(),
                        pageUsers,
                        page.users().users().size(),
                        page.users().dead().size(),
                        page.body().length,
                        UserEventSchema.subjectOf(topic),
                        compatible));
    }

    private Mono<Boolean> compatible(String subject) {
        return Mono.fromFuture(() -> registry.wouldTake(subject, UserEventSchema.schema()), true)
                .onErrorMap(
                        RegistryFailed.class,
                        e -> new PublishFailed(
                                e.isTransient() ? Kind.TRANSIENT : Kind.REJECTED, "schema of " + topic + ": " + e, e));
    }
}
