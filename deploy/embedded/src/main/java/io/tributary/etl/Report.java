package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.Addresses;
import io.tributary.etl.Reconciliation.Drift;
import io.tributary.etl.Reconciliation.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is printed for people on standard output. */
final class Report {
    private static final int ID_SHOWN = 8;

    private Report() {}

    /** The four stores, the verdict, and where they differ. */
    static List<String> reconciliation(Reconciliation result) {
        Table table = new Table("store", ">users", "digest", "equal");
        Store ledger = result.ledger();
        for (Store store : result.stores()) {
            String equal = store.name().equals(ledger.name()) ? "" : store.agreesWith(ledger) ? "yes" : "NO";
            table.row(title(store.name()), Text.count(store.users()), store.digest(), equal);
        }
        List<String> lines = new ArrayList<>(table.lines());
        long repeats = result.kafkaRecords() - result.kafkaUsers();
        if (repeats > 0) {
            lines.add("Kafka holds " + Text.count(repeats) + " repeated records, which count once.");
        }
        result.phantoms()
                .forEach(phantom -> lines.add("Kafka holds " + Text.count(phantom.records())
                        + (phantom.records() == 1 ? " record" : " records") + " of run " + Text.printable(phantom.run())
                        + ", which the ledger does not know: a phantom, and counted in its windows."));
        lines.add("");
        if (result.equal()) {
            lines.add("Run " + result.run()
                    + (result.deep() ? " reconciles, user by user." : " reconciles: equal in all four stores."));
        } else {
            long places = result.driftTotal();
            lines.add("Run " + result.run() + " does NOT reconcile: " + Text.count(places)
                    + (places == 1 ? " difference." : " differences."));
            result.drift().forEach(drift -> lines.add("  " + place(drift)));
            if (places > result.drift().size()) {
                lines.add("  and " + Text.count(places - result.drift().size()) + " more");
            }
        }
        return lines;
    }

    private static String place(Drift drift) {
        return title(drift.store()) + ", page " + drift.page()
                + drift.position().map(p -> ", position " + p).orElse("")
                + ": " + Text.printable(drift.what());
    }

    private static String title(String store) {
        return switch (store) {
            case "postgres" -> "PostgreSQL";
            case "kafka" -> "Kafka";
            case "cassandra" -> "Cassandra";
            default -> Text.printable(store);
        };
    }

    /** What is to be said of a run beside its reconciliation; often nothing. */
    static List<String> run(Run run) {
        List<String> lines = new ArrayList<>();
        if (run.state() == Run.State.CANCELLED) {
            String cause = run.cause().isEmpty() ? "" : " (" + Text.printable(run.cause()) + ")";
            lines.add("The run was cancelled" + cause + ": "
                    + Text.count(run.progress().captured()) + " of " + Text.count(run.users()) + " users came.");
        }
        if (run.quarantined() > 0) {
            lines.add(Text.count(run.quarantined()) + " of " + Text.count(run.pages())
                    + " pages were given up (quarantined); the log of ingest says why.");
            lines.add("Once that is mended: ./etl redrive " + run.id());
        }
        if (run.progress().deadLetters() > 0) {
            lines.add(Text.count(run.progress().deadLetters())
                    + " users were set aside with a reason: table dead_letter in PostgreSQL.");
        }
        return lines;
    }

    static List<String> state(Run run) {
        return List.of("run " + run.id() + " is " + lower(run.state()) + ", "
                + Text.count(run.progress().captured()) + " users captured");
    }

    static List<String> redrive(Redrive redriven) {
        String pages = redriven.pages() == 0
                ? "no page is in quarantine"
                : Text.count(redriven.pages()) + (redriven.pages() == 1 ? " page is" : " pages are") + " tried again";
        return List.of(
                "run " + redriven.run().id() + " is " + lower(redriven.run().state()) + ", " + pages);
    }

    /** How a replay has ended, and how far it came. */
    static List<String> replay(Replay replay) {
        String end = switch (replay.state()) {
            case RUNNING -> " goes on.";
            case COMPLETE -> " is complete.";
            case FAILED -> " has FAILED: " + Text.printable(replay.cause().orElse("no cause is told"));
            case CANCELLED -> " was cancelled: its ingest has ended. The same again does no harm.";
        };
        return List.of(
                "Replay " + replay.id() + end,
                Text.count(replay.records()) + " records, " + pages(replay) + ", are in topic "
                        + Text.printable(replay.topic()) + ".");
    }

