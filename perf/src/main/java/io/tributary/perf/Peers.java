package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Others at the same work on the same servers, one after the other, each into a table and a topic of its own. */
final class Peers {
    private static final List<Peer> ALL = List.of(Peer.BENTHOS, Peer.ANCESTOR);
    private static final long LONGEST_MINUTES = 30;

    /** What a source with 32 bits of randomness may repeat. */
    private static final double FEWEST_ROWS = 0.999;

    private final Bench bench;
    private final SourcePages pages;

    private Peers(Bench bench, SourcePages pages) {
        this.bench = bench;
        this.pages = pages;
    }

    static void measure(Bench bench, SourcePages pages, Cost ours, ObjectNode into) throws Exception {
        Peers peers = new Peers(bench, pages);
        for (Peer peer : ALL) {
            peers.build(peer);
            Cost cost = peers.measured(peer, Math.min(peer.most(), pages.users()));
            ObjectNode described = into.putObject(peer.name());
            cost.describe(described);
            described.put("oursTimesUsersPerSecond", Rounded.to(1, ours.usersPerSecond() / cost.usersPerSecond()));
            described.put("oursTimesUsersPerCpuSecond", Rounded.to(1, cost.micros() / ours.micros()));
            described.put(
                    "oursTimesUsersPerCpuSecondWithoutSource",
                    Rounded.to(1, cost.microsWithoutSource() / ours.microsWithoutSource()));
        }
    }

    private void build(Peer peer) throws IOException, InterruptedException {
        Files.createDirectories(peer.built(bench.home()));
        for (List<String> line : peer.builds()) {
            toEnd(peer, started(peer, line, Map.of()));
        }
    }

    private Cost measured(Peer peer, int users) throws Exception {
        String table = peer.name() + "_users";
        String topic = peer.name() + ".users";
        Database database = bench.database();
        database.execute("CREATE TABLE " + table + " (user_id uuid PRIMARY KEY, original json NOT NULL)");
        try (Topics topics = bench.topics()) {
            topics.create(topic);
            database.settle();
            Map<String, String> task = Map.of(
                    "PEER_SOURCE", pages.source().toString(),
                    "PEER_SEED", SourcePages.SEED,
                    "PEER_USERS", Integer.toString(users),
                    "PEER_PAGES", Integer.toString(pages.first(users).pages()),
                    "PEER_PAGE_SIZE", Integer.toString(pages.pageSize()),
                    "PEER_POSTGRES", database.uri(),
                    "PEER_TABLE", table,
                    "PEER_KAFKA", topics.bootstrap(),
                    "PEER_TOPIC", topic);
            Cost cost = bench.measure(users, meter -> {
                Process process = started(peer, peer.command(), task);
                meter.clientIs(ProcessTree.of(process.pid()));
                toEnd(peer, process);
            });
            check(peer, users, database.number("SELECT count(*) FROM " + table), topics.records(topic));
            return cost;
        }
    }

    private Process started(Peer peer, List<String> line, Map<String, String> task) throws IOException {
        Path home = bench.home();
        ProcessBuilder builder = new ProcessBuilder(peer.words(line, home));
        builder.directory(peer.folder(home).toFile());
        builder.environment().putAll(task);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(peer).toFile()));
        return builder.start();
    }

    private void toEnd(Peer peer, Process process) throws IOException, InterruptedException {
        try {
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(peer.name() + " did not end within " + LONGEST_MINUTES + " minutes");
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException(peer.name() + " ended with status " + process.exitValue() + ", see " + log(peer));
        }
    }

    private Path log(Peer peer) {
        return peer.built(bench.home()).resolveSibling(peer.name() + ".log");
    }

    private static void check(Peer peer, int users, long rows, long records) throws IOException {
        if (rows < FEWEST_ROWS * users || rows > users || records != users) {
            throw new IOException(peer.name() + " left " + rows + " rows and " + records + " records of " + users);
        }
    }
}
