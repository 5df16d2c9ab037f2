package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.Addresses;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
        name = "rebuild",
        description = {
            "Count runs again from their stored responses, in a new generation.",
            "",
            "For when the meaning of the numbers has changed, or Cassandra was lost.",
            "Beside the live stream: each number is the old one or the new one.",
            ""
        },
        sortOptions = false)
final class RebuildCommand extends JobCommand {
    private static final int LOOKED_AT = 500;
    private static final int ANSWER_MS = 15_000;
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    @Parameters(arity = "0..*", paramLabel = "RUN", description = RunRef.HELP)
    private List<String> given = List.of();

    @Option(
            names = "--from",
            paramLabel = "T",
            description = "Runs for windows from here, such as 2026-01-01T00:00:00Z.")
    private Optional<Instant> from = Optional.empty();

    @Option(names = "--to", paramLabel = "T", description = "Runs for windows that begin before.")
    private Optional<Instant> to = Optional.empty();

    RebuildCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() throws InterruptedException {
        boolean byTime = from.isPresent() || to.isPresent();
        if (given.isEmpty() != byTime) {
            throw EtlFailure.usage("name runs, or give --from or --to");
        }
        Addresses at = addresses();
        ControlApi api = api();
        List<String> runs = byTime ? inTime(api) : named(api);
        String topic = "randomuser.users.rebuild-" + NAME.format(around.clock().instant());
        JsonNode done;
        try {
            for (String run : runs) {
                replay(api, run, topic);
            }
            done = job(at, "rebuild", topic);
        } finally {
            delete(at, topic);
        }
        ObjectNode json = Json.object();
        runs.forEach(json.putArray("runs")::add);
        done.properties().forEach(member -> json.set(member.getKey(), member.getValue()));
        long left = done.path("left").asLong();
        List<String> lines = new ArrayList<>();
        lines.add(Text.count(done.path("users").asLong()) + " users of "
                + Text.count(done.path("pages").asLong()) + " pages counted again as generation "
                + done.path("generation").asInt() + ", "
                + Text.count(done.path("removed").asLong())
                + " rows of former groups removed");
        if (left > 0) {
            lines.add(Text.count(left) + " pages were not published whole and left as they are");
        }
        print(json, lines);
        return left == 0 ? ExitCode.OK : ExitCode.DIFFERS;
    }

    private List<String> named(ControlApi api) {
        List<String> runs = new ArrayList<>();
        for (String name : given) {
            runs.add(RunRef.resolve(name, api));
        }
        return runs.stream().distinct().toList();
    }

    private List<String> inTime(ControlApi api) {
        List<String> runs = ControlApi.runsIn(api.runs(LOOKED_AT)).stream()
                .filter(run -> !Instant.parse(run.windowStart()).isBefore(from.orElse(Instant.MIN)))
                .filter(run -> Instant.parse(run.windowStart()).isBefore(to.orElse(Instant.MAX)))
                .map(Run::id)
                .toList();
        if (runs.isEmpty()) {
            throw EtlFailure.usage("none of the latest " + LOOKED_AT + " runs is for a window in that time");
        }
        return runs;
    }

    private void replay(ControlApi api, String run, String topic) throws InterruptedException {
        Replay begun = api.startReplay(run, Optional.of(topic));
        Replay ended = new ReplayFollower(
                        api, begun, ReplayFollower.Patience.DEFAULT, around.nanos(), now -> {}, note -> {})
                .follow();
        if (ended.state() != Replay.State.COMPLETE) {
            throw EtlFailure.broken("run " + run + " could not be published again; nothing was counted anew", null);
        }
    }

    /** The records were for this once. What is left of a topic that can not be deleted is in nobody's way. */
    private static void delete(Addresses at, String topic) throws InterruptedException {
        Map<String, Object> client = Map.of(
                "bootstrap.servers", at.kafkaBootstrap().orElseThrow(),
                "request.timeout.ms", ANSWER_MS,
                "default.api.timeout.ms", ANSWER_MS);
        try (Admin admin = Admin.create(client)) {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            System.err.println(
                    "etl: topic " + topic + " is left over: " + Text.printable(String.valueOf(e.getCause())));
        }
    }
}
