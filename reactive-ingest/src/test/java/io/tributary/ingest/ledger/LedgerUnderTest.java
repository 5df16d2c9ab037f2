package io.tributary.ingest.ledger;

import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.pipeline.Pages;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import reactor.core.scheduler.Schedulers;

/** A PostgreSQL with the ledger's tables, and workers on it. */
final class LedgerUnderTest implements AutoCloseable {
    private final EmbeddedStack stack;
    private final PostgresAddress address;
    final Postgres postgres;

    /** What the parser is asked for on a read-back is what was fetched: bodies by their text. */
    private final Map<String, ParsedPage> parsed = new ConcurrentHashMap<>();

    private LedgerUnderTest(EmbeddedStack stack, PostgresAddress address) {
        this.stack = stack;
        this.address = address;
        this.postgres = new Postgres(address, 16);
    }

    static LedgerUnderTest start(Path dir) throws IOException {
        EmbeddedStack stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)), StackListener.SILENT);
        PostgresAddress address = EmbeddedPostgres.addressOf(stack);
        Migrations.apply(address).block();
        return new LedgerUnderTest(stack, address);
    }

    void empty() {
        sql("truncate run, page, response, users, dead_letter");
        parsed.clear();
    }

    PostgresLedger ledger(String holder, Duration lease) {
        return new PostgresLedger(
                postgres,
                holder,
                lease,
                (request, body) -> parsed.get(new String(body, StandardCharsets.UTF_8)),
                Schedulers.boundedElastic(),
                UUID::randomUUID);
    }

    FetchedPage fetched(PageRequest request) {
        return answer(Pages.fetched(request));
    }

    FetchedPage answer(FetchedPage fetched) {
        parsed.put(new String(fetched.body(), StandardCharsets.UTF_8), fetched.users());
        return fetched;
    }

    /** From now on a page's stored response is read otherwise. */
    void fixParser(Function<ParsedPage, ParsedPage> fix) {
        parsed.replaceAll((body, page) -> fix.apply(page));
    }

    void sql(String statement) {
        postgres.withConnection(connection -> connection
                        .createStatement(statement)
                        .execute()
                        .concatMap(result -> result.getRowsUpdated())
                        .reduce(0L, Long::sum))
                .block();
    }

    int number(String query) {
        return Integer.parseInt(text("select (" + query + ")::text"));
    }

    String text(String query) {
        return postgres.withConnection(connection -> connection
                        .createStatement(query)
                        .execute()
                        .concatMap(result -> result.map(row -> row.get(0, String.class)))
                        .next())
                .block();
    }

    @Override
    public void close() {
        postgres.close();
        stack.close();
    }
}
