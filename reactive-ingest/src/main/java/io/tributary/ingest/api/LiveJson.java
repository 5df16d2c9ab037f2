package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.ingest.ledger.RunBoard.Row;
import io.tributary.ingest.live.Snapshot;
import io.tributary.ingest.live.Snapshot.RunRow;
import io.tributary.ingest.live.StageView;
import io.tributary.ingest.metrics.IngestReading.OfSource;
import io.tributary.ingest.model.PageState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a snapshot looks in JSON. At most 128 KiB: 30 runs of 200 cells that all differ, in trouble, are 90; eight windows 28. */
final class LiveJson {
    private LiveJson() {}

    static ObjectNode snapshot(Snapshot seen) {
        ObjectNode json = RunJson.object().put("at", seen.at().toString()).put("instance", seen.instance());
        ArrayNode stages = json.putArray("stages");
        seen.stages().forEach(stage -> stages.add(stage(stage)));
        json.set("source", source(seen.source()));
        json.set("servers", servers(seen.servers()));
        json.set("runs", seen.runs().map(LiveJson::runs).orElse(null));
        ArrayNode replays = json.putArray("replays");
        seen.replays().forEach(replay -> replays.add(RunJson.replay(replay)));
        json.set(
                "windows",
                seen.windows().map(all -> RunJson.windows(all).get("windows")).orElse(null));
        return json.put("setAside", seen.setAside());
    }

    private static ObjectNode stage(StageView stage) {
        return RunJson.object()
                .put("name", word(stage.name()))
                .put("state", word(stage.state()))
                .put("usersPerSecond", rounded(stage.usersPerSecond()))
                .put("millis", stage.millis())
                .put("waiting", stage.waiting())
                .put("words", stage.words());
    }

    private static @Nullable Double rounded(@Nullable Double rate) {
        return rate == null ? null : Math.round(rate * 10) / 10.0;
    }

    private static ObjectNode source(OfSource source) {
        return RunJson.object()
                .put("concurrency", source.concurrency())
                .put("quotaUsers", source.quotaUsers())
                .put("quotaPeriodMs", source.quotaPeriodMs())
                .put("refused", source.refused())
                .put("pauses", source.pauses())
                .put("pauseMs", source.pause().toMillis());
    }

    /** By name: null when it answers, else why it does not. */
    private static ObjectNode servers(Map<String, Optional<String>> servers) {
        ObjectNode json = RunJson.object();
        servers.forEach((name, missing) -> json.put(name, missing.orElse(null)));
        return json;
    }

    private static ArrayNode runs(List<RunRow> runs) {
        ArrayNode json = RunJson.object().putArray("runs");
        runs.forEach(run -> json.add(run(run)));
        return json;
    }

    private static ObjectNode run(RunRow run) {
        Row row = run.row();
        ObjectNode json = RunJson.run(new RunView(row.progress(), run.counted()));
        json.put("flag", row.progress().run().flag())
                .put("pagesACell", row.pagesACell())
                .put("cells", cells(row.cells()));
        ArrayNode reasons = json.putArray("deadLetters");
        row.deadLetters()
                .forEach(reason ->
                        reasons.addObject().put("reason", reason.reason()).put("users", reason.users()));
        ArrayNode quarantined = json.putArray("quarantined");
        row.quarantined()
                .forEach(page -> quarantined
                        .addObject()
                        .put("page", page.page())
                        .put("attempts", page.attempts())
                        .put("cause", page.cause()));
        return json;
    }

    /** Run lengths: a letter and how often, {@code D12L4P84}. */
    private static String cells(List<PageState> cells) {
        StringBuilder text = new StringBuilder();
        for (int from = 0, to; from < cells.size(); from = to) {
            to = from + 1;
            while (to < cells.size() && cells.get(to) == cells.get(from)) {
                to++;
            }
            text.append(letter(cells.get(from))).append(to - from);
        }
        return text.toString();
    }

    private static char letter(PageState state) {
        return switch (state) {
            case PLANNED -> 'P';
            case LEASED -> 'L';
            case CAPTURED -> 'C';
            case COMPLETE -> 'D'; // done
            case QUARANTINED -> 'Q';
        };
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