    /** {@code 3 of 10 pages}; pages that were never captured are among the ten. */
    static String pages(Replay replay) {
        return Text.count(replay.pages())
                + replay.pagesTotal().map(total -> " of " + Text.count(total)).orElse("") + " pages";
    }

    /** What a run would be, and whether it could be. */
    static List<String> plan(RunOrder order, Plan plan) {
        Table table = new Table("plan", "");
        table.row(
                "users",
                Text.count(order.users()) + " in " + Text.count(plan.pages()) + (plan.pages() == 1 ? " page" : " pages")
                        + " of at most " + Text.count(order.pageSize()));
        table.row("window", order.windowStart() + " to " + order.windowEnd());
        table.row(
                "first page",
                Text.count(plan.users()) + " of " + Text.count(plan.asked()) + " users came, "
                        + Text.count(plan.deadLetters()) + " would be set aside, " + Text.count(plan.bodyBytes())
                        + " bytes");
        table.row("schema", plan.subject() + (plan.isCompatible() ? " fits" : " does NOT fit"));
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        lines.add("Nothing of it was written.");
        return lines;
    }

    private static String lower(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    static List<String> runs(List<Run> runs) {
        if (runs.isEmpty()) {
            return List.of("no runs yet; start one with: ./etl run");
        }
        Table table = new Table("run", "state", ">users", ">captured", "window from", "created");
        for (Run run : runs) {
            table.row(
                    run.id().substring(0, Math.min(run.id().length(), ID_SHOWN)),
                    lower(run.state()),
                    Text.count(run.users()),
                    100 * run.progress().captured() / Math.max(run.users(), 1) + " %",
                    minute(run.windowStart()),
                    minute(run.createdAt()));
        }
        return table.lines();
    }

    /** {@code 2026-01-01 00:00} of an ISO instant. */
    static String minute(String instant) {
        return instant.length() < 16 ? instant : instant.substring(0, 16).replace('T', ' ');
    }

    static List<String> windows(JsonNode answer) {
        Table table = new Table("window from", "nationality", "gender", ">users", ">mean age");
        for (JsonNode window : answer.path("windows")) {
            String from = minute(window.path("windowStart").asText(""));
            table.row(from, "all", "", Text.count(window.path("users").asLong()), "");
            for (JsonNode group : window.path("groups")) {
                table.row(
                        "",
                        group.path("nationality").asText(""),
                        group.path("gender").asText(""),
                        Text.count(group.path("users").asLong()),
                        String.format(Locale.ROOT, "%.1f", group.path("meanAge").asDouble()));
            }
        }
        List<String> lines = table.lines();
        return lines.size() == 1 ? List.of("no windows yet") : lines;
    }

    /** Where everything is, and how to go on. */
    static List<String> addresses(Addresses at, Path logs, Path here) {
        Table table = new Table("part", "where");
        at.ingestUrl().ifPresent(url -> {
            table.row("API", url + "/api/v1/runs");
            table.row("metrics", url + "/metrics");
        });
        at.postgres().ifPresent(db -> {
            table.row(
                    "PostgreSQL",
                    "psql -h " + db.host() + " -p " + db.port() + " -U " + db.user() + " " + db.database());
            table.row("  password", "in " + Text.path(db.passwordFile(), here));
        });
        at.kafkaBootstrap().ifPresent(address -> table.row("Kafka", address));
        at.registryUrl().ifPresent(url -> table.row("registry", url));
        at.cassandraContact()
                .ifPresent(address -> table.row("Cassandra", address + ", data center " + at.datacenter()));
        at.zookeeper().ifPresent(address -> table.row("ZooKeeper", address));
        at.sourceUrl().ifPresent(url -> table.row("source", url));
        at.airflowUrl().ifPresent(url -> {
            table.row("Airflow", url);
            table.row(
                    "  password",
                    "in " + Text.path(logs.resolveSibling("airflow").resolve("passwords.json"), here));
        });
        at.airflowMetricsUrl().ifPresent(url -> table.row("  metrics", url));
        table.row("logs", Text.path(logs, here));
        return table.lines();
    }
}
