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

/** Tries a run: fetches its first page, asks whether the schema of its records fits, and forgets both. */
public record Plans(PageSource source, SchemaRegistry registry, String topic) {
    private static final UUID NO_RUN = new UUID(0, 0);

    /** Cold. Errors with {@code SourceFailed} as a page would, or {@code PublishFailed} when the registry does not answer. */
    public Mono<Plan> plan(NewRun asked) {
        int pageUsers = Math.min(asked.users(), asked.pageSize());
        PageRequest first =
                new PageRequest(NO_RUN, 1, pageUsers, asked.seed(), 1, asked.nationalities(), asked.gender());
        String subject = UserEventSchema.subjectOf(topic);
        return compatible(subject)
                .flatMap(compatible -> source.fetch(first)
                        .map(page -> new Plan(
                                (asked.users() + asked.pageSize() - 1) / asked.pageSize(),
                                asked.seed(),
                                pageUsers,
                                page.users().users().size(),
                                page.users().dead().size(),
                                page.body().length,
                                subject,
                                compatible)));
    }

    private Mono<Boolean> compatible(String subject) {
        return Mono.fromFuture(() -> registry.wouldTake(subject, UserEventSchema.schema()), true)
                .onErrorMap(
                        RegistryFailed.class,
                        e -> new PublishFailed(
                                e.isTransient() ? Kind.TRANSIENT : Kind.REJECTED, "schema of " + topic + ": " + e, e));
    }
}
