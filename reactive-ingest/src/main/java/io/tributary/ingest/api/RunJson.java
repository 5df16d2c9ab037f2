package io.tributary.ingest.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.plan.Plan;
import io.tributary.ingest.reconcile.Reconciliation;
import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.ingest.replay.Replay;
import io.tributary.schemas.Digest;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How runs, comparisons, windows and health look in JSON. */
final class RunJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private RunJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static Buffer bytes(JsonNode json) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    static ObjectNode run(RunView view) {
        ObjectNode json = run(view.progress());
        ((ObjectNode) json.get("progress")).put("counted", view.counted()).put("settled", view.settled());
        return json;
    }

    static ObjectNode redriven(RunView view, int pages) {
        ObjectNode json = object().put("pages", pages);
        json.set("run", run(view));
        return json;
    }

    static ObjectNode replay(Replay replay) {
        return object().put("id", replay.id().toString())
                .put("run", replay.run().toString())
                .put("topic", replay.topic())
                .put("state", replay.state().name())
                .put("pages", replay.pages())
                .put("pagesTotal", replay.pagesTotal())
                .put("records", replay.records())
                .put("startedAt", replay.startedAt().toString())
                .put("endedAt", text(replay.endedAt()))
                .put("cause", replay.cause());
    }

    static ObjectNode plan(Plan plan) {
        ObjectNode json = object().put("pages", plan.pages()).put("seed", plan.seed());
        json.putObject("firstPage")
                .put("asked", plan.asked())
                .put("users", plan.users())
                .put("deadLetters", plan.deadLetters())
                .put("bodyBytes", plan.bodyBytes());
        json.putObject("schema").put("subject", plan.subject()).put("compatible", plan.compatible());
        return json;
    }

    static ObjectNode config(Map<String, String> settings) {
        ObjectNode json = object();
        new TreeMap<>(settings).forEach(json::put);
        return json;
    }

    static ObjectNode runs(List<RunProgress> runs) {
        ObjectNode json = object();
        ArrayNode list = json.putArray("runs");
        runs.forEach(run -> list.add(run(run)));
        return json;
    }

    private static ObjectNode run(RunProgress progress) {
        Run run = progress.run();
        ObjectNode json = object().put("id", run.id().toString())
                .put("state", run.state().name())
                .put("windowStart", run.windowStart().toString())
                .put("windowEnd", run.windowEnd().toString())
                .put("users", run.users())
                .put("pageSize", run.pageSize())
                .put("pages", run.pages())
                .put("seed", run.seed());
        ArrayNode nationalities = json.putArray("nat");
        run.nationalities().forEach(nationalities::add);
        json.put("gender", run.gender())
                .put("createdAt", run.createdAt().toString())
                .put("finishedAt", text(run.finishedAt()));
        if (run.maxRunTime() != null) {
            json.put("maxRunTime", run.maxRunTime().toString());
        }
        if (run.cause() != null) {
            json.put("cause", run.cause());
        }
        ObjectNode states = json.putObject("pageStates");
        for (PageState state : PageState.values()) {
            states.put(state.name().toLowerCase(Locale.ROOT), progress.pages().getOrDefault(state, 0));
        }
        json.putObject("progress")
                .put("captured", progress.captured())
                .put("stored", progress.stored())
                .put("published", progress.published())
                .put("deadLetters", progress.deadLetters());
        return json;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    static ObjectNode reconciliation(Reconciliation found) {
        ObjectNode json = object().put("run", found.run().toString()).put("deep", found.deep());
        json.set("ledger", digest(found.ledger()));
        json.set("postgres", digest(found.postgres()));
        json.set("kafka", digest(found.kafka()).put("records", found.kafkaRecords()));
        json.set("cassandra", digest(found.cassandra()));
        json.put("equal", found.equal());
        ArrayNode drift = json.putArray("drift");
        found.drift()
                .forEach(one -> drift.addObject()
                        .put("store", one.store())
                        .put("page", one.page())
                        .put("position", one.position())
                        .put("what", one.what()));
        json.put("driftTotal", found.driftTotal());
        ArrayNode phantoms = json.putArray("phantomRuns");
        found.phantoms()
                .forEach(phantom -> phantoms.addObject()
                        .put("run", phantom.run().toString())
                        .put("records", phantom.records()));
        ObjectNode seconds = json.putObject("seconds");
        found.seconds().forEach(seconds::put);
        return json;
    }

    private static ObjectNode digest(Digest digest) {
        return object().put("users", digest.users()).put("digest", digest.hex());
    }

    static ObjectNode windows(List<WindowCounts> windows) {
        ObjectNode json = object();
        ArrayNode list = json.putArray("windows");
        windows.forEach(window -> list.add(window(window)));
        return json;
    }

    private static ObjectNode window(WindowCounts window) {
        ObjectNode json = object().put("windowStart", window.windowStart().toString())
                .put("users", window.groups().stream().mapToLong(Group::users).sum());
        ArrayNode groups = json.putArray("groups");
        window.groups()
                .forEach(group -> groups.addObject()
                        .put("nationality", group.nationality())
                        .put("gender", group.gender())
                        .put("users", group.users())
                        .put("meanAge", meanAge(group)));
        return json;
    }

    /** Years, to two decimals; null when nobody's age is known. */
    private static @Nullable Double meanAge(Group group) {
        return group.aged() == 0 ? null : Math.round(100.0 * group.ageSum() / group.aged()) / 100.0;
    }

    static ObjectNode health(boolean up, Map<String, Optional<String>> dependencies, Set<String> required) {
        ObjectNode json = object().put("status", up ? "up" : "down");
        ObjectNode each = json.putObject("dependencies");
        dependencies.forEach((name, missing) ->
                each.put(name, missing.isEmpty() ? "up" : required.contains(name) ? "down" : "down (optional)"));
        ObjectNode reasons = object();
        dependencies.forEach((name, missing) -> missing.ifPresent(reason -> reasons.put(name, reason)));
        if (!reasons.isEmpty()) {
            json.set("reasons", reasons);
        }
        return json;
    }
}
