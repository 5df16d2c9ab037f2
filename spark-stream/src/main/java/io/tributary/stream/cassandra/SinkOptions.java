package io.tributary.stream.cassandra;

import java.io.Serializable;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the user of the sink asked for, checked. Statements held by a task, at most: {@code inFlight} on their way and
 * {@link OpenBatches#MOST_OPEN} open batches of {@code batchRows}.
 *
 * @param contactPoints {@code host:port}, at least one
 * @param datacenter the driver's local data center
 * @param tables written to; one, or those that {@code tableColumn} may name
 * @param tableColumn string column of the row that names its table, null when there is one table
 * @param timestampColumn bigint column with the write timestamp, null for Cassandra's own clock; microseconds by convention
 * @param consistency a name such as {@code LOCAL_QUORUM}
 * @param inFlight statements of one task that are not answered yet, 1 to 4,096
 * @param batchRows rows that may share an unlogged batch, 1 (none) to 1,000
 * @param batchBy which rows may
 * @param requestTimeout of one statement, and of each step of connecting
 * @param retryFor how long a statement is tried, and a first connection waited for
 * @param guard TLS and login
 */
record SinkOptions(
        List<String> contactPoints,
        String datacenter,
        String keyspace,
        List<String> tables,
        @Nullable String tableColumn,
        @Nullable String timestampColumn,
        String consistency,
        int inFlight,
        int batchRows,
        OpenBatches.Sharing batchBy,
        Duration requestTimeout,
        Duration retryFor,
        Guard guard)
        implements Serializable {
    private static final int DEFAULT_PORT = 9042;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");
    private static final Set<String> SPARKS_OWN = Set.of("checkpointlocation", "path", "queryname");
    private static final Set<String> CONSISTENCIES =
            Set.of("ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_ONE", "LOCAL_QUORUM", "EACH_QUORUM");

    /** Reads options whose keys are in any case; throws {@link IllegalArgumentException} naming the option. */
    static SinkOptions of(Map<String, String> given) {
        Reading read = new Reading(given);
        @Nullable String tableColumn = read.optional("tableColumn");
        List<String> tables = tableColumn == null
                ? List.of(read.required("table", "the name of a table"))
                : read.list("tables", "names of tables, with commas between");
        SinkOptions options = new SinkOptions(
                read.list("contactPoints", "host:port, with commas between"),
                read.required("datacenter", "the name of the local data center"),
                read.required("keyspace", "the name of a keyspace"),
                tables,
                tableColumn,
                read.optional("timestampColumn"),
                read.consistency("consistency", "LOCAL_QUORUM"),
                read.whole("inFlight", 256, 4096),
                read.whole("batchRows", 1, 1000),
                read.sharing("batchBy", OpenBatches.Sharing.PARTITION),
                read.duration("requestTimeout", Duration.ofSeconds(15)),
                read.duration("retryFor", Duration.ofMinutes(2)),
                new Guard(read.optional("authoritiesFile"), read.optional("user"), read.optional("passwordFile")));
        read.refuseUnknown();
        options.contactPoints.forEach(SinkOptions::address);
        return options;
    }

    List<InetSocketAddress> addresses() {
        return contactPoints.stream().map(SinkOptions::address).toList();
    }

    private static InetSocketAddress address(String contact) {
        int colon = contact.lastIndexOf(':');
        try {
            return colon < 0
                    ? new InetSocketAddress(contact, DEFAULT_PORT)
                    : new InetSocketAddress(
                            contact.substring(0, colon), Integer.parseInt(contact.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("contactPoints=" + contact + ", expected host:port", e);
        }
    }

    /** The options as given, and which of them were asked for. */
    private static final class Reading {
        private final Map<String, String> values = new TreeMap<>();
        private final Set<String> known = new TreeSet<>();

        Reading(Map<String, String> given) {
            given.forEach((key, value) -> values.put(key.toLowerCase(Locale.ROOT), value.trim()));
        }

        @Nullable
        String optional(String key) {
            known.add(key);
            String value = values.remove(key.toLowerCase(Locale.ROOT));
            return value == null || value.isEmpty() ? null : value;
        }

        String required(String key, String expected) {
            String value = optional(key);
            if (value == null) {
                throw new IllegalArgumentException("option " + key + " is not set, expected " + expected);
            }
            return value;
        }

        List<String> list(String key, String expected) {
            List<String> parts = new ArrayList<>();
            for (String part : required(key, expected).split(",", -1)) {
                if (part.isBlank()) {
                    throw new IllegalArgumentException("option " + key + " has an empty part, expected " + expected);
                }
                parts.add(part.trim());
            }
            return List.copyOf(parts);
        }

        int whole(String key, int fallback, int most) {
            String value = optional(key);
            try {
                int number = value == null ? fallback : Integer.parseInt(value);
                if (number >= 1 && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new IllegalArgumentException("option " + key + "=" + value + ", expected 1.." + most);
        }

        Duration duration(String key, Duration fallback) {
            String value = optional(key);
            if (value == null) {
                return fallback;
            }
            Matcher matcher = DURATION.matcher(value);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("option " + key + "=" + value + ", expected such as 500ms, 15s, 2m");
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                default -> Duration.ofMinutes(amount);
            };
        }

        String consistency(String key, String fallback) {
            String value = optional(key);
            String name = value == null ? fallback : value.toUpperCase(Locale.ROOT);
            if (!CONSISTENCIES.contains(name)) {
                throw new IllegalArgumentException(
                        "option " + key + "=" + value + ", expected one of " + new TreeSet<>(CONSISTENCIES));
            }
            return name;
        }

        OpenBatches.Sharing sharing(String key, OpenBatches.Sharing fallback) {
            String value = optional(key);
            if (value == null) {
                return fallback;
            }
            return Arrays.stream(OpenBatches.Sharing.values())
                    .filter(sharing -> sharing.name().equalsIgnoreCase(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "option " + key + "=" + value + ", expected partition or nodes"));
        }

        void refuseUnknown() {
            Set<String> unknown = new TreeSet<>(values.keySet());
            unknown.removeAll(SPARKS_OWN);
            if (!unknown.isEmpty()) {
                throw new IllegalArgumentException("unknown options " + unknown + ", known are " + known);
            }
        }
    }
}
