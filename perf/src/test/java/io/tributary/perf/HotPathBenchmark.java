package io.tributary.perf;

import io.netty.buffer.ByteBuf;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.ingest.source.PageParser;
import io.tributary.randomuser.RandomUserOptions;
import io.tributary.randomuser.RandomUserServer;
import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEventEncoder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What ingest computes for a user, step by step; an operation is a user of a page of 1,000 from the stand-in. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(HotPathBenchmark.USERS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx384m")
public class HotPathBenchmark {
    static final int USERS = 1_000;
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
    private static final PageRequest REQUEST =
            new PageRequest(new UUID(1, 1), 1, USERS, SourcePages.SEED, 1, List.of(), null);
    private static final Lease LEASE = new Lease(REQUEST, 1, false, TIME, TIME.plusSeconds(1));

    private final UserEventEncoder encoder = new UserEventEncoder();
    private byte[] body = {};
    private ParsedPage parsed = new ParsedPage(List.of(), List.of());
    private CapturedPage page = CapturedPage.of(LEASE, TIME, parsed);

    @Setup
    public void fetch() throws IOException, InterruptedException {
        RandomUserServer source =
                RandomUserServer.start(RandomUserOptions.defaults().withoutQuota());
        try {
            URI address = URI.create(source.apiUri() + "?results=" + USERS + "&page=1&seed=" + SourcePages.SEED);
            body = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofByteArray())
                    .body();
        } finally {
            source.close();
        }
        parsed = PageParser.parse(REQUEST, body);
        page = CapturedPage.of(LEASE, TIME, parsed);
    }

    @Benchmark
    public ParsedPage parser() {
        return PageParser.parse(REQUEST, body);
    }

    @Benchmark
    public int encoder() {
        int bytes = 0;
        for (EncodedEvent event : page.events()) {
            bytes += encoder.body(event.event()).length;
        }
        return bytes;
    }

    @Benchmark
    public Digest digest() {
        Digest digest = Digest.EMPTY;
        for (EncodedEvent event : page.events()) {
            digest = digest.plus(Digest.hashOf(event.body()));
        }
        return digest;
    }

    /** All that is made of a parsed page: events, bodies and the digest. */
    @Benchmark
    public CapturedPage capturedPage() {
        return CapturedPage.of(LEASE, TIME, parsed);
    }

    @Benchmark
    public Integer copyEncoder() {
        return UserRows.binary(page)
                .map(HotPathBenchmark::released)
                .reduce(0, Integer::sum)
                .block();
    }

    private static int released(ByteBuf chunk) {
        int bytes = chunk.readableBytes();
        chunk.release();
        return bytes;
    }
}
