package io.tributary.etl;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How a run is named on the command line: its id, a beginning of it that only one has, or {@code latest}. */
final class RunRef {
    static final String HELP = "A run's id, a beginning of it, or latest.";

    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern BEGINNING = Pattern.compile("[0-9a-f-]{1,36}");

    /** As many as the control API gives at once; older runs are named by their whole id. */
    private static final int LOOKED_AT = 100;

    private RunRef() {}

    /** The id of the run meant. */
    static String resolve(String given, ControlApi api) {
        String name = given.toLowerCase(Locale.ROOT);
        if (ID.matcher(name).matches()) {
            return name;
        }
        if (!name.equals("latest") && !BEGINNING.matcher(name).matches()) {
            throw EtlFailure.usage(
                    "'" + Text.printable(given) + "' is no run, expected an id, its beginning, or latest");
        }
        List<String> ids =
                ControlApi.runsIn(api.runs(LOOKED_AT)).stream().map(Run::id).toList();
        return among(name, ids);
    }

    /** @param ids newest first */
    static String among(String name, List<String> ids) {
        if (name.equals("latest")) {
            return ids.stream()
                    .findFirst()
                    .orElseThrow(() -> EtlFailure.usage("there is no run yet; start one with ./etl run"));
        }
        List<String> found = ids.stream().filter(id -> id.startsWith(name)).toList();
        if (found.size() > 1) {
            throw EtlFailure.usage("'" + name + "' is the beginning of " + found.size() + " runs: "
                    + String.join(", ", found.subList(0, Math.min(found.size(), 5))));
        }
        return found.stream()
                .findFirst()
                .orElseThrow(() -> EtlFailure.usage(
                        "no run begins with '" + name + "' among the latest " + ids.size() + "; see ./etl runs"));
    }
}
